// Words that say that a task is not to be done: in a status line, in its title, over a section.
import type { Task } from '../core/task.ts';
import type { Section } from './collect.ts';
import { endOf } from './headings.ts';
import { readHeadingBox, readMarker } from './line.ts';
import { quote, type Report } from './report.ts';

const GIVEN_UP = `cancell?ed|superseded|obsolete|abandoned|dropped|removed|won['’]?t[ -](?:do|fix)|not needed`;
const LATER = 'deferred|skipped|postponed';
const ANY = `${GIVEN_UP}|${LATER}`;

/** What a status says where it begins with such a word: nothing is left to do, or not now; else null. */
export const fateOf = (status: string): 'given_up' | 'deferred' | null => {
  const said = new RegExp(String.raw`^[^\p{L}\p{N}]*(?:(${GIVEN_UP})|(?:${LATER}))(?!\p{L})`, 'iu').exec(status);
  if (!said) return null;
  return said[1] === undefined ? 'deferred' : 'given_up';
};

/** Says that a task will be run though something says that it is not to be. `line` is 0-based. */
export const reportDeferred = (what: string, line: number, report: Report): void => {
  report.add('warning', 'deferred', `${what}; tick or remove it if it is not to be run.`, line);
};

const IN_BRACKETS = new RegExp(
  String.raw`^[*_~\s]*[[(（](?:${ANY})(?:[\s:,–—-][^\])）]{0,200})?[\])）]|[[(（](?:${ANY})(?:[\s:,–—-][^\])）]{0,200})?[\])）][*_~\s.]*$`,
  'i',
);
/** Without brackets only in capitals: `Remove dropped rows` is work. */
const IN_CAPITALS =
  /^[*_\s]*(?:CANCELL?ED|SUPERSEDED|OBSOLETE|ABANDONED|DROPPED|REMOVED|DEFERRED|SKIPPED|POSTPONED)(?=[\s:,–—-]|[*_]|$)|[\s:–—-](?:CANCELL?ED|SUPERSEDED|OBSOLETE|ABANDONED|DROPPED|REMOVED|DEFERRED|SKIPPED|POSTPONED)[*_~\s.]*$/;
/** An id at most, then struck-through text to the end, or to a bracket. */
const STRUCK =
  /^[*_]{0,3}(?:[\w.-]{1,20}[.:)]?[*_]{0,3}[ \t]+(?:[-–—][ \t]+)?)?[*_]{0,3}~~(?:(?!~~).)+~~[*_]{0,3}[ \t]*(?:[[(（][^\])）]*[\])）])?[ \t]*$/;
const LATER_SECTION =
  /^(?:out[ -]of[ -]scope|(?:product |icebox )?backlog|future(?: (?:work|enhancements?|improvements?|ideas|features?|tasks))?|(?:deferred|postponed)(?: (?:items?|tasks?|work))?|icebox|parking lot)(?=[ \t]*(?:$|[/&:,(（])|[ \t]+(?:[-–—]|and\b))/i;

const isOff = (title: string): boolean => IN_BRACKETS.test(title) || IN_CAPITALS.test(title);

/** Says which open tasks have titles, or stand under headings, that say that they are not to be done. Their state stays as written. */
export const reportPostponed = (
  tasks: readonly Task[],
  sections: readonly Section[],
  lines: readonly string[],
  report: Report,
): void => {
  const open = tasks.filter(({ state }) => state !== 'done');
  for (const task of open) {
    const line = lines[task.line - 1] ?? '';
    const text = readMarker(line)?.text ?? line.replace(/^[ \t]*#{1,6}[ \t]+/, '');
    if (isOff(task.title) || STRUCK.test(readHeadingBox(text)?.rest ?? text))
      reportDeferred(
        `The title of ${task.id} says that it is not to be done, and its state is open`,
        task.line - 1,
        report,
      );
  }
  const at = new Set(tasks.map(({ line }) => line - 1));
  let end = 0;
  for (const [index, { line, text, numbered, aside }] of sections.entries()) {
    const title = numbered?.title ?? text.replace(/^[^\p{L}\p{N}]+/u, '');
    // A heading that is a task has been told; of those inside each other the outer one counts.
    if (line < end || aside || at.has(line) || !(LATER_SECTION.test(title) || isOff(title))) continue;
    end = endOf(sections, index, lines.length);
    const inside = open.filter(task => task.line - 1 > line && task.line - 1 < end).map(({ id }) => id);
    if (inside.length === 0) continue;
    const ids = inside.slice(0, 10).join(', ') + (inside.length > 10 ? ', …' : '');
    const what = inside.length === 1 ? 'An open task stands' : `${inside.length} open tasks stand`;
    const message = `${what} under ${quote(title)} and will be run: ${ids}; tick or remove what is not to be run.`;
    report.add('warning', 'deferred', message, line);
  }
};
