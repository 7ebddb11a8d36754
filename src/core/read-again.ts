// A reading of the task file beside the one before: which task is which, and which boxes were ticked. Pure.
import type { ReadLeaf } from './events.ts';
import { hashTitle } from './hash.ts';
import type { Plan } from './plan-types.ts';
import { type Link, linkLeaves, type TitledLeaf } from './same-leaves.ts';
import type { KnownLeaf, State } from './state.ts';

/** A leaf that has been read, and what was known of it. */
export interface LeafAgain {
  leaf: TitledLeaf;
  /** As it was last read; null = it is new, or nobody can tell which one it was. */
  was: KnownLeaf | null;
  by: Link['by'] | null;
  ticked: boolean;
  /** In doubt true: then its tick is no news. */
  wasTicked: boolean;
}

/** Every leaf of a reading, in file order, beside what the state holds of the last one. Changes nothing. */
export const readAgain = (state: State, read: readonly ReadLeaf[], ticked: ReadonlySet<string>): LeafAgain[] => {
  const now = read.map(([id, titleHash, above = '']): TitledLeaf => ({ id, titleHash, above }));
  const before = state.plan === null ? fromEntry(state) : state.leaves;
  const links = linkLeaves(before, now);
  const linked = new Set(links.flatMap(link => (link ? [link.from] : [])));
  /** Ticked then, and nobody can tell which of the leaves with that title it is. */
  const unplaced = new Set(
    before.filter((one, k) => !linked.has(k) && state.ticked.has(one.id)).map(one => one.titleHash),
  );
  const back = comeBack(state, now);
  return now.map((leaf, k): LeafAgain => {
    const link = links[k] ?? null;
    const here = link ? before[link.from]! : null;
    const again = link?.by === 'title' ? null : (back.get(leaf.titleHash) ?? null);
    return {
      leaf,
      was: again ?? here,
      by: again ? 'title' : (link?.by ?? null),
      ticked: ticked.has(leaf.id),
      wasTicked: wasTicked(state, leaf, here) || (!link && unplaced.has(leaf.titleHash)),
    };
  });
};

/** A reading as the state keeps it. `planned`: the plan is made of it. */
export const keepReading = (
  state: State,
  { leaves, ticked, planned }: { leaves: readonly LeafAgain[]; ticked: Iterable<string>; planned: boolean },
): void => {
  state.leaves = leaves.map(({ leaf, was }) => ({ ...leaf, as: planned ? nameOf(leaf) : (was?.as ?? null) }));
  state.ticked = new Set(ticked);
  state.byNumber = false;
};

/** The leaves of a plan in an old journal: of those that were not selected the titles are not known. */
export const leavesOfPlan = (plan: Plan): ReadLeaf[] => [
  ...plan.units.flatMap(unit => unit.leaves.map(({ id, titleHash }): ReadLeaf => [id, titleHash])),
  ...plan.skipped.flatMap(({ id, title, because, leaves }): ReadLeaf[] =>
    because === 'optional' ? [[id, hashTitle(title)]] : (leaves ?? [id]).map(leaf => [leaf, '']),
  ),
];

/** Whether a reading has the same leaves under the same numbers. */
export const isSameReading = (read: readonly ReadLeaf[], leaves: readonly TitledLeaf[]): boolean =>
  read.length === leaves.length &&
  read.every(([id, titleHash, above = ''], k) => {
    const one = leaves[k]!;
    return one.id === id && one.titleHash === titleHash && one.above === above;
  });

const nameOf = ({ id, titleHash }: TitledLeaf): KnownLeaf['as'] => ({ id, titleHash });

const wasTicked = (state: State, leaf: TitledLeaf, was: KnownLeaf | null): boolean => {
  if (state.byNumber) return state.ticked.has(leaf.id);
  if (was) return state.ticked.has(was.id);
  return state.plan === null && state.ticked.has(leaf.id);
};

/** Without a plan only an entry of the state file tells of tasks: those that are done, and ticked ones that it is not believed of. */
const fromEntry = (state: State): KnownLeaf[] => [
  ...[...state.done].flatMap(([id, { titleHash }]) =>
    titleHash === '' ? [] : [{ id, titleHash, above: '', as: { id, titleHash } }],
  ),
  ...state.leaves,
];

/** Completions whose tasks were not in the file any more, by the titles that are there again. */
const comeBack = (state: State, now: readonly TitledLeaf[]): Map<string, KnownLeaf> => {
  if (state.plan === null) return new Map();
  const known = new Set(state.leaves.flatMap(({ as }) => as?.id ?? []));
  const found = new Map<string, KnownLeaf | null>();
  for (const [id, { titleHash }] of state.done) {
    if (known.has(id) || titleHash === '') continue;
    const leaf = { id, titleHash, above: '', as: { id, titleHash } };
    found.set(titleHash, found.has(titleHash) ? null : leaf);
  }
  for (const { titleHash } of state.leaves) found.delete(titleHash);
  const seen = new Set<string>();
  for (const { titleHash } of now) {
    if (seen.has(titleHash)) found.delete(titleHash);
    seen.add(titleHash);
  }
  return new Map([...found].flatMap(([title, leaf]) => (leaf ? [[title, leaf] as const] : [])));
};
