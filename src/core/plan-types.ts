// The shape of a plan: the ordered units of a spec, with what is left out and why.

/** A task without children, as a unit holds it. */
export interface Leaf {
  id: string;
  title: string;
  /** Hash of the normalised title: a completion holds only for the title it was given for. */
  titleHash: string;
  optional: boolean;
}

/** The smallest thing handed to an agent: a task group or a single task. */
export interface Unit {
  /** Id of the task or group heading. Unique in the plan. */
  id: string;
  title: string;
  /** Every task id of the unit in file order: the parent first, then its descendants. */
  tasks: string[];
  /** The leaves to be done, in id order. Optional ones are in here only when they are included. Never empty. */
  leaves: Leaf[];
  /** Leaves left out because they are optional. */
  optionalLeft: string[];
  /** Ids of leaves outside the unit that must be done first, parents expanded, sorted. */
  dependsOn: string[];
  /** Ids of the units that hold `dependsOn`, sorted. */
  dependsOnUnits: string[];
  /** Units that the prose of the file wants before this one: they come first where nothing speaks against it. Absent: none. */
  followsUnits?: string[];
  /** Ids of the phases that come before this unit where nothing speaks against it. Absent: none. */
  followsGroups?: string[];
  /** Topological level from 0 (hard dependencies only). For display. */
  level: number;
  /** From 1 (first) to 5 as the file says it; absent: it does not, which counts as 3. */
  priority?: number;
  /** Owner named in the file, or null. */
  agent: string | null;
  /** Commands that its tasks name, in file order, none twice. Hostile text. Absent: none. */
  verify?: string[];
  /** It may be done with the working tree as it is. */
  noChange?: true;
  /** How tests stand when all of it is done: `red` = one that it wrote fails until another unit mends the code. Absent: not said. */
  expects?: 'red' | 'green';
  /** It only writes tests, behind a unit that leaves a failing one and before any that could mend that: gates may stay red as they are. */
  mayStayRed?: true;
  /** It is nothing but a checkpoint. */
  checkpoint?: true;
  /** It changes documentation and nothing else. */
  docs?: true;
}

/** A task that will not run, and why. */
export interface Skip {
  id: string;
  title: string;
  because: 'optional' | 'not_selected';
  /** The leaves of a unit that was not selected; absent in plans of older journals. */
  leaves?: string[];
}

/** What is to be run, in dispatch order. Independent of what is done: the same file text gives the same plan. */
export interface Plan {
  /** 16 hex digits (see core/hash.ts) over the structure: ids, titles, optional marks, dependencies, order. */
  hash: string;
  dialect: string;
  /** In dispatch order: the first ready one is next. */
  units: Unit[];
  skipped: Skip[];
}

/** How a plan is to be made from a spec. */
export interface PlanOptions {
  granularity: 'group' | 'leaf';
  includeOptional: boolean;
  /** Unknown or skipped dependencies warn and count as satisfied instead of stopping the run. */
  lenientDeps: boolean;
  /** Only this unit or task; null = all. */
  only: string[] | null;
  /** `priority`: within a level, and a wave where waves give the order, the most urgent first. Absent: by id. */
  order?: 'id' | 'priority';
  /** Names that a task's `_agent: …_` may have; absent: any. */
  agents?: readonly string[];
  /** First and last id (inclusive) in dispatch order; null = open. */
  from: string | null;
  until: string | null;
}
