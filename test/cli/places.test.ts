// Where a spec is and where its agents work.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkPlaces, placesOf, specsNearby } from '../../src/cli/places.ts';
import { taskFilesIn } from '../../src/cli/task-files-in.ts';
import { SPEC_HOMES } from '../../src/compose/spec-homes.ts';

let root = '';
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'seqrun-places-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const file = (path: string, text = '') => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

it('infers the workdir: above .kiro/specs, else the git top level, else two folders up', () => {
  file('repo/.git/HEAD');
  file('repo/packages/a/.kiro/specs/x/tasks.md');
  file('repo/docs/specs/y/tasks.md');
  file('plain/specs/z/tasks.md');
  expect(placesOf('repo/packages/a/.kiro/specs/x', null, root).workdir).toBe(join(root, 'repo/packages/a'));
  expect(placesOf('repo/docs/specs/y/', null, root).workdir).toBe(join(root, 'repo'));
  expect(placesOf('plain/specs/z', null, root).workdir).toBe(join(root, 'plain'));
  expect(placesOf('plain/specs/z', 'else', root).workdir).toBe(join(root, 'else'));
});

it('without git goes no higher than where the command was typed, if the spec is in there', () => {
  file('home/proj/spec/tasks.md');
  file('home/proj/tasks.md');
  const at = join(root, 'home/proj');
  expect(placesOf('spec', null, at).workdir).toBe(at);
  expect(placesOf('.', null, at).workdir).toBe(at);
  expect(placesOf('.', null, join(at, 'spec')).workdir).toBe(join(at, 'spec'));
  expect(placesOf(join(at, 'spec'), null, root).workdir).toBe(join(root, 'home'));
  expect(placesOf(join(at, 'spec'), null, join(root, 'home/other')).workdir).toBe(join(root, 'home'));
});

it('takes a worktree, whose .git is a file', () => {
  file('tree/.git');
  expect(placesOf('tree/a/b/c', null, root).workdir).toBe(join(root, 'tree'));
});

it('passes over an empty .git folder, as git does', () => {
  mkdirSync(join(root, '.git'));
  file('plain/specs/z/tasks.md');
  expect(placesOf('plain/specs/z', null, root).workdir).toBe(join(root, 'plain'));
});

it('takes a task file for its folder', () => {
  file('s/tasks.md');
  file('s/todos.json');
  mkdirSync(join(root, 'odd.md'));
  expect(placesOf('s/tasks.md', null, root)).toMatchObject({
    folder: join(root, 's'),
    tasksPath: join(root, 's/tasks.md'),
  });
  expect(placesOf('s/todos.json', null, root)).toMatchObject({
    folder: join(root, 's'),
    tasksPath: join(root, 's/todos.json'),
  });
  expect(placesOf('odd.md', null, root)).toMatchObject({ tasksPath: join(root, 'odd.md/tasks.md') });
  expect(placesOf('gone/tasks.md', null, root).folder).toBe(join(root, 'gone'));
});

it('keeps the state of each task file in a folder apart', () => {
  const kept = (spec: string) => placesOf(spec, null, root).spec;
  file('s/tasks.md');
  file('s/backend.md');
  file('s/todos.json');
  symlinkSync('tasks.md', join(root, 's/now.md'));
  expect(['s', 's/tasks.md', 's/now.md'].map(kept)).toEqual(Array(3).fill(join(root, 's')));
  for (const other of ['s/backend.md', 's/todos.json', 's/gone.md']) expect(kept(other)).toBe(join(root, other));
  file('one/plan.md');
  file('list/todos.json');
  expect(kept('one/plan.md')).toBe(join(root, 'one/plan.md'));
  expect(['list', 'list/todos.json'].map(kept)).toEqual(Array(2).fill(join(root, 'list')));
});

