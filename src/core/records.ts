// Small changes to a state that several folds share: unit records, completions, notices, invariants.
import type { Unit } from './plan-types.ts';
import type { State, Undone, UnitRecord } from './state.ts';
import { isDone } from './units.ts';

/** The record of a unit, made when it is first needed. */
export const unitRecord = (state: State, id: string): UnitRecord => {
  let record = state.units.get(id);
  if (!record) {
    record = {
      attempts: 0,
      followUps: 0,
      interrupted: 0,
      lost: 0,
      refused: 0,
      starts: 0,
      standing: { kind: 'fresh' },
      lastOutcome: null,
      lastStart: null,
      lastAtMs: null,
      heldProof: null,
      treeBefore: null,
      idle: 0,
      failure: null,
      remaining: null,
      asked: [],
      said: [],
      granted: 0,
      review: null,
      undone: null,
      formerTitles: [],
    };
    state.units.set(id, record);
  }
  return record;
};

/** A person pays for it knowingly: the counters of the unit begin again, and the task file says what its gates are. */
export const beginAgain = (record: UnitRecord): void => {
  Object.assign(record, {
    attempts: 0,
    followUps: 0,
    interrupted: 0,
    lost: 0,
    standing: { kind: 'fresh' },
    heldProof: null,
    treeBefore: null,
    idle: 0,
    failure: null,
    remaining: null,
    granted: 0,
    review: null,
  } satisfies Partial<UnitRecord>);
};

/** Adds a line for people; the oldest go first. */
export const notice = (state: State, text: string): void => {
  if (state.notices.at(-1) === text) return;
  state.notices.push(text);
  if (state.notices.length > 50) state.notices.shift();
};

/** That a box was ticked while a job ran that had not been given its task: an agent did it, or a person. */
export const claimNotice = (id: string): string =>
  `the box of ${id} was ticked while a job ran that was not given it: not counted (seqrun accept ${id} counts it)`;

/** How every note begins that something does not count for a task in the words it has now. */
export const otherTitleWords = (id: string): string => `task ${id} has another title than when `;

/** A title within a sentence. */
export const quoted = (title: string): string => JSON.stringify(title.slice(0, 80));

/** Marks a leaf as done, and corrects what was said of its box and its title before; the first completion of the same title stays. */
export const complete = (
  state: State,
  id: string,
  by: 'agent' | 'box' | 'hand' | 'accept',
  atMs: number,
  start: number | null,
  titleHash = titleHashOf(state, id),
): void => {
  const before = state.done.get(id);
  if (before && (before.titleHash === titleHash || titleHash === '')) return;
  state.done.set(id, { by, atMs, start, titleHash });
  state.takenBack.delete(titleHash);
  state.disputed.delete(id);
  // Reset while its box was ticked, and done again since: the tick is right as it is.
  state.reopened.delete(id);
  const said = claimNotice(id);
  const otherTitle = otherTitleWords(id);
  state.notices = state.notices.flatMap(text => {
    if (text === said) return [];
    return text.startsWith(otherTitle) ? text.replace(/(?:, and [^)]*)?: not done$/, '; done again since') : text;
  });
};

/** Notes why units that are done will not be any more. Call it before their leaves are undone. */
export const noteUndone = (state: State, units: readonly Unit[], undone: Undone): void => {
  for (const unit of units) if (isDone(state, unit)) unitRecord(state, unit.id).undone = undone;
};

/** A person takes it back: not done any more, whatever an entry says. The tick stays known, so that it is not taken for a new one by hand before the box is opened. */
export const undo = (state: State, id: string): void => {
  const before = state.done.get(id);
  if (before) {
    state.done.delete(id);
    state.undoneSeq = state.seq;
    state.takenBack.add(before.titleHash || titleHashOf(state, id));
  }
  state.disputed.delete(id);
  const leaf = state.leaves.find(({ as }) => as?.id === id);
  if (state.ticked.has(leaf?.id ?? id)) state.reopened.add(id);
};

/** Done because a person ticked its box (or wrote it into the state file), and nobody has opened it since. */
export const isTickedByPerson = (state: State, id: string): boolean => {
  const by = state.done.get(id)?.by;
  return (by === 'box' || by === 'hand') && !state.disputed.has(id);
};

/** Hash of a leaf's title in the plan, also outside its selection as far as it was read; '' when it is not known (then any title matches). */
export const titleHashOf = ({ plan, leaves }: Pick<State, 'plan' | 'leaves'>, id: string): string => {
  for (const unit of plan?.units ?? []) for (const leaf of unit.leaves) if (leaf.id === id) return leaf.titleHash;
  return leaves.find(({ as }) => as?.id === id)?.as?.titleHash ?? '';
};

/** Stays on in production: a false one is a bug or a journal that seqrun did not write. */
export function assert(ok: boolean, invariant: string): asserts ok {
  if (!ok) throw new Error(`Internal error: invariant broken: ${invariant}`);
}
