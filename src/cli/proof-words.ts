// How gates and reviews are said to people, the same in every view. Pure.
import type { GateResult } from '../core/gate.ts';
import type { Unit } from '../core/plan-types.ts';
import type { Review, StartRecord, State } from '../core/state.ts';
import { isDone } from '../core/units.ts';
import { durationWords } from '../core/words.ts';

/** `gate test: passed after 12 s (npm test)`; of a red one why, and whether it counts. */
export const gateWords = ({ name, command, result, because, durationMs }: GateResult): string => {
  const how = because === null ? `${result} after ${durationWords(durationMs)}` : `${result}: ${because}`;
  return `gate ${name}: ${how} (${command})`;
};

export const reviewWords = ({ kind, because }: Review): string => {
  const words = {
    open: 'a person should look at it',
    approved: 'approved by a person',
    rejected: 'rejected by a person',
  };
  return `${words[kind]}${because === null ? '' : `: ${because}`}`;
};

/** What is known of a review, or null; an open one of a unit that is not done any more is past. */
export const reviewOf = (state: State, unit: Unit): Review | null => {
  const review = state.units.get(unit.id)?.review ?? null;
  return review?.kind === 'open' && !isDone(state, unit) ? null : review;
};

/** Units that are done and that a person should look at, in the order of the plan. */
export const openReviews = (state: State): { unit: Unit; review: Review }[] =>
  (state.plan?.units ?? []).flatMap(unit => {
    const review = reviewOf(state, unit);
    return review?.kind === 'open' ? [{ unit, review }] : [];
  });

/** The last start of a unit's agent. */
export const lastAgentStart = (state: State, unit: string): StartRecord | undefined =>
  state.starts.findLast(start => start.unit === unit && start.kind === 'agent');

/** What is known of a unit whose gates are being run: `gates 1 of 2 passed, test is running`. Null: they are not. */
export const checkingWords = (state: State, unit: Unit): string | null => {
  const standing = state.units.get(unit.id)?.standing;
  if (standing?.kind !== 'checking') return null;
  const { gates, results } = standing;
  const red = results.some(({ result }) => result === 'accepted') ? 'passed or accepted' : 'passed';
  const running = state.open?.unit === unit.id && state.open.kind === 'gate' ? state.open.gate : undefined;
  const next = running ? `${running.name} is running` : `${gates[results.length]?.name} is next`;
  return `${results.length} of ${gates.length} gates ${red}, ${next}`;
};
