// Decides which candidates are tasks and what their ids are. Everything that is left out is said.
import { headingsBeside } from './beside.ts';
import type { Candidate, Collected, Placed } from './collect.ts';
import { familyOf, plainTitle } from './line.ts';
import { quote, type Report } from './report.ts';
import { reportUnnumbered } from './unnumbered.ts';

export interface Chosen {
  candidate: Candidate;
  id: string;
  title: string;
  /** The task whose list item is around this one, or null. */
  around: Chosen | null;
}

/**
 * The list items that are the tasks, in file order; ids may still be there twice. Numbered boxes if there are any, else all boxes, else
 * (without any box) bullets with codes, else the numbers of a plain list. Empty: none was understood. Rows of tables are boxes like
 * others, but give way to list items with their ids. `plans`: tables without boxes hold tasks too, where no list item is one.
 */
export const chooseItems = (found: Collected, report: Report, { plans = false } = {}): Chosen[] => {
  for (const line of found.quoted) {
    report.add('info', 'quoted_box', 'A box inside a quote is no task.', line);
  }
  const { boxes, dropped } = withoutCriteria(ownBoxes(found, plans), report);
  const numbered = pickNumbered(outside(boxes.filter(hasNumber)), boxes);
  if (numbered.length > 0) return reportNumbered(numbered, found, dropped, report);
  if (boxes.length > 0) {
    const chosen = nest(outside(boxes), (_, index) => `#${index + 1}`);
    reportSwallowed(found, chosen, report);
    return chosen;
  }
  const coded = found.coded.filter(({ head }) => head?.id != null);
  if (found.boxes.length === 0 && coded.length > 1) return nest(outside(coded), ({ head }) => head!.id);
  // In a file without boxes whose headings are numbered the headings are the tasks, and numbered lists are their steps.
  if (found.boxes.length === 0 && found.strays.length === 0 && !found.sections.some(section => section.numbered)) {
    const chosen = nest(outside(found.numbers), ({ item, head }) => item.ordered ?? head!.id!);
    if (chosen.some(({ candidate }) => candidate.item.ordered !== null)) return chosen;
  }
  return [];
};

/** Drops numbered boxes in lists of what is checked, unless the file has no others, and says so. */
const withoutCriteria = (
  boxes: Candidate[],
  report: Report,
): { boxes: Candidate[]; dropped: ReadonlySet<Candidate> } => {
  const isCriterion = (box: Candidate): boolean => (box.section?.criteria ?? false) && hasNumber(box);
  const rest = boxes.filter(box => !isCriterion(box));
  if (rest.length === boxes.length || !rest.some(({ section }) => !section?.aside && !section?.criteria))
    return { boxes, dropped: new Set() };
  const ids = new Set(rest.flatMap(box => numberOf(box) ?? []));
  const styleOf = (id: string): string => (/^\d+$/.test(id) ? '1' : kindOf(id));
  const styles = new Set([...ids].map(styleOf));
  /** Their numbers begin anew. */
  const own = new Set(boxes.filter(box => isCriterion(box) && ids.has(numberOf(box) ?? '')).map(box => box.section));
  const dropped = boxes.filter(isCriterion);
  for (const box of dropped) {
    const id = numberOf(box);
    const isOpen = box.item.box !== null && box.item.box.state !== 'done';
    // It goes on with the numbers of the tasks.
    const lost = isOpen && id !== null && !own.has(box.section) && !ids.has(id) && styles.has(styleOf(id));
    report.add(
      lost ? 'warning' : 'info',
      'ignored_box',
      `A box below ${quote(box.section!.text)} is checked, not done: it is no task${lost ? `; move ${id} under a heading of its own if it is one` : ''}.`,
      box.line,
      box.item.column,
      lost ? 1 : 0,
    );
  }
  return { boxes: rest, dropped: new Set(dropped) };
};

