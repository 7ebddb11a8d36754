// What status, receipt and why tell of selections and of a person's decisions: never more than is known.
import { afterEach, describe, expect, test } from 'vitest';
import { makeWorld, threeUnits, type World } from './harness.ts';

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
      expect.stringMatching(/^unit 2: accepted by a person/),
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