it('says what is missing (66)', () => {
  file('.git/HEAD');
  file('.kiro/specs/checkout/tasks.md');
  file('.kiro/specs/empty/task.md', '- [ ] 1. A\n');
  file('.kiro/specs/empty/notes.md', 'Text.\n');
  file('.kiro/specs/login/tasks.md');
  const check = (spec: string, workdir: string | null = null) => checkPlaces(placesOf(spec, workdir, root), root);
  expect(check('.kiro/specs/checkout')).toBeNull();
  expect(check('.kiro/specs/logn')).toMatchObject({ exit: 66, next: '--spec .kiro/specs/login' });
  expect(check('nothing/like/it')).toMatchObject({ exit: 66, next: '--spec .kiro/specs/checkout' });
  expect(check('.kiro/specs/empty')).toMatchObject({ exit: 66, expected: 'a file tasks.md; here are task.md' });
  expect(check('.kiro/specs/checkout', 'none')).toMatchObject({ exit: 66, where: { name: join(root, 'none') } });
});

it('knows a folder of specs, and never takes the progress file for one with tasks', () => {
  file('.git/HEAD');
  file('.kiro/specs/SEQUENTIAL_PROGRESS.md');
  file('.kiro/specs/SEQUENTIAL_STATE.json');
  const check = () => checkPlaces(placesOf('.kiro/specs', null, root), root);
  expect(check()).toMatchObject({ exit: 66, next: 'write tasks.md, e.g. "- [ ] 1. Title"' });
  file('.kiro/specs/login/tasks.md');
  file('.kiro/specs/cart/tasks.md');
  expect(check()).toMatchObject({
    exit: 66,
    what: 'this folder holds specs and is none itself',
    expected: 'one of the specs in it: .kiro/specs/cart, .kiro/specs/login',
    next: '--spec .kiro/specs/cart',
  });
});

it('lists the specs nearby as they would be typed', () => {
  file('.git/HEAD');
  file('.kiro/specs/b/tasks.md');
  file('.kiro/specs/a/tasks.md');
  file('.kiro/specs/none/design.md');
  file('sub/specs/c/tasks.md');
  expect(specsNearby(root)).toEqual(['.kiro/specs/a', '.kiro/specs/b']);
  expect(specsNearby(join(root, '.kiro/specs/a'))).toEqual(['.', '../b']);
  expect(specsNearby(join(root, 'sub'))).toEqual(['specs/c', '../.kiro/specs/a', '../.kiro/specs/b']);
});

it('knows where each tool keeps its specs', () => {
  file('.git/HEAD');
  const specs = SPEC_HOMES.map(home => `${home}/a`);
  for (const spec of specs) file(`${spec}/tasks.md`);
  file('openspec/changes/archive/old/tasks.md');
  file('openspec/project.md', '# Project\n');
  expect(specsNearby(root)).toEqual(specs);
  file('tasks.md');
  expect(specsNearby(root)[0]).toBe('.');
});

it('proposes only what has tasks', () => {
  file('.git/HEAD');
  file('openspec/project.md', '# Project\n\n- Rust\n');
  const check = (spec: string) => checkPlaces(placesOf(spec, null, root), root);
  expect(check('openspec')).toMatchObject({ next: 'write tasks.md, e.g. "- [ ] 1. Title"' });
  expect(check('gone')).toMatchObject({ next: null });
  file('openspec/changes/add-cart/tasks.md');
  expect(check('openspec')).toMatchObject({ next: '--spec openspec/changes/add-cart' });
  expect(check('gone')).toMatchObject({ next: '--spec openspec/changes/add-cart' });
});

it.each<[string, string, boolean]>([
  ['plan.md', '# Plan\n\n- [x] One\n', true],
  ['plan.md', '### Task 1: One\n', true],
  ['plan.md', '## [ ] One\n', true],
  ['plan.md', 'See [a](b) and [x].\n- one\n', false],
  ['list.json', '[{ "id": "1", "title": "A", "status": "pending" }]', true],
  ['package.json', '{ "name": "shop", "description": "A shop" }', false],
  ['SEQUENTIAL_PROGRESS.md', '- [x] 1\n', false],
])('a folder with %s of %j has a task file: %s', (name, text, has) => {
  file(`s/${name}`, text);
  expect(taskFilesIn(join(root, 's'))).toEqual(has ? [name] : []);
});
