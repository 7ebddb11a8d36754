// What a person decides after a run has stopped: answer, resume, retry, skip, accept, reset; and what is refused to an agent.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { makeWorld, rarely, threeUnits, until, type World } from './harness.ts';

let world: World;
afterEach(() => world?.close());

const spec = '.kiro/specs/demo';
const flags = ['--spec', spec, '--no-tmux', '--delay', '0'];
const seqrun = (...words: string[]) => world.run([...words, '--spec', spec]);
const log = `printf '%s\\n' "$ARGS" >>"$AGENT_LOG.args"; printf '%s' "$PROMPT" >"$AGENT_LOG.prompt.$UNIT.$K"\n`;
const args = (): string[] => readFileSync(`${world.env.AGENT_LOG}.args`, 'utf8').trim().split('\n');
const prompt = (unit: string, k: number): string => readFileSync(`${world.env.AGENT_LOG}.prompt.${unit}.${k}`, 'utf8');

describe('after a HALT', () => {
  const halted = async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex(`${log}[ "$UNIT$K" != 21 ] || halt "Which database shall it be?"\ndone_`);
    const run = await world.run(flags);
    expect(run.code, run.err).toBe(2);
    expect(run.out).toContain('Which database shall it be?');
    expect(run.out).toMatch(/next: seqrun resume --spec .kiro\/specs\/demo .*--answer "…"/);
    expect(world.starts()).toEqual(['1', '2']);
  };

  test('it is told everywhere, and a plain start starts nothing', async () => {
    await halted();
    expect((await seqrun('why')).out).toContain(
      'its last run ended with 2: unit 2 halted: Which database shall it be?',
    );
    expect((await seqrun('why', '2')).out).toMatch(
      /^2 is halted: Which database shall it be\?; seqrun resume --spec \.kiro\/specs\/demo --delay 0 --no-tmux --answer/,
    );
    expect((await seqrun('status')).out).toContain('? 2 Second thing — Which database shall it be?');
    expect((await seqrun('logs', '2')).out).toContain('I cannot go on.');
    expect((await seqrun('receipt', '2')).out).toContain('outcome: halted');
    expect(world.state()).toMatchObject({
      halted: true,
      halted_task: '2',
      halt_reason: 'Which database shall it be?',
      units: { 2: { status: 'halted' }, 3: { status: 'pending' } },
    });
    expect(world.progress()).toContain('- **Status:** Halted');
    expect(world.progress()).toContain('**Halted:** ');
    const again = await world.run(flags);
    expect([again.code, world.starts()]).toEqual([2, ['1', '2']]);
  });

  test('resume --answer: the same session is told the answer, then the rest', async () => {
    await halted();
    const session = world.state().units['2'].session_id;
    const resume = await world.run(['resume', '--answer', 'Use "SQLite"; $(not me)', ...flags]);
    expect(resume.code, resume.err).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '2', '3']);
    expect(args()[2]).toMatch(new RegExp(`^exec resume .*${session}`));
    expect(prompt('2', 2)).toContain('Use "SQLite"; $(not me)');
    expect(world.state()).toMatchObject({
      halted: false,
      units: { 2: { status: 'completed', attempts: 1, follow_ups: 1 } },
    });
  });

  rarely('resume without an answer, and --resume: it goes on in the same session', async () => {
    await halted();
    const session = world.state().units['2'].session_id;
    const resume = await world.run([...flags, '--resume']);
    expect(resume.code, resume.err).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '2', '3']);
    expect(args()[2]).toMatch(new RegExp(`^exec resume .*${session}`));
    // Nobody has said anything, and nothing else is claimed.
    expect(prompt('2', 2)).toContain('nobody has answered');
    expect(prompt('2', 2)).not.toMatch(/person has answered|says: go on/);
    expect(resume.err).toMatch(/warning: unit 2 halted: Which database shall it be\? .*nobody has answered/);
    expect(resume.err).toContain('seqrun resume --spec .kiro/specs/demo --delay 0 --no-tmux --answer "…"');
  });

  test('accept: it counts as done, its box is ticked, nothing is started for it', async () => {
    await halted();
    const accept = await seqrun('accept', '2');
    expect(accept.code, accept.err).toBe(0);
    expect(world.tasks()).toContain('- [x] 2.');
    const run = await world.run(flags);
    expect([run.code, world.starts()]).toEqual([0, ['1', '2', '3']]);
    expect((await seqrun('why', '2')).out).toMatch(/^2 is completed: accepted by a person/);
  });

  rarely('skip: left out and said so; what depends on it is blocked', async () => {
    world = makeWorld({ tasks: `${threeUnits}- [ ] 4. Fourth\n  - _Depends: 2_\n` });
    world.codex(`${log}[ "$UNIT$K" != 21 ] || halt\ndone_`);
    expect((await world.run(flags)).code).toBe(2);
    const skip = await seqrun('skip', '2');
    expect(skip.code, skip.err).toBe(0);
    expect(world.state()).toMatchObject({ halted: false, units: { 2: { status: 'skipped' } } });
    const run = await world.run(flags);
    expect([run.code, world.starts()], run.out).toEqual([3, ['1', '2', '3']]);
    expect(run.out).toMatch(/blocked +4 Fourth: waits for 2/);
    expect((await seqrun('why', '4')).out).toContain('4 is blocked: it waits for 2 (2 was skipped by a person)');
    expect(world.tasks()).toContain('- [ ] 2.');
    const retry = await seqrun('retry', '2');
    expect(retry.code, retry.err).toBe(0);
    expect((await world.run(flags)).code).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '3', '2', '4']);
  });

  rarely('reset of the halted unit: asked afresh, in a session of its own', async () => {
    await halted();
    expect((await seqrun('reset', '2')).code).toBe(0);
    expect((await world.run(flags)).code).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '2', '3']);
    expect(args()[2]).not.toContain('resume');
  });
});

