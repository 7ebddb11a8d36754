// Everything that is known of tasks follows their titles when somebody renumbers the task file: a number is only a name. Pure.
import type { Leaf, Plan, Unit } from './plan-types.ts';
import type { LeafAgain } from './read-again.ts';
import { notice, otherTitleWords, quoted } from './records.ts';
import type { Completion, State, UnitRecord, UnitStanding } from './state.ts';

const formerTitlesMax = 10;

/** The leaves of every unit, by id. */
export const leavesOf = (plan: Plan): Map<string, Leaf> =>
  new Map(plan.units.flatMap(unit => unit.leaves.map(leaf => [leaf.id, leaf] as const)));

/**
 * Completions, claims, disputes, owed openings and what agents were given get the numbers that their tasks have now. A completion
 * whose task has other words now stays if the box is ticked under the same number; one that nobody can place is none any more where
 * another task has its number, and waits for its task to come back where none has. `plan`: the new one; the state has the one before.
 */
export const followLeaves = (state: State, leaves: readonly LeafAgain[], plan: Plan): void => {
  const [titlesBefore, titles] = [state.plan === null ? null : leavesOf(state.plan), leavesOf(plan)];
  const here = new Map(leaves.map(one => [one.leaf.id, one]));
  const to = new Map(leaves.flatMap(one => (one.was?.as ? [[one.was.as.id, one] as const] : [])));
  const renamed = (ids: ReadonlySet<string>): Set<string> =>
    new Set([...ids].flatMap(id => to.get(id)?.leaf.id ?? (here.has(id) ? [] : [id])));

  const done = new Map<string, Completion>();
  const gone = new Map<string, Completion>();
  for (const [id, completion] of state.done) {
    const one = to.get(id) ?? (completion.titleHash === '' ? here.get(id) : undefined);
    if (!one) {
      // A person has opened its box and taken the task away since: there is nothing left to accept or to reset.
      if (here.has(id)) notice(state, `task ${id} is another one than when it was completed: not done`);
      else if (!state.disputed.has(id)) gone.set(id, completion);
      continue;
    }
    const { leaf } = one;
    if (staysDone(state, id, completion, one)) {
      done.set(leaf.id, { ...completion, titleHash: leaf.titleHash || completion.titleHash });
    } else if (leaf.titleHash !== completion.titleHash) {
      const box = one.ticked ? 'it was another task before' : 'its box is open';
      const was = titlesBefore?.get(one.was?.as?.id ?? id);
      const is = titles.get(leaf.id);
      const both = was?.titleHash === completion.titleHash && is ? ` (${quoted(was.title)} → ${quoted(is.title)})` : '';
      notice(state, `${otherTitleWords(leaf.id)}it was completed${both}, and ${box}: not done`);
    }
  }
  const disputed = [...renamed(state.disputed)].filter(id => done.has(id));
  for (const [id, completion] of gone) if (!done.has(id)) done.set(id, completion);
  state.done = done;
  state.disputed = new Set(disputed);
  state.reopened = renamed(state.reopened);
  followClaims(state, leaves, renamed);
  for (const { standing } of state.units.values()) {
    if (standing.kind !== 'checking' || !standing.given) continue;
    const given = standing.given.leaves.flatMap(leaf => {
      const id = to.get(leaf.id)?.leaf.id ?? (here.has(leaf.id) ? null : leaf.id);
      return id === null ? [] : [{ ...leaf, id }];
    });
    standing.given = { ...standing.given, leaves: given };
  }
};

const staysDone = (state: State, id: string, completion: Completion, one: LeafAgain): boolean => {
  const { leaf, was, ticked } = one;
  const moved = leaf.id !== id;
  // An open box speaks against it where a person can have opened it.
  if (moved && one.wasTicked && !ticked && !state.fileUnread) return false;
  if (completion.titleHash === '' || leaf.titleHash === '' || completion.titleHash === leaf.titleHash) return true;
  // Put back in place of the task that a job had put there: the tick is that one's.
  if (state.vanished.has(leaf.titleHash)) return false;
  if (completion.titleHash !== was?.as?.titleHash || moved || !ticked) return false;
  // Only an entry tells of it, and a job may have been at work since: other words are another task.
  if (state.plan === null) return false;
  const claimedAs = state.claimedTitles.get(leaf.titleHash);
  return claimedAs === undefined || claimedAs === id;
};

