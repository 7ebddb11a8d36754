// The answer of an assignment job, checked word by word.
import { expect, test } from 'vitest';
import { readAssignmentAnswer } from '../../src/core/assignment.ts';

const read = (text: string) => readAssignmentAnswer(text, ['1', '2'], ['codex', 'claude']);
const answer = (...list: object[]) => JSON.stringify({ assignments: list });
const ok = { task_id: '1', type: 'code', owner_agent: 'codex' };

test('a plain answer, and one inside prose and a fence', () => {
  const expected = { ok: true, assignments: { 1: { type: 'code', owner: 'codex' } } };
  expect(read(answer(ok))).toEqual(expected);
  expect(read(`Here it is:\n\`\`\`json\n${answer(ok)}\n\`\`\`\nDone.`)).toEqual(expected);
});

test('Q-2.14: ids may be numbers; unknown ids, types and owners are left out; an echoed example is not the answer', () => {
  expect(read(answer({ ...ok, task_id: 1 }))).toMatchObject({ assignments: { 1: { owner: 'codex' } } });
  const mixed = read(
    answer(
      ok,
      { ...ok, task_id: '9' },
      { ...ok, task_id: '2', type: 'magic' },
      { ...ok, task_id: '2', owner_agent: 'gpt' },
    ),
  );
  expect(mixed).toEqual({ ok: true, assignments: { 1: { type: 'code', owner: 'codex' } } });
  const echoed = `{"assignments":[{"task_id":"<id>","type":"code | ui","owner_agent":"<owner>"}]}\n${answer({ ...ok, owner_agent: 'claude' })}`;
  expect(read(echoed)).toEqual({ ok: true, assignments: { 1: { type: 'code', owner: 'claude' } } });
});

test('no JSON, no list, nothing usable: each says why', () => {
  expect(read('I would rather not.')).toMatchObject({ ok: false, reason: expect.stringContaining('no JSON object') });
  expect(read('{"assignments": 3}')).toMatchObject({ ok: false, reason: expect.stringContaining('not a list') });
  expect(read(answer({ ...ok, task_id: '9' }))).toMatchObject({
    ok: false,
    reason: expect.stringContaining('unknown id'),
  });
  expect(read(`${'{'.repeat(50_000)}}`)).toMatchObject({ ok: false });
});
