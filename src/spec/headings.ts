// Files whose tasks are headings: `### Task 1: …` with text or an unnumbered check list below.
import type { Task, TaskState } from '../core/task.ts';
import type { Candidate, Collected, Placed, Section } from './collect.ts';
import { expandReference, type Reference, readDependencyLine } from './dependencies.ts';
import { readHead } from './line.ts';
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
      // Numbered boxes are the tasks, unless they only list the headings once more, further down.
      const own = headed.find(one => one.id === id);
      if (!own || owner === own || box.line < own.section.line || own.listed) return null;
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
    const { code } = readHead(section.text.replace(/^\[[ xX~/-]\][ \t]+/, ''));
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

/** Tasks of headings, in file order. A heading without box has none to tick. */
export const headingTasks = (
  headed: readonly Headed[],
  source: Source,
  bytes: Uint8Array,
  placed: readonly Placed[],
): Task[] => {
  const known = new Set(headed.map(({ id }) => id));
  const opaque = new Set(placed.flatMap(({ piece, base }) => [...piece.opaque].map(line => base + line)));
  return headed.map(({ section, id, title, end, boxes, listed }): Task => {
    const below = source.lines.slice(section.line + 1, end);
    const references: Reference[] = [];
    let agent: string | null = null;
    for (const [at, text] of below.entries()) {
      if (opaque.has(section.line + 1 + at)) continue;
      const found = readDependencyLine(text);
      if (found && !found.blocks) references.push(...found.references);
      agent = /(?:^|[\s*+-])_agent:[ \t]*([A-Za-z0-9][A-Za-z0-9.-]{0,63})_/i.exec(text)?.[1] ?? agent;
    }
    const own = /^[ \t]*#{1,6}[ \t]+\[([ xX~/-])\]/.exec(source.lines[section.line]!);
    const offset = own
      ? source.byteStarts[section.line]! + own[0].length - 2
      : listed
        ? source.byteStarts[listed.line]! + listed.item.column + 1
        : null;
    const mark = own?.[1] ?? listed?.item.box?.mark ?? '';
    return {
      id,
      title: title.replace(/[ \t]*(?:✅|✓|🔄|⏳|❌|⬜)[^\p{L}\p{N}]*(?:COMPLETED|DONE)?[ \t]*$/u, ''),
      line: section.line + 1,
      parent: null,
      group: null,
      state: stateOf({ mark: own?.[1] ?? null, heading: section.text, boxes, listed, below }),
      optional: /[([（](?:optional|可选)[)\]）]/i.test(title),
      dependsOn: [...new Set(references.flatMap(one => expandReference(one, known)))].filter(other => other !== id),
      follows: [],
      box:
        offset === null
          ? null
          : { offset: mark.length === 1 && bytes[offset] === mark.charCodeAt(0) ? offset : -1, mark },
      details: below.join('\n').replace(/^(?:[ \t]*\n)+|\s+$/g, ''),
      agent,
    };
  });
};

const MARKS: Readonly<Record<string, TaskState>> = {
  ' ': 'pending',
  x: 'done',
  X: 'done',
  '-': 'in_progress',
  '/': 'in_progress',
  '~': 'pending',
};

/** Its own box, else its place in a list, else its check list, else its status line, else a sign in the heading. */
const stateOf = (of: {
  mark: string | null;
  heading: string;
  boxes: readonly Candidate[];
  listed: Candidate | null;
  below: readonly string[];
}): TaskState => {
  if (of.mark !== null) return MARKS[of.mark] ?? 'pending';
  if (of.listed) return of.listed.item.box?.state ?? 'pending';
  if (of.boxes.length > 0) {
    const done = of.boxes.filter(box => box.item.box?.state === 'done').length;
    return done === of.boxes.length ? 'done' : done === 0 ? 'pending' : 'in_progress';
  }
  for (const line of of.below) {
    const status = /^[ \t]*(?:[-*+][ \t]+)?\**(?:status|状态|estado)\**[ \t]*[:：]\**[ \t]*(.*)$/i.exec(line)?.[1];
    if (status === undefined) continue;
    if (/partial|in[ _-]?progress|wip|进行中|🔄/i.test(status)) return 'in_progress';
    return /\b(?:complete[d]?|done|finished|conclu[ií]d[ao])\b|✅|已完成/i.test(status) &&
      !/\b(?:not|in)\s*complete/i.test(status)
      ? 'done'
      : 'pending';
  }
  return /✅/.test(of.heading) ? 'done' : 'pending';
};
