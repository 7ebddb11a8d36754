// Limits that a journal begun with `--fresh` keeps.
import { expect, test } from 'vitest';
import { keptLimits } from '../../src/core/adopt.ts';
import { decide } from '../../src/core/decide.ts';
import type { EventBody, JournalEvent, KeptLimits, Outcome } from '../../src/core/events.ts';
import { fold } from '../../src/core/evolve.ts';
import { given, minute, planOf, runStarted, unitOf } from './given.ts';

const limited: Outcome = { kind: 'limited', because: 'limited', resetAtMs: null, window: null };
const plan = planOf(unitOf('1'));
const begun = (limits: KeptLimits) => {
  const opening = { version: 1 as const, journal: 'j2', spec: '/s', claimed: [], adopted: null, first: true, limits };
  const bodies: EventBody[] = [
    { type: 'journal.opened', ...opening },
    runStarted(),
    { type: 'plan.made', plan, ticked: [] },
  ];
  return fold(bodies.map((body, k) => ({ ...body, seq: k + 1, atMs: k }) as JournalEvent));
};

test('an agent that is closed stays so, and the starts in a row are counted on', () => {
  const { state, nowMs } = given(plan).start('1', limited, { worked: false });
  const { untilMs } = state.limits.get('codex')!;
  const kept = keptLimits(state, nowMs)!;
  expect(kept).toMatchObject({ closed: { codex: { untilMs } }, inRow: 1, inAll: 1 });
  const anew = begun(kept);
  expect(decide(anew, { nowMs, readSeq: anew.seq })).toMatchObject({ kind: 'wait', untilMs });
  expect(anew).toMatchObject({ limitedInRow: 1, limitedInAll: 1 });
  expect(keptLimits(anew, nowMs)).toEqual(kept);
});

test('what is over is not kept, nor what a rehearsal has played', () => {
  const { state, nowMs } = given(plan).start('1', limited, { worked: false });
  expect(keptLimits(state, nowMs + 60 * minute)).toBeNull();
  const played = { ...state, limits: new Map([['rehearsal', state.limits.get('codex')!]]) };
  expect(keptLimits(played, nowMs)).toBeNull();
});