/** A claim holds for its task in any words, and for its title when that comes back under another number. */
const followClaims = (
  state: State,
  leaves: readonly LeafAgain[],
  renamed: (ids: ReadonlySet<string>) => Set<string>,
): void => {
  const claimed = renamed(state.claimed);
  // Those of an old journal may be named by what the file said then.
  if (state.byNumber || state.plan === null) for (const id of state.claimed) claimed.add(id);
  const titles = new Set<string>();
  for (const { leaf } of leaves) {
    if (!claimed.has(leaf.id) || leaf.titleHash === '') continue;
    titles.add(leaf.titleHash);
    state.claimedTitles.set(leaf.titleHash, leaf.id);
  }
  for (const { leaf } of leaves) {
    if (!titles.has(leaf.titleHash) && state.claimedTitles.has(leaf.titleHash)) claimed.add(leaf.id);
  }
  state.claimed = claimed;
};

/**
 * Counters, standings and owners go with the title of their unit, as completions do with those of leaves: an answer to a HALT, or a
 * last attempt, is not meant for the task that has got the number. A unit in other words is known by those it had before as well.
 */
export const unitsFollowTitles = (state: State, before: Plan, plan: Plan): void => {
  if (isPart(before) || isPart(plan)) return;
  const knownAs = titlesOfUnits(state, before, plan);
  const old = onlyOnes(before.units.map(unit => [knownAs(unit), unit.id]));
  const now = onlyOnes(plan.units.map(unit => [unit.title, unit.id]));
  leaveNumbers(state, { before, plan, now });
  const moves = [...old].flatMap(([title, from]) => {
    const to = now.get(title);
    return from !== null && to && to !== from ? [{ from, to }] : [];
  });
  const move = <T>(map: Map<string, T>): void => {
    const values = moves.map(({ from }) => map.get(from));
    for (const { from } of moves) map.delete(from);
    moves.forEach(({ to }, k) => {
      const value = values[k];
      if (value === undefined) map.delete(to);
      else map.set(to, value);
    });
  };
  const displaced = moves.map(({ to }) => to).filter(to => !moves.some(({ from }) => from === to));
  const free = moves.map(({ from }) => from).filter(from => !moves.some(({ to }) => to === from));
  const halted = displaced.map(id => state.units.get(id)).filter(record => record?.standing.kind === 'halted');
  const away = displaced.flatMap(id => {
    const found = recordOf(state, before, id);
    return found ? [found] : [];
  });
  noteFormerTitles(state, before, plan);
  move(state.units);
  move(state.assignments);
  // Its title is gone and its number taken: it waits for a person all the same. Each displaced one has left a number free.
  halted.forEach((record, k) => {
    state.units.set(free[k]!, record!);
  });
  for (const [title, record] of away)
    if (record.standing.kind !== 'halted' && !now.has(title)) state.awayUnits.set(title, record);
  comeBackUnits(state, { before, old, now });
};

const recordOf = (state: State, { units }: Plan, id: string): [title: string, record: UnitRecord] | null => {
  const unit = units.find(one => one.id === id);
  const record = state.units.get(id);
  return unit && record ? [unit.title, record] : null;
};

/** By what a unit of the plan before is to be looked for now: its title, or one that it had before, which alone is there again. */
const titlesOfUnits = (state: State, before: Plan, plan: Plan): ((unit: Unit) => string) => {
  const had = new Set(before.units.map(({ title }) => title));
  const has = new Set(plan.units.map(({ title }) => title));
  return ({ id, title }) =>
    (has.has(title)
      ? undefined
      : state.units.get(id)?.formerTitles.findLast(former => has.has(former) && !had.has(former))) ?? title;
};

