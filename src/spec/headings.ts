// Files whose tasks are headings: `### Task 1: …` with text or an unnumbered check list below.
import type { Phase, Task, TaskState } from '../core/task.ts';
import { readAgentLine } from './body.ts';
import type { Candidate, Collected, Placed, Section } from './collect.ts';
import { readBox, readHead, saysOptional } from './line.ts';
import { takeOutside } from './order.ts';
import { readPhases } from './phases.ts';
import { type Report, reportAgent, reportMark } from './report.ts';
import type { Source } from './source.ts';

/** A heading that is a task, with the lines up to the next one. Lines are 0-based. */
export interface Headed {
  section: Section;
  id: string;
  title: string;
  /** First line that is not its own any more. */
  end: number;
  /** Boxes below it that no other task owns. */
  boxes: Candidate[];
  /** Its box in a list elsewhere, or null. */
  listed: Candidate | null;
}

/** The headings that are the tasks of this file, or null when its boxes or lists are. */
export const chooseHeadings = (found: Collected, lines: readonly string[]): Headed[] | null => {
  const named = namedHeadings(found);
  if (named.length < 2) return null;
  const ids = new Set(named.map(({ id }) => id));
  if (ids.size !== named.length) return null;
  const headed = named.map(({ section, id, title }): Headed => {
    const next = found.sections.find(
      other => other.line > section.line && (other.depth <= section.depth || isNamed(other, named)),
    );
    return { section, id, title, end: next?.line ?? lines.length, boxes: [], listed: null };
  });
  const ownerOf = (line: number) => headed.find(one => line > one.section.line && line < one.end) ?? null;
  let inside = 0;
  for (const box of found.boxes) {
    if (box.item.swallowed) continue;
    const owner = ownerOf(box.line);
    const id = box.head && !box.head.bare ? box.head.id : null;
    if (id !== null) {
      // Numbered boxes are the tasks, unless they only list the headings once more: further down, or in a table.
      const own = headed.find(one => one.id === id);
      const isListed = own && owner !== own && !own.listed && (box.item.row || box.line > own.section.line);
      if (!isListed) return null;
      own.listed = box;
    } else if (owner) {
      owner.boxes.push(box);
      inside++;
    }
  }
  const rest = found.boxes.filter(
    box => !box.item.swallowed && (box.head === null || box.head.id === null || box.head.bare),
  );
  return rest.length === 0 || 2 * inside >= rest.length ? headed : null;
};

interface Named {
  section: Section;
  id: string;
  title: string;
}

const isNamed = (section: Section, named: readonly Named[]): boolean => named.some(one => one.section === section);

/** Headings that call themselves tasks; where none does and no box is there, those with a number and no numbered ones below. */
const namedHeadings = (found: Collected): Named[] => {
  const sections = found.sections.filter(section => !section.aside);
  const numbered = sections.flatMap(section => (section.numbered ? [{ section, ...section.numbered }] : []));
  const called = numbered.filter(({ taskWord }) => taskWord);
  if (called.length > 1) return called;
  const coded = sections.flatMap(section => {
    const { code } = readHead(readBox(section.text)?.rest ?? section.text);
    return code ? [{ section, ...code }] : [];
  });
  const families = new Map<string, number>();
  for (const { family } of coded) families.set(family, (families.get(family) ?? 0) + 1);
  const own = coded.filter(({ family }) => families.get(family)! > 1);
  if (own.length > 1 && found.boxes.length === 0) return own;
  // `## 1. Overview`, `## 2. Goals` number the chapters of any text; `1.1` and `1.2` below them are more than that.
  const dotted = numbered.filter(({ id }) => id.includes('.')).length;
  if (found.boxes.length > 0 || dotted < 2) return [];
  return numbered.filter(({ id }) => !numbered.some(other => other.id.startsWith(`${id}.`)));
};

/** Tasks of headings, in file order, and the headings around them that only order. A heading without box has none to tick. */
export const headingTasks = (
  headed: readonly Headed[],
  found: Collected,
  source: Source,
  bytes: Uint8Array,
  placed: readonly Placed[],
  report: Report,
): { tasks: Task[]; phases: Phase[] } => {
  const opaque = new Set(placed.flatMap(({ piece, base }) => [...piece.opaque].map(line => base + line)));
  const tasks = headed.map((one): Task => {
    const { section, id, title, end, listed } = one;
    const first = section.line + 1;
    const below = source.lines.slice(first, end);
    const own = boxOfHeading(section, source);
    const box: BoxPlace | null =
      own ?? (listed && { ...listed.item.box!, line: listed.line, column: listed.item.column });
    if (box && box.state === null) reportMark(box, report);
    // Nothing but marks and blanks stands in front of a box; that of a row counts in bytes.
    const offset = box ? source.byteStarts[box.line]! + box.column + 1 : -1;
    const isByte = box !== null && box.mark.length === 1 && bytes[offset] === box.mark.charCodeAt(0);
    let agent: string | null = null;
    for (const [at, text] of below.entries()) {
      const said = opaque.has(first + at) ? null : readAgentLine(text);
      if (said?.valid) agent = said.name;
      else if (said) reportAgent(said.name, first + at, report);
    }
    return {
      id,
      title: title.replace(/[ \t]*(?:✅|✓|🔄|⏳|❌|⬜)[^\p{L}\p{N}]*(?:COMPLETED|DONE)?[ \t]*$/u, ''),
      line: section.line + 1,
      parent: null,
      group: null,
      state: box ? (box.state ?? 'pending') : stateOf(one, below),
      optional: saysOptional(title) || (own?.star ?? false),
      dependsOn: [],
      follows: [],
      box: box && { offset: isByte ? offset : -1, mark: box.mark },
      details: below.join('\n').replace(/^(?:[ \t]*\n)+|\s+$/g, ''),
      agent,
    };
  });
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

interface BoxPlace {
  mark: string;
  state: TaskState | null;
  line: number;
  column: number;
}

const boxOfHeading = ({ line, text }: Section, { lines }: Source): (BoxPlace & { star: boolean }) | null => {
  const box = readBox(text);
  return box && { mark: box.mark, state: box.state, star: box.star, line, column: lines[line]!.indexOf('[') };
};

/** Without a box of its own: its check list, else its status line, else a sign in the heading. */
const stateOf = ({ section, boxes }: Headed, below: readonly string[]): TaskState => {
  if (boxes.length > 0) {
    const done = boxes.filter(box => box.item.box?.state === 'done').length;
    return done === boxes.length ? 'done' : done === 0 ? 'pending' : 'in_progress';
  }
  for (const line of below) {
    const status = /^[ \t]*(?:[-*+][ \t]+)?\**(?:status|状态|estado)\**[ \t]*[:：]\**[ \t]*(.*)$/i.exec(line)?.[1];
    if (status === undefined) continue;
    if (/partial|in[ _-]?progress|wip|进行中|🔄/i.test(status)) return 'in_progress';
    return /\b(?:complete[d]?|done|finished|conclu[ií]d[ao])\b|✅|已完成/i.test(status) &&
      !/\b(?:not|in)\s*complete/i.test(status)
      ? 'done'
      : 'pending';
  }
  return /✅/.test(section.text) ? 'done' : 'pending';
};
