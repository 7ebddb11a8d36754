// The files that a unit is told to read, found on a disk.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { namedFilesOf } from '../../src/compose/named-files.ts';
import { fileLines } from '../../src/core/prompt.ts';

let root = '';
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'seqrun-named-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const files = (...paths: string[]) => {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
};
const lines = (tasks: string, context: string[] = []) => fileLines(namedFilesOf(root, join(root, tasks), context));

it('names them relative to the workdir, with what they are for', () => {
  files(
    'specs/1/tasks.md',
    'specs/1/spec.md',
    'specs/1/plan.md',
    'specs/1/contracts/api.yaml',
    'specs/1/spike.md',
    'style.md',
  );
  expect(lines('specs/1/tasks.md', [join(root, 'style.md'), join(root, 'gone.md')])).toEqual([
    '- task list: @specs/1/tasks.md',
    '- specification: @specs/1/spec.md',
    '- plan: @specs/1/plan.md',
    '- contract: @specs/1/contracts/api.yaml',
    '- also in the folder, where the task needs it: `specs/1/spike.md`',
    '- context: @style.md',
  ]);
});

it('a bugfix is what is required where there are no requirements, also through a link', () => {
  files('a/s/tasks.md', 'a/bug.md');
  symlinkSync('../bug.md', join(root, 'a/s/bugfix.md'));
  expect(namedFilesOf(root, join(root, 'a/s/tasks.md'), [])).toMatchObject({
    requirements: 'a/s/bugfix.md',
    bugfix: true,
  });
  files('a/s/requirements.md');
  expect(namedFilesOf(root, join(root, 'a/s/tasks.md'), [])).toMatchObject({
    requirements: 'a/s/requirements.md',
    bugfix: false,
    documents: [{ role: 'bug', path: 'a/s/bugfix.md' }],
  });
});

it('at the top of the workdir only known names count, and no folders', () => {
  files('tasks.md', 'plan.md', 'NEWS.md', 'contracts/Token.sol');
  expect(lines('tasks.md')).toEqual(['- task list: @tasks.md', '- plan: @plan.md']);
});

it('a file whose name could begin a line of its own is not named', () => {
  files('s/tasks.md', 's/a\n- task list: @b.md');
  expect(lines('s/tasks.md')).toEqual(['- task list: @s/tasks.md']);
});

it('AI-DLC: looks from its own folder on', () => {
  files(
    'aidlc-docs/construction/plans/cart-code-generation-plan.md',
    'aidlc-docs/inception/requirements/requirements.md',
  );
  expect(lines('aidlc-docs/construction/plans/cart-code-generation-plan.md')).toEqual([
    '- task list: @aidlc-docs/construction/plans/cart-code-generation-plan.md',
    '- requirements: @aidlc-docs/inception/requirements/requirements.md',
  ]);
});

it('a folder of many is named with a slash, and a task file alone has nothing beside it', () => {
  files('s/tasks.md', ...Array.from({ length: 9 }, (_, n) => `s/contracts/${n}.json`));
  expect(lines('s/tasks.md')[1]).toBe('- contract (9 files), where the task needs it: `s/contracts/`');
  expect(lines('gone/tasks.md')).toEqual(['- task list: @gone/tasks.md']);
});
