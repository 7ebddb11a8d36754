// What status, receipt and why tell of selections and of a person's decisions: never more than is known.
import { afterEach, describe, expect, test } from 'vitest';
import { makeWorld, threeUnits, until, type World } from './harness.ts';

let world: World;
afterEach(() => world?.close());

const spec = '.kiro/specs/demo';
const flags = ['--spec', spec, '--no-tmux', '--delay', '0'];
const seqrun = (...words: string[]) => world.run([...words, '--spec', spec]);

describe('a selection', () => {
  test('done is told of the selection alone; the next look shows the whole spec', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    const run = await world.run([...flags, '--only', '1']);
    const because = 'all selected units are done (2 units not selected)';
    expect([run.code, world.starts()], run.err).toEqual([0, ['1']]);
    expect(run.out).toContain(`done: ${because}`);
    expect(run.err).toContain('tasks_total=1 completed=0 left=1 not_selected=2');
    expect(world.progress()).toMatch(/\*\*Stopped:\*\* .*\n\nExit 0: all selected units are done/);
    expect(world.progress()).not.toContain('**Completed:**');
    expect(world.state()).toMatchObject({
      completed_at: null,
      last_end: { exit: 0, because },
      counts: { total: 3, completed: 1, not_selected: 2 },
    });
    expect((await seqrun('status')).out).toContain('demo: 1 of 3 units completed');
    expect((await seqrun('status')).out).toContain('· 3 Third thing');
  });
});

describe("a person's word", () => {
  test('an accepted unit is marked as one everywhere, also when it was never started', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    expect((await seqrun('accept', '2')).code).toBe(0);
    expect((await seqrun('status')).out).toContain('✓ 2 Second thing — accepted by a person');
    const receipt = await seqrun('receipt', '2');
    expect([receipt.code, receipt.out.split('\n')[0]], receipt.err).toEqual([
      0,
      expect.stringMatching(/^unit 2: accepted by a person, (\S+ )?\d\d:\d\d \(\d+ s ago\)$/),
    ]);
    expect(JSON.parse((await seqrun('receipt', '2', '--json')).out)).toMatchObject({ unit: '2', accepted: true });
    const run = await world.run(flags);
    expect([run.code, world.starts()], run.err).toEqual([0, ['1', '3']]);
    expect(run.out).toMatch(/^accepted +2 \(on a person's word\)$/m);
    expect(world.progress().match(/^> accepted by a person: 2$/gm)).toHaveLength(1);
    expect(JSON.parse((await seqrun('receipt', '1', '--json')).out)).toMatchObject({
      outcome: 'completed',
      accepted: false,
    });
    const never = await seqrun('receipt', '7');
    expect(never.code).toBe(64);
  });
});

describe('a task that is left out', () => {
  test('why says so, and no command takes the unit around it for it', async () => {
    world = makeWorld({ tasks: '- [ ] 1. One\n- [ ] 2. Two\n  - [ ] 2.1 A\n  - [ ]* 2.2 B\n- [ ]* 3. Three\n' });
    world.codex('done_');
    expect((await world.run(flags)).code).toBe(0);
    const three = await seqrun('why', '3');
    expect([three.code, three.out]).toEqual([0, '3 is left out: optional (--include-optional runs it)\n']);
    expect((await seqrun('why', '2.2')).out).toBe(
      '2.2 is left out: optional (--include-optional runs it)\n' +
        "its unit, without it: 2 is completed: on the agent's word (TASK_DONE, exit 0); no gate was set\n",
    );
    expect(JSON.parse((await seqrun('why', '2.2', '--json')).out)).toMatchObject({ status: 'left_out' });
    for (const id of ['3', '2.2']) {
      const accept = await seqrun('accept', id);
      expect([accept.code, accept.err], id).toEqual([64, expect.stringContaining(`${id} is left out: optional`)]);
    }
    expect((await seqrun('why', '1', '--only', '2')).out).toBe('1 is left out: not selected in this run\n');
    expect((await world.run([...flags, '--include-optional', '--only', '3'])).code).toBe(0);
    expect((await seqrun('receipt', '3')).out).toContain('outcome: completed');
    const reset = await seqrun('reset', '2.2');
    expect(reset.code).toBe(64);
    expect(world.tasks()).toContain('- [x] 2.');
  });
});

test('times for people are local, those for programs are not', async () => {
  world = makeWorld({ tasks: '- [ ] 1. One\n', env: { TZ: 'Asia/Kathmandu' } });
  world.codex('wait_for end\ndone_');
  const run = world.start(flags);
  const why = async (...words: string[]) => (await seqrun('why', ...words)).out;
  await until('the start', () => world.state()?.current?.pid);
  const atMs = Date.parse(world.state().current.started_at);
  const local = new Date(atMs + (5 * 60 + 45) * 60_000).toISOString().slice(11, 16);
  expect(await why()).toMatch(
    new RegExp(`unit 1 is running on codex since (\\S+ )?${local} \\(\\d+ s ago\\) \\(start 1\\)`),
  );
  expect(JSON.parse(await why('--json')).why[0]).toContain(`since ${world.state().current.started_at} (start 1)`);
  world.go('end');
  expect((await run.done).code).toBe(0);
  expect((await seqrun('receipt', '1')).out).toMatch(
    new RegExp(`^time: (\\S+ )?${local} \\(\\d+ s ago\\), took \\d+ s$`, 'm'),
  );
  expect(world.progress()).toMatch(/- \*\*Time:\*\* \d{4}-\S+Z$/m);
});
