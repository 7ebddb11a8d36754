// What a spec holds once it is read: tasks, groups, and what was noticed on the way. Types and id order only.

/** State of one task as its own box says it. A parent's box never decides anything. */
export type TaskState = 'pending' | 'in_progress' | 'done';

/** The byte between the brackets of a box, so that it can be flipped in place. */
export interface Box {
  /** Offset of the mark in the file's bytes (BOM included), 0-based. -1 for `[]`, which has no byte to write. */
  offset: number;
  /** The mark as written: ' ', 'x', 'X', '-', '~', …; '' for `[]`. */
  mark: string;
}

/** One item of tasks.md. */
export interface Task {
  /** As written, without decoration (`1.`, `**1.1**:` → `1`, `1.1`). Unnumbered tasks get `#<k>`, k from 1 in file order. */
  id: string;
  /** Further ids on its line that no other task has; who names one means this task. Absent: none. */
  aliases?: string[];
  /** Rest of the task's own first line, decoration kept out, one line. Hostile text. */
  title: string;
  /** Line of the item, 1-based. */
  line: number;
  /** Id of the parent task, or null. */
  parent: string | null;
  /** Id of the numbered heading that groups this task, or null. Only set for tasks without parent. */
  group: string | null;
  state: TaskState;
  /** Own mark or inherited from an ancestor. */
  optional: boolean;
  /** Ids named by the task's own dependency lines, ranges expanded, `none` dropped. Unknown ids stay (diagnosed in the plan). */
  dependsOn: string[];
  /** By id in `dependsOn`: the line that names it, 1-based, where that is not the task's own. Absent: all stand on `line`. */
  dependsOnLines?: Record<string, number>;
  /** Ids that the prose of the file wants done first: they order units, and nothing waits for them or fails with them. */
  follows: string[];
  /** Ids of the phases that the file wants done first, kept apart from `dependsOn`; they only order, too. Absent: none. */
  dependsOnGroups?: string[];
  /** null for a task without box. */
  box: Box | null;
  /** Raw source of everything below the first line that is not a child task, common indent removed. */
  details: string;
  /** Owner named by `_agent: …_`, or null. */
  agent: string | null;
  /** Commands named by its `_verify: …_` lines, in order; each one line without unseen characters. Hostile text. Absent: none. */
  verify?: string[];
  /** It may be done with the working tree as it is: it says so (`_no_change_`), or it only looks. */
  noChange?: true;
  /** Tests at its end: `red` = one that it writes must fail, as nothing is mended yet; `green` = they must pass. Absent: it does not say. */
  expects?: 'red' | 'green';
  /** It writes tests and does nothing else, and does not say how they stand at its end; absent in doubt. */
  writesTests?: true;
  /** It stops to look at what is there: `Checkpoint - Ensure all tests pass`. */
  checkpoint?: true;
  /** It changes documentation and nothing else; absent in doubt. */
  docs?: true;
  /** From 1 (first) to 5, where a field of the file says it; absent: its text may (see core/priority.ts). */
  priority?: number;
}

/** A numbered heading whose boxes form one dispatch unit. */
export interface Group {
  id: string;
  title: string;
  line: number;
  dependsOn: string[];
  /** As a task's, from the lines below the heading that are no task's. */
  verify?: string[];
  noChange?: true;
}

/** A heading that the file names as a whole though it is no unit: a phase, a user story, a milestone. It gives nothing but order. */
export interface Phase {
  /** Lower case: `phase 2`, `story 1`. Unique in the spec. */
  id: string;
  /** Text of the heading. */
  title: string;
  /** Line of the heading, 1-based. */
  line: number;
  /** Every task below the heading, in file order. Never empty. */
  tasks: string[];
  /** Phases that come before it. */
  dependsOnGroups: string[];
  /** Tasks that come before it. */
  follows: string[];
}

/** Something noticed while reading or planning. `error` stops the run (65) unless the text says otherwise. */
export interface Diagnostic {
  severity: 'error' | 'warning' | 'info';
  /** Stable, snake_case: `duplicate_id`, `unknown_dependency`, `cycle`, `orphan`, `unknown_mark`, `swallowed_child`, … */
  code: string;
  /** What happened, what was expected, an example or the next command. One line. */
  message: string;
  /** 1-based, or null when the whole file is meant. */
  line: number | null;
  /** 1-based, or null. */
  column: number | null;
  /** The source line, cut to 200 characters, or null. */
  source: string | null;
  /** How many open boxes it says are no tasks though they may be meant as such; absent: none. */
  unread?: number;
}

/** A task file, read. Reading never throws: what was not understood is a diagnostic. */
export interface Spec {
  /** 'kiro', 'plain', … or 'none' when no task was understood. */
  dialect: string;
  /** What shows that it is this dialect, for a person; null with 'none'. */
  because: string | null;
  tasks: Task[];
  groups: Group[];
  /** Absent: none. */
  phases?: Phase[];
  /** Task ids by wave of the file's dependency graph block, or null. */
  waves: string[][] | null;
  diagnostics: Diagnostic[];
}

/**
 * Order of task ids: numeric per dotted segment (2 < 10, 1.2 < 1.10), a parent before its children,
 * a numbered id before an unnumbered one; a letter suffix after the bare number (7.3 < 7.3a < 7.4).
 */
export const compareIds = (a: string, b: string): number => {
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const x = left[i];
    const y = right[i];
    if (x === undefined) return -1;
    if (y === undefined) return 1;
    const bySegment = compareSegments(x, y);
    if (bySegment !== 0) return bySegment;
  }
  return 0;
};

const compareSegments = (a: string, b: string): number => {
  const left = /^(\D*)(\d*)(.*)$/s.exec(a)!;
  const right = /^(\D*)(\d*)(.*)$/s.exec(b)!;
  if (left[1] !== right[1]) return left[1]! < right[1]! ? -1 : 1;
  const difference = Number(left[2]) - Number(right[2]);
  if (difference !== 0) return difference;
  if (left[3] === right[3]) return 0;
  return left[3]! < right[3]! ? -1 : 1;
};
