// What a task file says of the proof of a unit, kept as it was where a job may have changed it: nobody eases the proof of their own work.
import { leavesOf } from './follow-titles.ts';
import type { Plan, Unit } from './plan-types.ts';
import type { LeafAgain } from './read-again.ts';
import { notice, unitRecord } from './records.ts';
import type { HeldProof, State } from './state.ts';

/** The unit with the proof that holds for it. */
export const asHeld = (state: State, unit: Unit): Unit => {
  const held = state.units.get(unit.id)?.heldProof ?? null;
  return held === null ? unit : { ...withoutProof(unit), ...held };
};

/**
 * Folds that the file says something else of proof than before. What a person changes holds from now on; what changed while a job ran
 * does not, and a unit that came in then may neither fail its tests nor change nothing; nor does any unit go without what proved the
 * tasks that it has got from another one. `state.units` follows titles already.
 */
export const holdProof = (
  state: State,
  { before, plan, leaves }: { before: Plan; plan: Plan; leaves: readonly LeafAgain[] },
): void => {
  const brought = proofBrought(state, { before, plan, leaves });
  const earlier = earlierUnits(before, plan);
  const known = new Set([...leavesOf(before).values()].map(leaf => leaf.titleHash));
  for (const { id } of before.skipped) known.add(id);
  for (const unit of plan.units) {
    const was = earlier(unit);
    const said = proofOf(unit);
    if (!was) {
      const isNew = !known.has(unit.id) && !unit.leaves.some(leaf => known.has(leaf.titleHash));
      if (!state.fileUnread) continue;
      const { noChange: _noChange, expects: _expects, mayStayRed: _mayStayRed, ...rest } = said;
      const owed = brought(unit, rest);
      if (owed) {
        unitRecord(state, unit.id).heldProof = owed;
        notice(state, broughtWords(unit));
        continue;
      }
      if (!isNew || !(unit.noChange || unit.expects === 'red' || unit.mayStayRed)) continue;
      unitRecord(state, unit.id).heldProof = rest;
      notice(
        state,
        `unit ${unit.id} came into the task file while a job ran: that it may change nothing, or leave a failing test, does not hold (seqrun retry ${unit.id} lets it)`,
      );
      continue;
    }
    const old = proofOf(was);
    const owed = state.fileUnread ? brought(unit, state.units.get(unit.id)?.heldProof ?? old, was) : null;
    if (owed) {
      unitRecord(state, unit.id).heldProof = owed;
      notice(state, broughtWords(unit));
      continue;
    }
    if (JSON.stringify(old) === JSON.stringify(said)) continue;
    const record = unitRecord(state, unit.id);
    if (!state.fileUnread) {
      record.heldProof = null;
      continue;
    }
    record.heldProof ??= old;
    notice(
      state,
      `what proves ${unit.id} was changed in the task file while a job ran: what it said before holds (seqrun retry ${unit.id} takes the new words)`,
    );
  }
};

const broughtWords = ({ id }: Unit): string =>
  `unit ${id} got tasks of another unit while a job ran: what proved them there holds here, too (seqrun retry ${id} takes the new words)`;

/**
 * `own` with the commands and the checkpoint of the units, other than `was`, that the tasks of a unit were in; null = that adds nothing.
 * A task with its old words and number whose unit is gone was only cut into units otherwise.
 */
const proofBrought = (
  state: State,
  { before, plan, leaves }: { before: Plan; plan: Plan; leaves: readonly LeafAgain[] },
): ((unit: Unit, own: HeldProof, was?: Unit) => HeldProof | null) => {
  const homes = new Map(before.units.flatMap(unit => unit.leaves.map(leaf => [leaf.id, unit] as const)));
  const here = new Set(plan.units.map(({ id }) => id));
  const homeOf = new Map(
    leaves.flatMap(({ leaf, was, by }) => {
      const home = was?.as ? homes.get(was.as.id) : undefined;
      const isCut = by === 'title' && was?.as?.id === leaf.id && home && !here.has(home.id);
      return home && !isCut ? [[leaf.id, home] as const] : [];
    }),
  );
  return (unit, own, was) => {
    const from = new Set(unit.leaves.flatMap(leaf => homeOf.get(leaf.id) ?? []));
    const were = [...from]
      .filter(one => one !== was)
      .map(one => ({ ...proofOf(one), ...state.units.get(one.id)?.heldProof }));
    const verify = [...new Set([...were.flatMap(one => one.verify ?? []), ...(own.verify ?? [])])];
    const checkpoint = own.checkpoint || were.some(one => one.checkpoint);
    if (verify.length === (own.verify ?? []).length && checkpoint === (own.checkpoint ?? false)) return null;
    return { ...own, ...(verify.length > 0 && { verify }), ...(checkpoint && { checkpoint }) };
  };
};

/** By title where it is the only one, else by number: where units were renumbered, the proof goes with the work. */
const earlierUnits = (before: Plan, plan: Plan): ((unit: Unit) => Unit | undefined) => {
  const byTitle = onlyOnes(before);
  const nowByTitle = onlyOnes(plan);
  const byId = new Map(before.units.map(unit => [unit.id, unit]));
  return unit => {
    const same = nowByTitle.get(unit.title) ? byTitle.get(unit.title) : null;
    if (same) return same;
    const here = byId.get(unit.id);
    // Its work goes on under another number.
    return here && byTitle.get(here.title) && nowByTitle.get(here.title) ? undefined : here;
  };
};

/** Units by title; null where several have it. */
const onlyOnes = ({ units }: Plan): Map<string, Unit | null> => {
  const found = new Map<string, Unit | null>();
  for (const unit of units) found.set(unit.title, found.has(unit.title) ? null : unit);
  return found;
};

/** Always in the same order of keys, so that two can be compared. */
const proofOf = ({ verify, noChange, expects, mayStayRed, checkpoint }: Unit): HeldProof => ({
  ...(verify && { verify }),
  ...(noChange && { noChange }),
  ...(expects && { expects }),
  ...(mayStayRed && { mayStayRed }),
  ...(checkpoint && { checkpoint }),
});

const withoutProof = ({ verify: _v, noChange: _n, expects: _e, mayStayRed: _m, checkpoint: _c, ...rest }: Unit): Unit =>
  rest;
