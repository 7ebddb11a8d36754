// Which units a spec has, and in which order they are preferred.
import { onlyWritesTests, type Proof, proofOf, type Whole } from './plan-proof.ts';
import type { TaskTree } from './plan-tree.ts';
import type { PlanOptions } from './plan-types.ts';
import { compareIds, type Group, type Spec, type Task } from './task.ts';

/** A unit before it is put in order. */
export interface Draft {
  id: string;
  title: string;
  line: number;
  agent: string | null;
  tasks: Task[];
  leaves: Task[];
  optionalLeft: Task[];
  /** Where its dependencies are written. */
  sources: Source[];
  /** What the file says about how it is proved. */
  proof: Proof;
  /** It writes tests and nothing else. */
  writesTests: boolean;
}

/** A task or heading whose dependency lines count for a unit. */
export interface Source {
  id: string;
  line: number;
  dependsOn: readonly string[];
  /** Where each is named, if not on `line`. */
  dependsOnLines?: Readonly<Record<string, number>>;
  /** What it comes after where nothing else speaks against it. A heading has none. */
  follows?: readonly string[];
  /** The same for whole phases. */
  dependsOnGroups?: readonly string[];
}

/** Every unit the spec could have, those without required leaves included, in no order. */
export const draftUnits = (spec: Spec, tree: TaskTree, options: PlanOptions): Draft[] => {
  const groups = new Map(spec.groups.map(group => [group.id, group]));
  /** The heading with this id and those whose sections it goes on: what `2` waits for, `2.3` waits for. */
  const headings = (id: string | null): Group[] =>
    id === null ? [] : spec.groups.filter(group => group.id === id || id.startsWith(`${group.id}.`));
  const wanted = (task: Task): boolean => options.includeOptional || !task.optional;
  const draft = (
    own: Pick<Draft, 'id' | 'title' | 'line' | 'sources'>,
    tasks: Task[],
    agent: string | null,
    whole: readonly Whole[],
  ): Draft => {
    const all = tasks.filter(tree.isLeaf).sort((a, b) => compareIds(a.id, b.id));
    const leaves = all.filter(wanted);
    const done = new Set(leaves);
    return {
      ...own,
      tasks,
      agent,
      leaves,
      optionalLeft: all.filter(task => !wanted(task)),
      // What is left out proves nothing.
      proof: proofOf(
        whole,
        tasks.filter(task => task.verify && tree.within(task).some(one => done.has(one))),
        tasks.filter(task => done.has(task)),
      ),
      writesTests: onlyWritesTests(whole, leaves),
    };
  };
  if (options.granularity === 'leaf') {
    const lasts = new Map<Task | Group, Task | undefined>();
    /** A parent or a heading as it counts for one of its leaves: its commands hold when the last of them is done. */
    const wholeFor = (leaf: Task, one: Task | Group, among: () => Task[]): Whole => {
      if (one.verify && !lasts.has(one))
        lasts.set(one, lastOf(among().filter(task => tree.isLeaf(task) && wanted(task))));
      return { ...(one.noChange && { noChange: true }), ...(lasts.get(one) === leaf && { verify: one.verify }) };
    };
    return tree.leaves.map(leaf => {
      const above = tree.ancestors(leaf);
      const inherited = [...above, ...headings(tree.groupOf(leaf))].map(sourceOf);
      const agent = [leaf, ...above].find(task => task.agent !== null)?.agent ?? null;
      return draft(
        { id: leaf.id, title: leaf.title, line: leaf.line, sources: [sourceOf(leaf), ...inherited] },
        [leaf],
        agent,
        [
          ...headings(tree.groupOf(leaf)).map(one => wholeFor(leaf, one, () => tree.inGroup(one.id))),
          ...above.toReversed().map(one => wholeFor(leaf, one, () => tree.within(one))),
        ],
      );
    });
  }
  const drafts: Draft[] = [];
  for (const group of spec.groups) {
    const tasks = tree.inGroup(group.id);
    const agents = new Set(tasks.map(task => task.agent).filter(name => name !== null));
    // Only an owner that all named ones agree on is the unit's: it is one start of one agent.
    const agent = agents.size === 1 ? [...agents][0]! : null;
    const sources = [...headings(group.id), ...tasks].map(sourceOf);
    drafts.push(draft({ id: group.id, title: group.title, line: group.line, sources }, tasks, agent, [group]));
  }
  for (const task of spec.tasks) {
    if (tree.ancestors(task).length > 0 || (task.group !== null && groups.has(task.group))) continue;
    const tasks = tree.within(task);
    const inner = new Set(tasks.map(other => other.agent).filter(name => name !== null));
    const agent = task.agent ?? (inner.size === 1 ? [...inner][0]! : null);
    const rest = tasks.filter(other => other !== task);
    const own = { id: task.id, title: task.title, line: task.line, sources: tasks.map(sourceOf) };
    drafts.push(draft(own, [task, ...rest], agent, tasks.length > 1 ? [task] : []));
  }
  return drafts;
};

