// Headings that were taken for tasks → tasks: state, box, text, owner, and what the file says of their order.
import type { Phase, Task, TaskState } from '../core/task.ts';
import { readAgentLine } from './body.ts';
import type { Collected, Placed, Section } from './collect.ts';
import { stateBelow, statusBelow } from './heading-state.ts';
import type { Headed } from './headings.ts';
import { readHeadingBox, saysOptional } from './line.ts';
import { takeOutside } from './order.ts';
import { readPhases } from './phases.ts';
import { fateOf, reportDeferred } from './postponed.ts';
import { proofOf } from './proof.ts';
import { quote, type Report, reportAgent, reportMark } from './report.ts';
import type { Source } from './source.ts';

/** The first of those with the same id; the others are told. */
export const withoutCopies = (headed: readonly Headed[], report: Report): Headed[] => {
  const first = new Map<string, Headed>();
  for (const one of headed) {
    const other = first.get(one.id);
    if (!other) {
      first.set(one.id, one);
      continue;
    }
    const lines = `${other.section.line + 1} and ${one.section.line + 1}`;
    const what = `The id ${one.id} is used twice, by the headings in lines ${lines}; give one of them another number.`;
    report.add('error', 'duplicate_id', what, one.section.line);
  }
  return [...first.values()];
};

/** One task for each heading, in the same order; nothing that other lines of the file say of them. A heading without box has none to tick. */
export const tasksOfHeadings = (
  headed: readonly Headed[],
  source: Source,
  bytes: Uint8Array,
  placed: readonly Placed[],
  report: Report,
): Task[] => {
  const opaque = new Set(placed.flatMap(({ piece, base }) => [...piece.opaque].map(line => base + line)));
  return headed.map((one): Task => {
    const { section, id, title, end, listed } = one;
    const first = section.line + 1;
    const below = source.lines.slice(first, end);
    const own = boxOfHeading(section, source);
    const box: BoxPlace | null =
      own ?? (listed && { ...listed.item.box!, line: listed.line, column: listed.item.column });
    if (box && box.state === null) reportMark(box, report);
    const offset = box ? source.byteStarts[box.line]! + box.column + 1 : -1;
    const isByte = box !== null && box.mark.length === 1 && bytes[offset] === box.mark.charCodeAt(0);
    let agent: string | null = null;
    const lines: string[] = [];
    for (const [at, text] of below.entries()) {
      if (opaque.has(first + at)) continue;
      lines.push(text);
      const said = readAgentLine(text);
      if (said?.valid) agent = said.name;
      else if (said) reportAgent(said.name, first + at, report);
    }
    const state = box ? (box.state ?? 'pending') : stateBelow(section.text, one.boxes, below);
    reportFate(one, statusBelow(below), state, { box: box !== null, report });
    return {
      id,
      title: title.replace(/[ \t]*(?:✅|✓|🔄|⏳|❌|⬜)[^\p{L}\p{N}]*(?:COMPLETED|DONE)?[ \t]*$/u, ''),
      line: section.line + 1,
      parent: null,
      group: null,
      state,
      optional: saysOptional(title) || (own?.star ?? false),
      dependsOn: [],
      follows: [],
      box: box && { offset: isByte ? offset : -1, mark: box.mark },
      details: below.join('\n').replace(/^(?:[ \t]*\n)+|\s+$/g, ''),
      agent,
      // Its commands are read with what else the lines below headings say.
      ...proofOf(title, { commands: [], noChange: false, lines }),
    };
  });
};

/** Tasks of headings, in file order, and the headings around them that only order. */
export const headingTasks = (
  all: readonly Headed[],
  found: Collected,
  source: Source,
  bytes: Uint8Array,
  placed: readonly Placed[],
  report: Report,
): { tasks: Task[]; phases: Phase[] } => {
  const headed = withoutCopies(all, report);
  const tasks = tasksOfHeadings(headed, source, bytes, placed, report);
  const at = new Map(headed.map(({ section }, index) => [section, tasks[index]!]));
  const sectionOf = new Map(headed.map(({ section, id }) => [id, section]));
  const phases = readPhases(found.sections, tasks, task => sectionOf.get(task.id)!);
  const ownerOf = (under: readonly Section[]) => under.map(section => at.get(section)).findLast(Boolean) ?? null;
  const known = new Set(tasks.map(({ id }) => id));
  takeOutside(
    { tasks, groups: [], phases, known, ownerOf },
    { placed, bodies: new Map(), sections: found.sections },
    report,
  );
  return { tasks, phases: [...phases.all] };
};

/** A status line that says that nothing, or nothing now, is to be done. `box` = the heading has a box, which counts before the line. */
const reportFate = (
  { section, id, boxes }: Headed,
  status: string | null,
  state: TaskState,
  { box, report }: { box: boolean; report: Report },
): void => {
  const fate = status === null ? null : fateOf(status);
  if (fate === null) return;
  const said = quote(status!.trim());
  if (fate === 'given_up' && !box && boxes.length === 0)
    report.add(
      'info',
      'given_up',
      `The status of ${id} is ${said}: nothing is to be done, it counts as done.`,
      section.line,
    );
  else if (state !== 'done')
    reportDeferred(`The status of ${id} is ${said}, and it counts as open`, section.line, report);
};

interface BoxPlace {
  mark: string;
  state: TaskState | null;
  line: number;
  /** In bytes. */
  column: number;
}

const boxOfHeading = ({ line, text }: Section, { lines }: Source): (BoxPlace & { star: boolean }) | null => {
  const box = readHeadingBox(text);
  if (!box) return null;
  // A dash of several bytes may stand between the number and the box.
  const before = lines[line]!.slice(0, Math.max(0, lines[line]!.indexOf('[')));
  return { mark: box.mark, state: box.state, star: box.star, line, column: new TextEncoder().encode(before).length };
};