describe('after a failure', () => {
  test('retry: the attempts begin again; what fails again stops again', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex(`${log}[ "$UNIT" != 2 ] || [ $K -ge 3 ] || failed "it broke"\ndone_`);
    const run = await world.run([...flags, '--max-attempts', '1']);
    expect([run.code, world.starts()], run.err).toEqual([3, ['1', '2']]);
    expect(run.out).toMatch(/next: seqrun receipt 2 --spec .*, then seqrun retry 2 --spec/);
    expect((await seqrun('why', '2')).out).toMatch(/^2 is failed: it broke; 1 of 1 attempts used; seqrun retry 2/);
    // Nothing is started without a word of the person.
    expect((await world.run([...flags, '--max-attempts', '1'])).code).toBe(3);
    expect(world.starts()).toEqual(['1', '2']);
    expect((await seqrun('retry', '2')).code).toBe(0);
    expect((await seqrun('status')).out).toContain('· 2 Second thing');
    expect((await world.run([...flags, '--max-attempts', '1'])).code).toBe(3);
    expect((await seqrun('retry', '2')).code).toBe(0);
    const last = await world.run([...flags, '--max-attempts', '1']);
    expect([last.code, world.starts()], last.err).toEqual([0, ['1', '2', '2', '2', '3']]);
    expect([...world.progress().matchAll(/^## Iteration (\d+)$/gm)].map(([, n]) => n)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
    ]);
  });

  rarely('retry of what is done or was never tried is refused with the right word', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    expect((await world.run([...flags, '--only', '1'])).code).toBe(0);
    const done = await seqrun('retry', '1');
    expect(done.code).toBe(64);
    expect(done.err).toContain('seqrun reset 1');
    expect((await seqrun('retry', '7')).err).toContain('there is no unit "7"');
  });
});

describe('reset', () => {
  test('of one unit of a finished spec: box opened, run again, once', async () => {
    world = makeWorld({ tasks: '- [ ] 1. One\n  - [ ] 1.1 A\n  - [ ] 1.2 B\n- [ ] 2. Two\n' });
    world.codex('done_');
    expect((await world.run(flags)).code).toBe(0);
    expect(world.tasks()).not.toContain('[ ]');
    expect((await seqrun('reset', '1')).code).toBe(0);
    expect(world.tasks()).toBe('- [ ] 1. One\n  - [ ] 1.1 A\n  - [ ] 1.2 B\n- [x] 2. Two\n');
    expect(world.state().completed).toEqual(['2']);
    const run = await world.run(flags);
    expect([run.code, world.starts()], run.err).toEqual([0, ['1', '2', '1']]);
    expect(world.tasks()).not.toContain('[ ]');
  });

  rarely('of all', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    expect((await world.run(flags)).code).toBe(0);
    expect((await seqrun('reset')).code).toBe(0);
    expect(world.tasks()).toBe(threeUnits);
    expect((await world.run(flags)).code).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '3', '1', '2', '3']);
  });

  rarely('of all: a box that the user had ticked before the first start, or between two, stays ticked', async () => {
    world = makeWorld({ tasks: `${threeUnits.replace('[ ] 1.', '[x] 1.')}- [ ] 4. Fourth\n- [ ] 5. Fifth\n` });
    world.codex('done_');
    expect((await world.run([...flags, '--only', '2'])).code).toBe(0);
    const path = join(world.specFolder, 'tasks.md');
    writeFileSync(path, readFileSync(path, 'utf8').replace('[ ] 4.', '[x] 4.'));
    expect((await seqrun('accept', '3')).code).toBe(0);
    const reset = await seqrun('reset');
    expect(reset.code, reset.err).toBe(0);
    expect(reset.err).toContain(
      '2 tasks that seqrun completed or you accepted are open again; 2 boxes that you ticked yourself stay',
    );
    expect([...world.tasks().matchAll(/\[x\] (\d)/g)].map(([, id]) => id)).toEqual(['1', '4']);
    expect((await world.run(flags)).code).toBe(0);
    expect(world.starts()).toEqual(['2', '2', '3', '5']);
    // Named, it is forgotten like any other.
    expect((await seqrun('reset', '1')).code).toBe(0);
    expect(world.tasks()).toContain('[ ] 1.');
  });

  test('a box opened by hand is asked about, and both answers work', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    expect((await world.run(flags)).code).toBe(0);
    const open = (id: string) =>
      writeFileSync(join(world.specFolder, 'tasks.md'), world.tasks().replace(`[x] ${id}.`, `[ ] ${id}.`));
    open('1');
    open('2');
    // As a change of branches does.
    rmSync(join(dirname(world.specFolder), 'SEQUENTIAL_STATE.json'));
    const planned = await seqrun('plan');
    expect(planned.out).toMatch(/3 units, 3 done[\s\S]*\[1\][^\n]*\[done, but its box is open\]/);
    const asked = await world.run(flags);
    expect([asked.code, world.starts().length]).toEqual([2, 3]);
    expect(asked.out).toMatch(/the boxes of 1, 2 are open again.*seqrun accept 1 2 .*seqrun reset 1 .*seqrun reset 2/);
    expect((await seqrun('accept', '1')).code).toBe(0);
    expect((await seqrun('reset', '2')).code).toBe(0);
    const run = await world.run(flags);
    expect([run.code, world.starts()], run.out + run.err).toEqual([0, ['1', '2', '3', '2']]);
    expect(world.tasks()).not.toContain('[ ]');
  });
});