const lastOf = (tasks: readonly Task[]): Task | undefined =>
  tasks.reduce<Task | undefined>((last, task) => (last && compareIds(last.id, task.id) > 0 ? last : task), undefined);

const sourceOf = ({ id, line, dependsOn, dependsOnLines, follows, dependsOnGroups }: Source): Source => ({
  id,
  line,
  dependsOn,
  dependsOnLines,
  follows,
  dependsOnGroups,
});

/**
 * Sorts in place by preference: the lowest id first, kinds of ids (`SETUP-1`, `API-1`, `2`) in the order in which the file has them. Where
 * every unit is a single task, or by leaf, the waves of the spec come before that: a unit that no wave names (a checkpoint) keeps its
 * place in the file: what stands before it goes first, what stands behind it later. The result says which drafts are one wave.
 */
export const preferredOrder = (drafts: Draft[], spec: Spec, options: PlanOptions): ((draft: Draft) => number) => {
  const rank = new Map<string, number>();
  const inFile = [...drafts].sort((a, b) => a.line - b.line);
  for (const draft of inFile) if (!rank.has(kindOf(draft))) rank.set(kindOf(draft), rank.size);
  const byId = (a: Draft, b: Draft): number => rank.get(kindOf(a))! - rank.get(kindOf(b))! || compareIds(a.id, b.id);
  const parts = options.granularity === 'group' && drafts.some(draft => draft.tasks.length > 1);
  if (parts || !spec.waves) {
    drafts.sort(byId);
    return () => 0;
  }
  const waveOf = new Map(spec.waves.flatMap((wave, index) => wave.map(id => [id, index] as const)));
  const waveOfUnit = (draft: Draft): number | undefined =>
    // Some files name the parents and leave their children out.
    draft.sources.map(source => waveOf.get(source.id)).find(wave => wave !== undefined);
  const stretch = new Map<Draft, number>();
  let current = 0;
  for (const draft of inFile) {
    const barrier = waveOfUnit(draft) === undefined;
    stretch.set(draft, barrier ? current + 1 : current);
    if (barrier) current += 2;
  }
  const byWave = (a: Draft, b: Draft): number =>
    stretch.get(a)! - stretch.get(b)! || (waveOfUnit(a) ?? 0) - (waveOfUnit(b) ?? 0);
  drafts.sort((a, b) => byWave(a, b) || byId(a, b));
  const place = new Map<Draft, number>();
  for (const [index, draft] of drafts.entries()) {
    const before = drafts[index - 1];
    place.set(draft, before === undefined ? 0 : place.get(before)! + (byWave(before, draft) === 0 ? 0 : 1));
  }
  return draft => place.get(draft)!;
};

/** `API-` of `API-1`; numbers are one kind, whatever stands behind them, and so are tasks without id. */
const kindOf = ({ id }: Draft): string => /^[A-Za-z]+[-.]?/.exec(id)?.[0] ?? '';