/** Boxes that can be tasks, and rows without one that stand among them: in a table with boxes, or in one that is a plan. */
const ownBoxes = (found: Collected, plans: boolean): Candidate[] => {
  const listed = listedIds(found);
  const rows = found.rows.filter(({ item }) => item.row!.boxed || (plans && listed.ids.size === 0));
  const all = [...found.boxes.filter(box => box.item.swallowed !== 'code'), ...rows];
  if (rows.length > 0) all.sort((a, b) => a.line - b.line);
  const titles = new Map<string, string>();
  return all.filter(candidate => {
    const { item, head } = candidate;
    if (!item.row || head?.id == null) return true;
    // A second table tells more of the same tasks.
    const again = titles.get(head.id) === head.title;
    if (!again && !titles.has(head.id)) titles.set(head.id, head.title);
    return !again && rowReason(candidate, listed) === null;
  });
};

/** Ids of the list items that have a box. */
interface Listed {
  ids: Set<string>;
  /** `1` and `1.2` of `1.2.3`. */
  above: Set<string>;
  /** `T` of `T001`, nothing for numbers. */
  kinds: Set<string>;
}

const listedIds = (found: Collected): Listed => {
  const listed: Listed = { ids: new Set(), above: new Set(), kinds: new Set() };
  for (const box of found.boxes) {
    const id = box.item.row || box.item.swallowed === 'code' ? null : explicitId(box);
    if (id === null) continue;
    listed.ids.add(id);
    listed.kinds.add(kindOf(id));
    for (let dot = id.indexOf('.'); dot > 0; dot = id.indexOf('.', dot + 1)) listed.above.add(id.slice(0, dot));
  }
  return listed;
};

const kindOf = (id: string): string => (/^\d/.test(id) ? '' : familyOf(id));

/** Why a row with an id is no task where these are list items; null: it may be one. */
const rowReason = ({ head, item }: Candidate, { ids, above, kinds }: Listed): string | null => {
  const id = head!.id!;
  if (ids.has(id)) return `${id} is a list item`;
  if (above.has(id)) return `the parts of ${id} are list items`;
  if (ids.size > 0 && !(item.row!.sure && kinds.has(kindOf(id))))
    return `the tasks of this file are list items, as ${[...ids][0]}`;
  return null;
};

/** Gives every item whose text begins with a code that code for an id, where the file's ids are such codes. */
export const takeCodes = (found: Collected): void => {
  const families = codeFamilies(found);
  for (const list of [found.boxes, found.numbers, found.coded]) for (const one of list) takeCode(one, families);
};

/**
 * Families of codes that are ids here: at least two different ones of a family, and at least half of the boxes without a number. One
 * `S3 upload` or `H2 database` among others is part of a title.
 */
const codeFamilies = (found: Collected): Set<string> => {
  const of = (candidates: readonly Candidate[]): Set<string> => {
    const ids = new Map<string, Set<string>>();
    const closed = new Set<string>();
    let without = 0;
    for (const { item, section } of candidates) {
      if (item.head?.id != null || section?.aside || section?.criteria) continue;
      without++;
      const { code = null } = item.head ?? {};
      if (!code) continue;
      ids.set(code.family, (ids.get(code.family) ?? new Set()).add(code.id));
      if (code.closed) closed.add(code.id);
    }
    const own = [...ids].filter(([, of]) => of.size > 1 || without === 1);
    const all = own.reduce((sum, [, of]) => sum + of.size, 0);
    // Some have digits around an x among ordinary numbers.
    const families = new Set(own.filter(([family]) => family === 'x' || 2 * all >= without).map(([family]) => family));
    const shapes = new Set([...families].flatMap(family => [...ids.get(family)!].map(shapeOf)));
    for (const [family, [id]] of ids) {
      const alike = /^[A-Z]+[-.]?\d/.test(id!) && shapes.has(shapeOf(id!));
      if (alike && (id!.includes('-') || /\d.*\d/.test(id!) || closed.has(id!))) families.add(family);
    }
    return families;
  };
  return of(found.boxes.length > 0 ? found.boxes : found.coded);
};

/** `FE-001` and `BE-002` are alike; one `UI-3` beside them is not. */
const shapeOf = (id: string): string => id.replace(/^[A-Z]+/, 'A').replace(/\d/g, '9');

const takeCode = (candidate: Candidate, families: ReadonlySet<string>): void => {
  const code = candidate.item.head?.code;
  if (code && families.has(code.family)) {
    const { id, title, also } = code;
    candidate.head = { id, bare: false, title, also, code };
  }
};

