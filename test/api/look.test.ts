// Plans and states as values, and what options that are wrong are answered with.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { planSpec, type RunOptions, readState, runSpec, SeqrunError } from '../../src/api/index.ts';
import { makeFolder } from '../cli/in-process.ts';
import { makeWorld, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = makeWorld();
});
afterEach(() => world.close());

const at = (more: Partial<RunOptions> = {}) => ({ cwd: world.root, env: world.options.env, ...more });

const refusal = async (doing: Promise<unknown>): Promise<SeqrunError> => {
  const error = await doing.then(
    () => null,
    error => error,
  );
  expect(error).toBeInstanceOf(SeqrunError);
  return error;
};

it('gives the plan that the command prints', async () => {
  const folder = makeFolder();
  try {
    const tasks = '- [x] 1. A\n- [ ] 2. B\n  - [ ] 2.1 C\n  - [ ]* 2.2 D\n- [ ] 3. E\n  - Depends on: 9\n';
    folder.write(tasks);
    world.write('.kiro/specs/cart/tasks.md', tasks);
    for (const [words, options] of [
      ['', {}],
      [' --granularity leaf --include-optional', { granularity: 'leaf', includeOptional: true }],
      [' --only 2', { only: ['2'] }],
    ] as const) {
      const { stdout } = await folder.run(`plan .kiro/specs/cart --json${words}`);
      expect(await planSpec(at({ spec: '.kiro/specs/cart', ...options }))).toEqual(JSON.parse(stdout));
    }
  } finally {
    folder.close();
  }
});

it('gives the state that the command prints, of the only spec too', async () => {
  const folder = makeFolder();
  try {
    folder.write('- [ ] 1. First\n- [ ] 2. Second\n');
    const { now: _, ...printed } = JSON.parse((await folder.run('status --json')).stdout);
    for (const options of [at(), at({ cwd: '/', workdir: world.root }), at({ spec: '.kiro/specs/cart' })]) {
      const { now: _, ...state } = await readState(options);
      expect(state).toEqual(printed);
    }
  } finally {
    folder.close();
  }
});

it('has what is wrong with the file in the plan, and rejects where there is none', async () => {
  world.write('.kiro/specs/cart/tasks.md', '- [ ] 1. A\n  - Depends on: 7\n');
  const plan = await planSpec(at({ spec: '.kiro/specs/cart' }));
  expect(plan.diagnostics).toMatchObject([{ severity: 'error', line: 2 }]);
  expect(await refusal(planSpec(at({ spec: 'nowhere' })))).toMatchObject({ code: 'missingInput', exit: 66 });
});

it.each<[string, object, Partial<SeqrunError>]>([
  ['an unknown key', { dealy: 5 }, { what: expect.stringContaining('"dealy"'), next: 'did you mean "delay"?' }],
  [
    'a value out of bounds',
    { delay: -1 },
    {
      what: '"delay" in the options object is the number -1',
      where: { name: 'options.delay' },
      next: '{ "delay": 15 }',
    },
  ],
  ['a choice', { onFail: 'stopp' }, { expected: expect.stringContaining('did you mean stop?') }],
  ['an agent', { backend: 'codx' }, { what: expect.stringContaining('"codx"') }],
  ['a gate', { verify: { test: { command: 'x', timeout: 5 } } }, { where: { name: 'options.verify.test.timeout' } }],
  ['an agent of its own', { agents: { mine: {} } }, { where: { name: 'options.agents.mine' } }],
  ['two that contradict', { only: '1', from: '1' }, { what: expect.stringContaining('contradict') }],
  ['what only commands take', { json: true }, { what: '"json" is no option here' }],
  ['what is decided for one run', { fresh: true }, { what: '"fresh" is no option here' }],
  ['a variable', { env: { SEQRUN_DELAY: 'soon' } }, { what: 'SEQRUN_DELAY is "soon"' }],
])('refuses %s', async (_, options, expected) => {
  const error = await refusal(planSpec({ ...at({ spec: '.kiro/specs/cart' }), ...options } as RunOptions));
  expect(error).toMatchObject({ name: 'SeqrunError', code: 'usage', exit: 64, ...expected });
  expect(error.message).toContain(error.what);
});

it('tells all that is wrong at once, and leaves undefined ones alone', async () => {
  const error = await refusal(planSpec(at({ spec: '.kiro/specs/cart', delay: -1, maxAttempts: 0 })));
  expect(error.troubles.map(({ where }) => where?.name)).toEqual(['options.delay', 'options.maxAttempts']);
  const plan = await planSpec(at({ spec: '.kiro/specs/cart', delay: undefined, only: undefined }));
  expect(plan.units).toHaveLength(2);
});

it('takes agents of its own from the options, and settings from the config file', async () => {
  world.write('seqrun.config.json', '{ "granularity": "leaf" }');
  world.write('.kiro/specs/cart/tasks.md', '- [ ] 1. A\n  - [ ] 1.1 B\n  - [ ] 1.2 C\n');
  const options = at({ spec: '.kiro/specs/cart', agents: { mine: { command: 'true' } }, backend: 'mine' });
  expect((await planSpec(options)).units.map(({ id }) => id)).toEqual(['1.1', '1.2']);
});

it('takes no options as none', async () => {
  const here = process.cwd();
  // There is no spec, so that nothing is run.
  const empty = mkdtempSync(join(tmpdir(), 'seqrun-api-'));
  process.chdir(empty);
  try {
    for (const [none, given] of [
      [planSpec(), planSpec({})],
      [readState(), readState({})],
      [runSpec().result, runSpec({}).result],
    ] as const)
      expect((await refusal(none)).message).toBe((await refusal(given)).message);
  } finally {
    process.chdir(here);
    rmSync(empty, { recursive: true });
  }
});