/**
 * Another title under the same number, and neither of the two anywhere else: it was put in other words. One that is in the file no
 * more, while its number is free, is known by the last it had.
 */
const noteFormerTitles = (state: State, before: Plan, plan: Plan): void => {
  const had = new Set(before.units.map(({ title }) => title));
  const has = new Set(plan.units.map(({ title }) => title));
  for (const { id, title } of plan.units) {
    const [was, record] = recordOf(state, before, id) ?? [];
    if (was === undefined || record === undefined || was === title || has.has(was) || had.has(title)) continue;
    noteTitle(record, was, title);
  }
  const ids = new Set(plan.units.map(({ id }) => id));
  for (const { id, title } of before.units) {
    const record = state.units.get(id);
    if (record && !ids.has(id) && !has.has(title)) noteTitle(record, title);
  }
};

const noteTitle = (record: UnitRecord, was: string, now = was): void => {
  const others = record.formerTitles.filter(one => one !== was && one !== now);
  record.formerTitles = [...others, was].slice(-formerTitlesMax);
};

/** What was in the file no more, and kept its number as long as nobody had it: it is away where another one has it, or it has another. */
const leaveNumbers = (
  state: State,
  { before, plan, now }: { before: Plan; plan: Plan; now: ReadonlyMap<string, string | null> },
): void => {
  const had = new Set(before.units.map(({ id }) => id));
  const has = new Set(plan.units.map(({ id }) => id));
  for (const [id, record] of [...state.units]) {
    const title = record.formerTitles.at(-1);
    if (had.has(id) || title === undefined || record.standing.kind === 'halted' || now.get(title) === id) continue;
    if (!has.has(id) && !now.has(title)) continue;
    state.units.delete(id);
    state.awayUnits.set(title, record);
  }
};

/** Its gates were not run while it was away, and those that are left to run belong to no plan that holds it. */
const standingAgain = (standing: UnitStanding): UnitStanding =>
  standing.kind !== 'checking'
    ? standing
    : {
        kind: 'again',
        mode: 'follow_up',
        reason: {
          kind: 'follow_up',
          missing: 'that all of it is done: it was taken out of the file before it was checked',
        },
        session: standing.session,
        notBeforeMs: 0,
        because: 'follow-up: it was not in the file while its gates had still to pass',
      };

/**
 * Attempts are not given back by taking a unit out of the file and putting it in again, in words that it has had. One whose number
 * it gets is away in its turn.
 */
const comeBackUnits = (
  state: State,
  {
    before,
    old,
    now,
  }: { before: Plan; old: ReadonlyMap<string, string | null>; now: ReadonlyMap<string, string | null> },
): void => {
  for (const [title, record] of [...state.awayUnits]) {
    const as = [title, ...record.formerTitles.toReversed()].find(one => now.get(one) && !old.has(one));
    if (as === undefined) continue;
    const id = now.get(as)!;
    const [was, here] = recordOf(state, before, id) ?? [];
    state.awayUnits.delete(title);
    // It waits for a person, whatever stands in the file now.
    if (here?.standing.kind === 'halted') {
      for (const counter of ['attempts', 'followUps', 'interrupted', 'lost', 'refused'] as const)
        here[counter] = Math.max(here[counter], record[counter]);
      continue;
    }
    if (was !== undefined && here !== undefined && !now.has(was)) state.awayUnits.set(was, here);
    state.units.set(id, { ...record, standing: standingAgain(record.standing) });
  }
};

/** Made from a selection: what is not seen in it may have the same titles. */
const isPart = (plan: Plan): boolean => plan.skipped.some(({ because }) => because === 'not_selected');

/** The ids whose title no other one has; null where several have it. */
const onlyOnes = (pairs: readonly [title: string, id: string][]): Map<string, string | null> => {
  const found = new Map<string, string | null>();
  for (const [title, id] of pairs) found.set(title, found.has(title) ? null : id);
  return found;
};
