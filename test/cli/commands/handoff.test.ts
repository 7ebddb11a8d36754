// `seqrun handoff` on real folders, in this process.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Folder, makeFolder } from '../in-process.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
  folder.write('# Plan\n- [x] 1. A\n- [ ] 2. B\n- [ ] 3. C\u001b[31m\n');
});
afterEach(() => folder.close());

it('tells of a spec that was never run, and what to type', async () => {
  const { exit, stdout, stderr } = await folder.run('handoff');
  expect(exit).toBe(0);
  expect(stderr).toContain('the only spec in the usual folders: --spec .kiro/specs/cart');
  expect(stdout.split('\n')).toEqual([
    'cart: it was never started; 1 of 3 units done',
    '',
    'Done (seqrun receipt ID shows all that one rests on):',
    '',
    '- 1 A: its box was ticked before the first start',
    '',
    'Not done, and why:',
    '',
    '- 2 B: not reached: its turn has not come',
    '- 3 C: not reached: its turn has not come',
    '',
    'What to type next:',
    '',
    '  seqrun plan --spec .kiro/specs/cart',
    '  seqrun --spec .kiro/specs/cart',
    '',
  ]);
});

it("is one object with --json, and knows a person's word", async () => {
  await folder.run('accept 2 --spec .kiro/specs/cart');
  await folder.run('skip 3 --spec .kiro/specs/cart');
  const { exit, stdout } = await folder.run('handoff --json --spec .kiro/specs/cart');
  expect(exit).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    spec: 'cart',
    last_end: null,
    done: [
      { id: '1', rests_on: 'its box was ticked before the first start', start: null, gates: [] },
      { id: '2', rests_on: 'accepted by a person' },
    ],
    not_done: [{ id: '3', status: 'skipped', because: 'skipped by a person', starts: 0 }],
    waiting_for_person: [],
    known_red: [],
  });
});

it('refuses words that it does not take, and a spec that is not there', async () => {
  expect((await folder.run('handoff 2')).exit).toBe(64);
  expect((await folder.run('handoff --spec nowhere')).exit).toBe(66);
});