rarely('a task of a unit is typed: the message names the unit that is meant, and why', async () => {
  world = makeWorld({ tasks: '- [ ] 3. Group\n  - [ ] 3.1 A\n  - [ ] 3.2 B\n- [ ] 4. Alone\n' });
  world.codex('done_');
  const said = async (...words: string[]) => (await seqrun(...words)).err;
  expect(await said('skip', '3.1')).toContain('unit 3 is skipped (it holds 3.1)');
  expect(await said('retry', '3.2')).toContain('unit 3 will be tried again (it holds 3.2): seqrun --spec');
  expect(await said('reset', '3.1')).toContain('unit 3 is open again (it holds 3.1)');
  expect(await said('skip', '4.')).toMatch(/unit 4 is skipped$/m);
});

test('decided while the runner works: handed to it, taken at once', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('[ "$UNIT" != 1 ] || wait_for\ndone_');
  const runner = world.start(flags);
  await until('unit 1 to run', () => world.state()?.current?.unit === '1');
  const skip = await seqrun('skip', '3');
  expect([skip.code, skip.err]).toEqual([0, expect.stringContaining('unit 3 is skipped')]);
  await until('it to be taken', () => runner.text().includes('Command: skip 3'));
  world.go();
  const { code, out } = await runner.done;
  expect([code, world.starts()], out).toEqual([0, ['1', '2']]);
  expect(out).toMatch(/skipped +3 Third thing/);
  expect(world.tasks()).toContain('- [ ] 3.');
});

test('what a killed runner left in its inbox is applied before the next command, in order; a stop was for it alone', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('[ "$UNIT" != 1 ] || wait_for\ndone_');
  const runner = world.start(flags);
  await until('unit 1 to run', () => world.state()?.current?.unit === '1');
  runner.child.kill('SIGSTOP');
  for (const words of [['skip', '2'], ['skip', '3'], ['stop']]) expect((await seqrun(...words)).code).toBe(0);
  runner.child.kill('SIGKILL');
  await runner.done;
  // Only what was skipped can be retried: this one counts on the inbox.
  const retry = await seqrun('retry', '3');
  expect([retry.code, retry.err]).toEqual([0, expect.stringContaining('unit 3 will be tried again')]);
  expect(retry.err).toContain('a stop for a run that has ended was dropped');
  const commands = () => world.events().flatMap(event => (event.type === 'command' ? [event.command] : []));
  expect(commands()).toEqual([
    { kind: 'skip', unit: '2' },
    { kind: 'skip', unit: '3' },
    { kind: 'retry', unit: '3' },
  ]);
  world.go();
  const run = await world.run(flags);
  expect([run.code, world.starts(), commands().length], run.out).toEqual([0, ['1', '3'], 3]);
});

