// Numbered list items without a box around or beside the tasks: units like numbered headings, or left out and told.
import type { Chosen } from './choose.ts';
import type { Candidate, Collected, Placed, Section } from './collect.ts';
import { plainTitle } from './line.ts';
import { quote, type Report } from './report.ts';

/** By piece and index of the item: the tasks inside it, at any depth. */
type Over = Map<Placed, Map<number, Chosen[]>>;

const tasksIn = (chosen: readonly Chosen[]): Over => {
  const over: Over = new Map();
  for (const task of chosen) {
    const { placed, item } = task.candidate;
    const inPiece = over.get(placed) ?? new Map<number, Chosen[]>();
    over.set(placed, inPiece);
    for (let at = item.parent; at >= 0; at = placed.piece.items[at]!.parent) {
      const list = inPiece.get(at);
      if (list) list.push(task);
      else inPiece.set(at, [task]);
    }
  }
  return over;
};

const heldBy = (over: Over, { placed, index }: Candidate): readonly Chosen[] => over.get(placed)?.get(index) ?? [];

const numberOf = ({ item }: Candidate): string => item.ordered!.replace(/^0+(?=\d)/, '');

const titleOf = ({ placed, item }: Candidate): string => plainTitle(placed.piece.lines[item.line]!.slice(item.column));

const topItems = ({ numbers }: Collected): Candidate[] =>
  numbers.filter(({ item, section }) => item.ordered !== null && item.parent < 0 && !item.swallowed && !section?.aside);

/** By id: the items `1. Setup` around `- [ ] 1.1 …`, as headings that no task stands below otherwise. The first of two with a number counts. */
export const itemGroups = (found: Collected, chosen: readonly Chosen[]): Map<string, Section> => {
  const over = tasksIn(chosen);
  const groups = new Map<string, Section>();
  for (const one of topItems(found)) {
    const id = numberOf(one);
    if (groups.has(id) || !heldBy(over, one).some(task => task.id.startsWith(`${id}.`))) continue;
    const title = titleOf(one);
    const numbered = { id, title, taskWord: false };
    groups.set(id, { line: one.line, depth: 7, text: title, numbered, aside: false, checked: false, criteria: false });
  }
  return groups;
};

/** Says which items of a numbered list hold no task where others of that list do. */
export const reportItemsWithoutBox = (found: Collected, chosen: readonly Chosen[], report: Report): void => {
  const over = tasksIn(chosen);
  const ids = new Set(chosen.map(({ id }) => id));
  const positional = chosen.every(({ id }) => id.startsWith('#'));
  for (const list of listsOf(topItems(found))) {
    if (!list.some(one => heldBy(over, one).length > 0)) continue;
    for (const one of list) {
      const number = numberOf(one);
      if (heldBy(over, one).length > 0 || ids.has(number)) continue;
      const title = titleOf(one).slice(0, 60);
      // A box with a number would make that of the others nothing but check lists.
      const instead = positional ? `- [ ] ${title}` : `${number}. [ ] ${title}`;
      report.add(
        'warning',
        'item_without_box',
        `Item ${number} holds no box, so it is no task, though other items of its list hold some; write ${positional ? 'below it e.g.' : 'e.g.'} ${quote(instead)}.`,
        one.line,
        one.item.column,
      );
    }
  }
};

/** Items of one section whose numbers go up are one list, whatever stands between them. */
const listsOf = (items: readonly Candidate[]): Candidate[][] => {
  const lists: Candidate[][] = [];
  let last: Candidate | null = null;
  for (const one of items) {
    const goesOn = last !== null && last.section === one.section && Number(numberOf(one)) > Number(numberOf(last));
    if (goesOn) lists.at(-1)!.push(one);
    else lists.push([one]);
    last = one;
  }
  return lists;
};
