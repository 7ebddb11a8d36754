// Runs that go on from what other versions have left: nothing is done twice, nothing is lost.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { findPlaces } from '../../src/adapters/files/paths.ts';
import { readFrozen } from '../history.ts';
import { makeWorld, type World } from './harness.ts';

let world: World;
afterEach(() => world.close());

const common = ['--no-assign', '--no-tmux', '--delay', '0'];

test('a journal, state and progress file of the first version', async () => {
  const script = { '.kiro/specs/packing-list/rehearsal.json': '{ "paceMs": 0, "default": "done" }' };
  world = makeWorld({ tasks: readFrozen('first/groups/tasks.md'), spec: 'packing-list', files: script });
  const places = await findPlaces({ env: world.env, specFolder: world.specFolder, workspace: world.repo });
  mkdirSync(dirname(places.journal), { recursive: true, mode: 0o700 });
  writeFileSync(places.journal, readFrozen('first/groups/journal.jsonl'));
  writeFileSync(places.stateFile, readFrozen('first/groups/state.json'));
  const progress = readFrozen('first/groups/progress.md');
  writeFileSync(places.progressFile, progress);
  const { code, err } = await world.run(['--spec', '.kiro/specs/packing-list', '--backend', 'rehearsal', ...common]);
  expect(code, err).toBe(0);
  const intended = world.events('packing-list').filter(event => event.type === 'start.intended');
  expect(intended.map(({ n, unit, mode }) => `${n} ${unit} ${mode}`).slice(2)).toEqual([
    '3 3 follow_up',
    '4 4 attempt',
    '5 2 attempt',
    '6 5 attempt',
  ]);
  expect(world.state()).toMatchObject({ iterations: 6, last_start: 6, halted: false });
  expect(readFileSync(places.journal, 'utf8').startsWith(readFrozen('first/groups/journal.jsonl'))).toBe(true);
  // Its entries are known again by their markers.
  expect(world.progress().startsWith(progress)).toBe(true);
  expect(world.progress().match(/^## Iteration \d+$/gm)).toEqual([1, 2, 3, 4, 5, 6].map(k => `## Iteration ${k}`));
});

test('the flat state file of the reference, with the header of its progress file', async () => {
  world = makeWorld({ tasks: readFrozen('flat/tasks.md'), spec: 'checkout' });
  writeFileSync(join(world.specsFolder, 'SEQUENTIAL_STATE.json'), readFrozen('flat/state.json'));
  writeFileSync(join(world.specsFolder, 'SEQUENTIAL_PROGRESS.md'), readFrozen('flat/progress.md'));
  world.codex('done_');
  const words = ['resume', '--answer', 'the first', '--spec', '.kiro/specs/checkout', '--backend', 'codex', ...common];
  const { code, err } = await world.run(words);
  expect(code, err).toBe(0);
  expect(world.starts()).toEqual(['3', '4']);
  expect(world.tasks()).not.toContain('[ ]');
  expect(world.progress().startsWith(readFrozen('flat/progress.md'))).toBe(true);
});
