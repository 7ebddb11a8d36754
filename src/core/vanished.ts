// Tasks that a job took out of the task file before they were done: nobody has said that they are not wanted any more.
import { leavesOf } from './follow-titles.ts';
import type { Leaf, Plan } from './plan-types.ts';
import type { LeafAgain } from './read-again.ts';
import { notice, quoted } from './records.ts';
import type { GoneLeaf, State } from './state.ts';
import { count } from './words.ts';

/**
 * Folds which tasks of the last plan are gone from the new one: nobody knows them again, nor a part of theirs; or one of quite other
 * words has their number. What a person takes out while no job runs is theirs to take. One that comes back, or has become done, is none
 * of them. `doneBefore`: leaves of the last plan that were done when the new one was read.
 */
export const foldVanished = (
  state: State,
  {
    before,
    plan,
    leaves,
    doneBefore,
  }: { before: Plan; plan: Plan; leaves: readonly LeafAgain[]; doneBefore: ReadonlySet<string> },
): void => {
  const isHere = lookUp(plan, leaves);
  const done = new Set([...state.done.values()].map(({ titleHash }) => titleHash));
  for (const [title, leaf] of state.vanished) {
    if (!isHere(leaf) && !done.has(title)) continue;
    state.vanished.delete(title);
    state.notices = state.notices.filter(text => text !== goneWords(leaf));
  }
  if (!state.fileUnread) return;
  const skipped = new Set(
    before.units
      .filter(({ id, title }) => (state.awayUnits.get(title) ?? state.units.get(id))?.standing.kind === 'skipped')
      .flatMap(({ leaves }) => leaves.map(({ id }) => id)),
  );
  const changed = otherTitles(before, plan, leaves);
  const replaced = new Map(
    changed.flatMap(({ was, is, isLeaf }) => {
      const isOther = isLeaf && was.id === is.id && !doneBefore.has(was.id) && !skipped.has(was.id);
      return isOther && !isAlike(was.title, is.title) ? [[was.id, is.title] as const] : [];
    }),
  );
  for (const leaf of leavesOf(before).values()) {
    const instead = replaced.get(leaf.id);
    if (isHere(leaf, instead === undefined) || done.has(leaf.titleHash) || skipped.has(leaf.id)) {
      replaced.delete(leaf.id);
      continue;
    }
    const gone = instead === undefined ? leaf : { ...leaf, instead };
    state.vanished.set(leaf.titleHash, gone);
    notice(state, goneWords(gone));
  }
  noteTitles(
    state,
    changed.filter(({ was, isLeaf }) => !(isLeaf && replaced.has(was.id))),
  );
};

const goneWords = ({ id, title, instead }: GoneLeaf): string => {
  const how = instead === undefined ? 'was taken out of the task file' : `gave its place to ${quoted(instead)}`;
  return `task ${id} ${how} while a job ran, and was not done: ${instead === undefined ? title : quoted(title)}`;
};

/** A title that another one stands in place of. */
interface Retitled {
  was: Pick<Leaf, 'id' | 'title'>;
  is: Pick<Leaf, 'id' | 'title'>;
  /** Else the title of a unit with several tasks, which is in their prompt. */
  isLeaf: boolean;
}

/** Of what was not selected only the titles of whole units are known. */
const titlesOf = (plan: Plan): Map<string, string> =>
  new Map([
    ...plan.skipped.flatMap(({ id, title, because, leaves }) =>
      because === 'not_selected' && leaves?.length === 1 && leaves[0] === id ? [[id, title] as const] : [],
    ),
    ...[...leavesOf(plan).values()].map(({ id, title }) => [id, title] as const),
  ]);

