// How the rehearsal agent is called, finds its script, counts and remembers.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundleProgram, type Ended, stage } from './program.ts';

let program: ReturnType<typeof bundleProgram>;
const stages: ReturnType<typeof stage>[] = [];

beforeAll(() => {
  program = bundleProgram();
});
afterAll(() => program.remove());
afterEach(() => {
  for (const one of stages.splice(0)) one.remove();
});

const staged = (script: unknown) => {
  const one = stage(program.script, script);
  stages.push(one);
  return one;
};
const error = (ended: Ended): string => {
  const line = ended.lines.at(-1);
  if (ended.code !== 1 || line?.type !== 'error') throw new Error(`no error: ${JSON.stringify(ended)}`);
  return line.message;
};
const kinds = (ended: Ended) => ended.lines.map(line => line.type);

describe('arguments', () => {
  it('session and model come back in the first line', async () => {
    const ended = await staged({}).run({ args: ['--session-id', 'abc', '--model', 'paper'] });
    expect(ended.lines[0]).toEqual({ type: 'init', session: 'abc', model: 'paper' });
  });

  it.each([
    [[], /no session is given; expected --session-id <id>/],
    [['--session-id', 'a', '--resume', 'b'], /both --session-id and --resume/],
    [['--sesion', 'a'], /--sesion/],
    [['--session-id', 'a', 'stray'], /stray/],
  ])('%j is refused', async (args, message) => {
    expect(error(await staged({}).run({ args }))).toMatch(message);
  });

  it('a start without a unit is refused', async () => {
    expect(error(await staged({}).run({ unit: '' }))).toMatch(/SEQRUN_UNIT is not set/);
  });
});

describe('the script', () => {
  it('that is wrong ends the start with every mistake and counts nothing', async () => {
    const shop = staged({ units: { 7: 'explode' }, paceMs: 'fast' });
    const message = error(await shop.run());
    expect(message).toMatch(/units\.7 is "explode"; the behaviours are done, complete/);
    expect(message).toMatch(/paceMs is "fast"/);
    expect(existsSync(join(shop.root, 'state'))).toBe(false);
  });

  it('is found by SEQRUN_REHEARSAL before the prompt, as folder or file', async () => {
    const shop = staged({ default: 'done' });
    const other = join(shop.root, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'rehearsal.json'), '{"default":"question","paceMs":0}');
    for (const named of [other, join(other, 'rehearsal.json')]) {
      await shop.run({ env: { SEQRUN_REHEARSAL: named } });
    }
    expect(shop.starts().map(line => line.do)).toEqual(['question', 'question']);
  });

  it('is found by the name of the spec when the prompt names nothing', async () => {
    const shop = staged({});
    await shop.run({ prompt: 'do it' });
    expect(shop.starts()).toMatchObject([{ do: 'done', spec: shop.spec, title: '(the prompt has no heading)' }]);
  });

  it('that is nowhere is asked for, with the places looked at', async () => {
    const shop = staged({});
    const message = error(await shop.run({ prompt: 'see @docs/tasks.md', env: { SEQRUN_SPEC: 'none' } }));
    expect(message).toContain(join(shop.workspace, 'docs/rehearsal.json'));
    expect(message).toContain(join(shop.workspace, '.kiro/specs/none/rehearsal.json'));
    expect(message).toContain('for example { "default": "done" }');
  });
});

describe('counting', () => {
  it('goes on over starts, for each unit and each spec by itself', async () => {
    const shop = staged({ units: { 1: ['limit', 'question', 'done'] }, default: ['fail', 'done'] });
    expect(kinds(await shop.run({ unit: '1' })).at(-1)).toBe('limit');
    expect(kinds(await shop.run({ unit: '2' })).at(-1)).toBe('error');
    await shop.run({ unit: '1' });
    await shop.run({ unit: '1' });
    await shop.run({ unit: '2' });
    expect(shop.starts().map(({ unit, nth, do: what }) => `${unit} ${nth} ${what}`)).toEqual([
      '1 1 limit',
      '2 1 fail',
      '1 2 question',
      '1 3 done',
      '2 2 done',
    ]);
  });

  it('passes over a torn line and writes the next one whole', async () => {
    const shop = staged({ units: { 1: ['limit', 'done'] } });
    await shop.run();
    appendFileSync(join(shop.root, 'state/seqrun/rehearsal/starts.jsonl'), '{"spec":"/x","un');
    expect(kinds(await shop.run()).at(-1)).toBe('result');
    const text = readFileSync(join(shop.root, 'state/seqrun/rehearsal/starts.jsonl'), 'utf8');
    expect(text.split('\n')).toHaveLength(4);
    expect(JSON.parse(text.split('\n')[2]!)).toMatchObject({ nth: 2, do: 'done' });
  });

  it('is written to the log that the script asks for, too', async () => {
    const shop = staged({ log: '../starts.jsonl' });
    await shop.run({ env: { SEQRUN_START: 'mark-1', SEQRUN_ATTEMPT: '2' } });
    expect(JSON.parse(shop.read('.kiro/specs/starts.jsonl')!)).toMatchObject({
      unit: '1',
      nth: 1,
      do: 'done',
      start: 'mark-1',
      session: 'session-1',
      resumed: false,
      attempt: '2',
      workspace: shop.workspace,
      alive_before: [],
    });
  });

  it('leaves nothing of itself in the workspace', async () => {
    const shop = staged({ default: 'halt' });
    await shop.run();
    expect(existsSync(join(shop.workspace, 'rehearsed'))).toBe(false);
    expect(existsSync(join(shop.root, '.local'))).toBe(false);
  });
});

describe('memory', () => {
  it('knows spec and title of a session that is gone on with', async () => {
    const shop = staged({ units: { 1: ['question', 'done'] } });
    await shop.run({ env: { SEQRUN_SPEC: '' } });
    const ended = await shop.run({
      args: ['--resume', 'session-1'],
      prompt: '# 1 Opening hours: one more turn\n',
      env: { SEQRUN_SPEC: '' },
    });
    expect(ended.code).toBe(0);
    expect(JSON.stringify(ended.lines[1])).toContain('I go on with 1 Opening hours.');
    expect(shop.starts()[1]).toMatchObject({ resumed: true, nth: 2, title: 'Opening hours' });
  });

  it.skipIf(!existsSync('/proc/self/environ'))('names a start that still lives when the next one begins', async () => {
    const shop = staged({ units: { 1: 'hang' } });
    const first = shop.start({ unit: '1', env: { SEQRUN_START: 'mark-1' } });
    await first.sees(line => line.type === 'text' && /silent/.test(line.text));
    await shop.run({ unit: '2', env: { SEQRUN_START: 'mark-2' } });
    first.child.kill('SIGTERM');
    await first.ended;
    await shop.run({ unit: '3', env: { SEQRUN_START: 'mark-3' } });
    expect(shop.starts().map(line => line.alive_before)).toEqual([[], [first.child.pid], []]);
  });
});

it('an id that is no file name makes a plain one', async () => {
  const shop = staged({});
  await shop.run({ unit: '../../x y' });
  expect(existsSync(join(shop.workspace, 'rehearsed/_.._x_y.md'))).toBe(true);
});