test('what a person decides with is refused inside a job; looking is not', async () => {
  world = makeWorld({ tasks: threeUnits });
  const tried = ['accept 2', 'skip 2', 'retry 2', 'reset', 'reset 1', 'resume', 'resume --answer x', ''];
  const looked = ['status', 'why', 'why 1', 'plan'];
  const command = (words: string) =>
    `"$NODE" "$PROGRAM" ${words} --spec ${spec} >>"$AGENT_LOG.said" 2>&1; echo "$? ${words}" >>"$AGENT_LOG.tried"\n`;
  world.codex(`${[...tried, ...looked].map(command).join('')}done_`);
  const program = process.env.SEQRUN_TEST_PROGRAM ?? join(import.meta.dirname, '..', '..', 'dist', 'seqrun.cjs');
  const run = await world.run([...flags, '--only', '1'], { env: { NODE: process.execPath, PROGRAM: program } });
  expect(run.code, run.err).toBe(0);
  const codes = readFileSync(`${world.env.AGENT_LOG}.tried`, 'utf8').trim().split('\n');
  expect(codes).toEqual([...tried.map(words => `64 ${words}`), ...looked.map(words => `0 ${words}`)]);
  expect(readFileSync(`${world.env.AGENT_LOG}.said`, 'utf8')).toMatch(/accept .*is refused inside a job of seqrun/);
  expect(world.starts()).toEqual(['1']);
  expect(world.state().completed).toEqual(['1']);
  // A mark alone is enough to be inside.
  for (const env of [{ SEQRUN_START: 'x' }, { SEQRUN: '1' }] as Record<string, string>[]) {
    const refused = await world.run(['accept', '2', '--spec', spec], { env });
    expect(refused.code).toBe(64);
    expect(refused.err).toContain('is refused inside a job of seqrun');
  }
});

test.skipIf(process.platform !== 'linux')('an agent that clears its environment is no person', async () => {
  world = makeWorld({ tasks: threeUnits });
  const program = process.env.SEQRUN_TEST_PROGRAM ?? join(import.meta.dirname, '..', '..', 'dist', 'seqrun.cjs');
  const clean = 'env -i PATH="$PATH" HOME="$HOME" XDG_STATE_HOME="$XDG_STATE_HOME"';
  const tries = [
    `${clean} "$NODE" "$PROGRAM" accept 2 --spec ${spec}`,
    `${clean} setsid -w "$NODE" "$PROGRAM" skip 3 --spec ${spec}`,
    `${clean} "$NODE" "$PROGRAM" --spec ${spec} --fresh --no-tmux`,
    `${clean} "$NODE" "$PROGRAM" status --spec ${spec}`,
  ];
  const tried = '>>"$AGENT_LOG.said" 2>&1; echo $? >>"$AGENT_LOG.tried"';
  // The last one has no parent of the start any more, nor its session: the subshell ends before it looks.
  const alone = `( ${clean} AGENT_LOG="$AGENT_LOG" NODE="$NODE" PROGRAM="$PROGRAM" setsid sh -c 'until [ "$(cut -d" " -f4 /proc/$$/stat)" != "$0" ]; do sleep 0.02; done; "$NODE" "$PROGRAM" accept 3 --spec ${spec} ${tried}' $$ </dev/null >/dev/null 2>&1 & )`;
  world.codex(`${tries.map(one => `${one} ${tried}\n`).join('')}${alone}
until [ "$(grep -c . "$AGENT_LOG.tried")" = 5 ]; do sleep 0.02; done
done_`);
  const run = await world.run([...flags, '--only', '1'], { env: { NODE: process.execPath, PROGRAM: program } });
  expect(run.code, run.err).toBe(0);
  const said = readFileSync(`${world.env.AGENT_LOG}.said`, 'utf8');
  expect(readFileSync(`${world.env.AGENT_LOG}.tried`, 'utf8').trim().split('\n'), said).toEqual([
    '64',
    '64',
    '64',
    '0',
    '64',
  ]);
  expect(said).toContain('limit of file locks of process');
  expect(world.state().completed).toEqual(['1']);
  expect(world.tasks()).toContain('- [ ] 2.');
  // A person's own shell bears nothing of it.
  expect((await seqrun('accept', '2')).code).toBe(0);
});

rarely('accepting a parent inside a unit accepts what is below it and nothing beside it', async () => {
  world = makeWorld({
    tasks: '- [ ] 1. One\n- [ ] 2. Two\n  - [ ] 2.1 Parent\n    - [ ] 2.1.1 A\n    - [ ] 2.1.2 B\n  - [ ] 2.2 Beside\n',
  });
  world.codex('halt');
  await world.run(['--spec', '.kiro/specs/demo', '--no-assign', '--delay', '0', '--no-tmux']);
  const { code, err } = await world.run(['accept', '2.1', '--spec', '.kiro/specs/demo']);
  expect(code, err).toBe(0);
  expect(world.state().completed.sort()).toEqual(['2.1', '2.1.1', '2.1.2']);
  expect(world.tasks()).toContain('- [ ] 2.2 Beside');
});