/** The number that the box or its list gives it, or null. */
const numberOf = (box: Candidate): string | null => explicitId(box) ?? box.item.ordered;

const explicitId = ({ head }: Candidate): string | null => (head && !head.bare ? head.id : null);

const hasNumber = (box: Candidate): boolean => explicitId(box) !== null || box.item.ordered !== null || box.head!.bare;

/** Those that stand in no section of notes; all of them when there are no others. */
const outside = (candidates: readonly Candidate[]): Candidate[] => {
  const rest = candidates.filter(candidate => !candidate.section?.aside);
  return rest.length > 0 ? rest : [...candidates];
};

/** Boxes with an id, in file order: written out, the number of the ordered list, or a bare number in sequence. */
const pickNumbered = (numbered: readonly Candidate[], boxes: readonly Candidate[]): Chosen[] => {
  const written = new Set<string>();
  for (const box of numbered) {
    const id = explicitId(box);
    if (id !== null && box.item.box?.state !== null && !box.item.swallowed) written.add(id);
  }
  const swallowed = new Set<string>();
  let last: number | null = null;
  /** How many bare numbers have come one after another. */
  let run = 0;
  const ids = new Map<Candidate, string | ((around: Chosen | null) => string | null)>();
  for (const box of numbered) {
    const { item } = box;
    const id = explicitId(box);
    if (id !== null) {
      // `[P] 1.2 …` is an example of a task that is listed elsewhere, and so is a swallowed line with a known id.
      if (item.box?.state === null && written.has(id)) continue;
      if (item.swallowed && (written.has(id) || swallowed.has(id))) continue;
      if (item.swallowed) swallowed.add(id);
      ids.set(box, id);
      if (/^\d+$/.test(id)) last = Number(id);
    } else if (item.ordered !== null) {
      const own = item.ordered.replace(/^0+(?=\d)/, '');
      ids.set(box, around => {
        // Numbered steps below a task are its check list, unless that task is numbered by its list too.
        if (around) return around.candidate.item.ordered === null ? null : `${around.id}.${own}`;
        return written.has(own) ? null : own;
      });
    } else {
      const bare = box.head!.id!;
      const step: number = Number(bare) - (last ?? (bare === '0' ? -1 : 0));
      // Somebody took one out of a list that was numbered well so far.
      const next: boolean = step === 1 || (run >= 3 && step > 1 && step <= 5);
      const isParent = [...written].some(other => other.startsWith(`${bare}.`));
      if (written.has(bare) || !(next || isParent) || !/^\d+$/.test(bare)) continue;
      ids.set(box, around => (around ? null : bare));
      last = Number(bare);
      run++;
    }
  }
  const wanted = new Set(ids.keys());
  return nest(
    boxes.filter(box => wanted.has(box)),
    (box, _, around) => {
      const id = ids.get(box)!;
      return typeof id === 'string' ? id : id(around);
    },
  );
};

/** Gives ids in file order and finds the task around each one. null = not a task after all. */
const nest = (
  candidates: readonly Candidate[],
  idOf: (candidate: Candidate, index: number, around: Chosen | null) => string | null,
): Chosen[] => {
  const chosen: Chosen[] = [];
  let placed: Placed | null = null;
  let inPiece = new Map<number, Chosen>();
  for (const candidate of candidates) {
    if (candidate.placed !== placed) {
      placed = candidate.placed;
      inPiece = new Map();
    }
    let at = candidate.item.parent;
    while (at >= 0 && !inPiece.has(at)) at = placed.piece.items[at]!.parent;
    const around = inPiece.get(at) ?? null;
    const id = idOf(candidate, chosen.length, around);
    if (id === null) continue;
    const task = { candidate, id, title: titleOf(candidate, id), around };
    inPiece.set(candidate.index, task);
    chosen.push(task);
  }
  return chosen;
};

const titleOf = ({ placed, item, head }: Candidate, id: string): string => {
  // Without box the list number is the id and the whole text the title.
  if (!item.box)
    return item.ordered === null ? head!.title : plainTitle(placed.piece.lines[item.line]!.slice(item.column));
  return head!.id !== null && head!.id === id ? head!.title : plainTitle(item.box.rest);
};