const otherTitles = (before: Plan, plan: Plan, leaves: readonly LeafAgain[]): Retitled[] => {
  const [old, now] = [titlesOf(before), titlesOf(plan)];
  const found = leaves.flatMap(({ leaf, was }): Retitled[] => {
    const [then, here] = [was?.as ? old.get(was.as.id) : undefined, now.get(leaf.id)];
    if (!was?.as || then === undefined || here === undefined || then === here) return [];
    return [{ was: { id: was.as.id, title: then }, is: { id: leaf.id, title: here }, isLeaf: true }];
  });
  const had = new Map(before.units.map(unit => [unit.id, unit]));
  const [titlesBefore, titlesNow] = [before, plan].map(({ units }) => new Set(units.map(({ title }) => title)));
  for (const is of plan.units) {
    const was = had.get(is.id);
    const isGroup = was && !old.has(was.id) && !now.has(is.id);
    if (!isGroup || titlesBefore!.has(is.title) || titlesNow!.has(was.title)) continue;
    found.push({ was, is, isLeaf: false });
  }
  return found;
};

/** Notes that have room beside others. */
const shownMax = 5;

/** It goes on as it is written now; but whoever counts on what they wrote must hear of it. */
const noteTitles = (state: State, changed: readonly Retitled[]): void => {
  for (const { was, is, isLeaf } of changed.slice(0, shownMax)) {
    const what = isLeaf ? 'task' : 'the title of unit';
    notice(
      state,
      `${what} ${is.id} was put in other words while a job ran: ${quoted(was.title)} → ${quoted(is.title)}`,
    );
  }
  const more = changed.length - shownMax;
  if (more > 0) notice(state, `${count(more, 'more title')} put in other words while a job ran`);
};

/** Scripts that put no blanks between words, or much behind a word: each letter is taken for one. */
const alone =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const word = new RegExp(`[${alone}]|(?:(?![${alone}])[\\p{L}\\p{M}\\p{N}])+`, 'gu');

/** By their first letters: another form of a word is the same word. */
const wordsOf = (title: string): string[] =>
  (title.normalize('NFKC').toLowerCase().match(word) ?? []).map(one => [...one].slice(0, 3).join(''));

/** Whether two titles have a word in common, so that one may be the other in other words. Without words nobody can tell: then true. */
const isAlike = (a: string, b: string): boolean => {
  const [some, others] = [wordsOf(a), new Set(wordsOf(b))];
  return some.length === 0 || others.size === 0 || some.some(one => others.has(one));
};

/** Why it is not all done, or null. */
export const vanishedText = ({ vanished }: State): string | null => {
  if (vanished.size === 0) return null;
  const names = [...vanished.values()].map(
    ({ id, title, instead }) =>
      `${id} ${title.slice(0, 80)}${instead === undefined ? '' : ` (now ${quoted(instead)} stands there)`}`,
  );
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  const [was, them] = names.length === 1 ? ['was', 'it'] : ['were', 'them'];
  return `${names.slice(0, 5).join('; ')}${more} ${was} taken out of the task file while a job ran, and ${was} not done: put ${them} back, or seqrun resume goes on without ${them}`;
};

/**
 * Whether a plan still speaks of a leaf, which `before` may have been in the plan before. What has been made optional since is not to
 * be done any more.
 */
const lookUp = (plan: Plan, leaves: readonly LeafAgain[]): ((leaf: Leaf, before?: boolean) => boolean) => {
  const left = new Set(plan.skipped.filter(({ because }) => because === 'optional').map(({ id }) => id));
  const optional = new Set<string>();
  const titles = new Set<string>();
  const known = new Set<string>();
  /** Of what has come in, with the numbers above it: it was put back in other words, or cut into parts. */
  const ids = new Set<string>();
  for (const { leaf, was } of leaves) {
    if (left.has(leaf.id)) {
      optional.add(leaf.titleHash);
      continue;
    }
    titles.add(leaf.titleHash);
    if (was?.as) known.add(was.as.id);
    else for (let at = leaf.id; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) ids.add(at);
  }
  return (leaf, before = false) =>
    titles.has(leaf.titleHash) ||
    ids.has(leaf.id) ||
    (before && known.has(leaf.id)) ||
    (leaf.optional && optional.has(leaf.titleHash));
};
