// What a dialect of task files is: how it is recognised and how its tasks are found.
import type { TaskState } from '../../core/task.ts';
import { type Chosen, chooseItems } from '../choose.ts';
import type { Document } from '../document.ts';
import type { Headed } from '../headings.ts';
import type { Report } from '../report.ts';
import type { DialectName } from './names.ts';

/** How sure a dialect is of a file. */
export interface Match {
  /** 0 = not this one. 1 to 9: it could be; 10 and more: it has signs that no other dialect has. The highest wins. */
  points: number;
  /** What was seen, for a person: `24 boxes with ids like T001`. */
  because: string;
}

/** Which lines are the tasks. */
export type Reading =
  | {
      kind: 'items';
      chosen: Chosen[];
      /** Meaning of marks where it differs from Kiro's. */
      marks: Readonly<Record<string, TaskState>>;
    }
  | { kind: 'headings'; headed: Headed[] };

export interface Dialect {
  /** As `plan` prints it and `--dialect` takes it: lower case, dashes. */
  name: DialectName;
  /** One line for people. */
  about: string;
  score(document: Document): Match;
  read(document: Document, report: Report): Reading;
}

export const noMatch: Match = { points: 0, because: '' };

/** `1 box`, `2 boxes`. */
export const boxes = (count: number): string => (count === 1 ? '1 box' : `${count} boxes`);

/** Match by a count: none below `least`. */
export const matchBy = (count: number, least: number, points: number, what: string): Match =>
  count < least
    ? noMatch
    : { points, because: `${count} ${count === 1 ? what.replace(/\b(box)es\b|\b(line|heading)s\b/, '$1$2') : what}` };

/** The reading of every dialect whose tasks are list items. */
export const readItems =
  (marks: Readonly<Record<string, TaskState>> = {}): Dialect['read'] =>
  ({ found }, report) => ({ kind: 'items', chosen: chooseItems(found, report), marks });