/** Ids and lines (0-based). */
export const placesOf = (chosen: readonly Chosen[]): { id: string; line: number }[] =>
  chosen.map(({ id, candidate }) => ({ id, line: candidate.line }));

/** Says which boxes of a numbered file are not read as tasks; adds those that can be read all the same. */
const reportNumbered = (
  picked: readonly Chosen[],
  found: Collected,
  dropped: ReadonlySet<Candidate>,
  report: Report,
): Chosen[] => {
  const chosen = [...picked];
  const ids = new Set(chosen.map(task => task.id));
  const tasks = new Set(chosen.map(task => task.candidate));
  // An indented block of code below task 1 whose line reads `- [ ] 1.1 …` is a subtask indented too far.
  for (const box of found.boxes) {
    const id = box.item.swallowed === 'code' ? explicitId(box) : null;
    if (id === null || ids.has(id)) continue;
    const around = chosen.find(
      task => task.candidate.placed === box.placed && task.candidate.index === box.item.parent,
    );
    if (!around || !id.startsWith(`${around.id}.`)) continue;
    const task = { candidate: box, id, title: titleOf(box, id), around };
    ids.add(id);
    tasks.add(box);
    chosen.push(task);
  }
  chosen.sort((a, b) => a.candidate.line - b.candidate.line);
  reportSwallowed(found, chosen, report);
  const inPieces = new Map<Placed, Set<number>>();
  for (const { placed, index } of tasks) {
    const inPiece = inPieces.get(placed);
    if (inPiece) inPiece.add(index);
    else inPieces.set(placed, new Set([index]));
  }
  const listed = listedIds(found);
  const unnumbered: Candidate[] = [];
  // The check list of a heading that is a task.
  const steps = new Set(
    headingsBeside(found, placesOf(chosen), Number.POSITIVE_INFINITY).flatMap(({ boxes }) => boxes),
  );
  for (const box of found.boxes) {
    if (tasks.has(box) || steps.has(box) || box.item.swallowed || dropped.has(box)) continue;
    const id = explicitId(box);
    const { line, item } = box;
    const reason = item.row && id !== null ? (rowReason(box, listed) ?? `a table above has ${id}`) : null;
    if (reason !== null && !box.section?.aside) {
      report.add('info', 'summary_row', `This row of a table is no task: ${reason}.`, line);
    } else if (box.section?.aside) {
      const lost = id !== null && !ids.has(id);
      report.add(
        lost ? 'warning' : 'info',
        'ignored_box',
        `A box in a section of notes is no task${lost ? `; move ${id} under a heading of its own if it is one` : ''}.`,
        line,
        item.column,
        lost && item.box!.state !== 'done' ? 1 : 0,
      );
    } else if (item.box!.state === null) {
      report.add(
        'info',
        'example_box',
        `This line is no task: ${id} is listed elsewhere with a mark.`,
        line,
        item.column,
      );
    } else if (!isInside(box, inPieces)) unnumbered.push(box);
  }
  const taken = new Set([...dropped].flatMap(box => numberOf(box) ?? []));
  for (const { numbered } of found.sections) if (numbered) taken.add(numbered.id);
  reportUnnumbered(unnumbered, placesOf(chosen), taken, report);
  return chosen;
};

const isInside = (box: Candidate, tasks: ReadonlyMap<Placed, ReadonlySet<number>>): boolean => {
  const inPiece = tasks.get(box.placed);
  if (!inPiece) return false;
  for (let at = box.item.parent; at >= 0; at = box.placed.piece.items[at]!.parent) if (inPiece.has(at)) return true;
  return false;
};

const reportSwallowed = (found: Collected, chosen: readonly Chosen[], report: Report): void => {
  const tasks = new Set(chosen.map(task => task.candidate));
  for (const box of found.boxes) {
    if (!box.item.swallowed) continue;
    const as = box.item.swallowed === 'code' ? 'a block of code' : 'text of the item above';
    const fate = tasks.has(box) ? 'it is read as a task all the same' : 'it is not read as a task';
    report.add(
      'warning',
      'swallowed_child',
      `Markdown takes this line for ${as}; ${fate}. Indent it by two spaces more than its parent: ${quote(box.item.head!.title)}.`,
      box.line,
      box.item.column,
    );
  }
};
