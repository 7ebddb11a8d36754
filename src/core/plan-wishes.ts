// What only wants to come first: the order that prose and phases ask for, kept where nothing speaks against it.
import { lowestFirst, type Needs } from './graph.ts';
import type { TaskTree } from './plan-tree.ts';
import type { Draft } from './plan-units.ts';
import type { Spec } from './task.ts';

export interface Wishes {
  /** By draft: the drafts that it comes after. */
  units: number[][];
  /** By draft: the phases that it comes after, by id. */
  named: string[][];
  /** By draft: the same phases as numbers. */
  phases: number[][];
  /** By phase: the drafts in it. */
  members: number[][];
}

/**
 * Wishes of every draft: those of its tasks, and those of the phases that hold all its tasks. A phase that holds a part of the draft is
 * never waited for by it. The size is that of the text: a phase is no list of pairs.
 */
export const wishesOf = (spec: Spec, drafts: readonly Draft[], tree: TaskTree): Wishes => {
  const phases = spec.phases ?? [];
  const home = new Map(drafts.flatMap((draft, index) => draft.leaves.map(leaf => [leaf.id, index] as const)));
  const homes = (ids: readonly string[]): number[] => [
    ...new Set(ids.flatMap(id => (tree.meantBy(id) ?? []).flatMap(task => home.get(task.id) ?? []))),
  ];
  const number = new Map(phases.map(({ id }, index) => [id, index]));
  const members = phases.map(({ tasks }) => homes(tasks));
  const partly = drafts.map((): number[] => []);
  members.forEach((list, phase) => {
    for (const draft of list) partly[draft]!.push(phase);
  });
  const held = phases.map(({ tasks }) => new Set(tasks));
  const isInside = (draft: Draft, phase: number): boolean => draft.tasks.every(({ id }) => held[phase]!.has(id));
  const units: number[][] = [];
  const wanted: number[][] = [];
  for (const [index, draft] of drafts.entries()) {
    const own = partly[index]!.filter(phase => isInside(draft, phase)).map(phase => phases[phase]!);
    const before = [...draft.sources, ...own];
    const after = homes(before.flatMap(({ follows = [] }) => follows)).filter(other => other !== index);
    const groups = before.flatMap(({ dependsOnGroups = [] }) => dependsOnGroups.flatMap(id => number.get(id) ?? []));
    units.push(after);
    wanted.push([...new Set(groups)].filter(phase => !partly[index]!.includes(phase)));
  }
  return { units, named: wanted.map(list => list.map(at => phases[at]!.id)), phases: wanted, members };
};

/** An order that keeps every need, and every wish but those that would make a circle. `stuck`: needs alone make one. */
export const inOrder = (needs: Needs, wishes: Wishes): { order: number[]; stuck: number[] } => {
  // The end of a phase is a node of its own, in front of all others: it is taken as soon as its last member is.
  const count = wishes.members.length;
  const graph = (kept: (draft: number) => boolean): Needs => [
    ...wishes.members.map(list => list.map(draft => draft + count)),
    ...needs.map((list, draft) => [
      ...[...list, ...(kept(draft) ? wishes.units[draft]! : [])].map(other => other + count),
      ...(kept(draft) ? wishes.phases[draft]! : []),
    ]),
  ];
  const run = (kept: (draft: number) => boolean) => {
    const { order, stuck } = lowestFirst(graph(kept));
    const drafts = (list: readonly number[]) => list.filter(node => node >= count).map(node => node - count);
    return { order: drafts(order), stuck: drafts(stuck) };
  };
  const first = run(() => true);
  if (first.stuck.length === 0) return first;
  const circling = new Set(first.stuck);
  const second = run(draft => !circling.has(draft));
  return second.stuck.length === 0 ? second : run(() => false);
};
