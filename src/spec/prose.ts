// What the prose of a file says about the order of its tasks: `T011 depends on T003–T010`, `Task 1 must complete before 1.3`.
import { ID, type Reference } from './dependencies.ts';

/** The tasks of `after` come after those of `before`. */
export interface Ordering {
  after: Reference[];
  before: Reference[];
}

const WORD = String.raw`(?:(?:sub-?)?tasks?|tareas?|items?|任务|任務|タスク)[ \t]*#?[ \t]*`;
const WRAP = '[*_`~]*';
const REMARK = String.raw`(?:[ \t]*[(（][^()（）]{0,80}[)）])?`;
const RANGE = String.raw`(?:[ \t]*(?:[-–—~]|\.\.\.?)[ \t]*|[ \t]+(?:to|through)[ \t]+)`;
const ONE = `${WRAP}(?:${WORD})?${WRAP}${ID}${WRAP}(?:${RANGE}${WRAP}(?:${WORD})?${ID}${WRAP})?${REMARK}`;
const AND = String.raw`[ \t]*(?:[,、，/&+][ \t]*(?:and[ \t]+|y[ \t]+)?|and[ \t]+|y[ \t]+|和[ \t]*|与[ \t]*)`;
const LIST = `${ONE}(?:${AND}${ONE})*`;
/** Words between the tasks and the verb that change nothing. */
const AUX_WORDS =
  'all|can|may|must|should|will|could|needs? to|is|are|runs?|starts?|begins?|happens?|comes?|be|being|done|executed|in parallel|only|then|both|logically|puede|debe|ocurren?|van?';
const AUX = `(?:[ \\t]+(?:${AUX_WORDS})){0,6}[ \\t]*`;
const AFTER = String.raw`(?:depends?[ \t]+(?:up)?on|after|requires?|blocked[ \t]+by|waits?[ \t]+for|después[ \t]+de|depende[n]?[ \t]+de)`;
const BEFORE = String.raw`(?:(?:complete[sd]?|completing|completed|finish(?:ed|es)?|done|land(?:s|ed)?|run|pass)?[ \t]*before|precedes?|blocks?|antes[ \t]+de)`;

/** What may stand between two lists of tasks, and behind the second one, so that the first comes after or before it. */
const patterns: { between: RegExp; behind: RegExp | null; order: 'after' | 'before' }[] = [
  { between: verb(AFTER), behind: null, order: 'after' },
  { between: verb(BEFORE), behind: null, order: 'before' },
  // `Task 1必须在Task 2-5之前完成`, `Task 6可以在Task 1完成后进行`.
  { between: /^\s*(?:必须|必須|应|需要?|要)?在?\s*$/, behind: /^\s*之前/, order: 'before' },
  { between: /^\s*(?:可以?|必须|必須|应|需要?|要)?在?\s*$/, behind: /^\s*(?:完成后|完成後|之后|之後)/, order: 'after' },
  // `A, B run in parallel; then C/D`.
  { between: /(?:in[ \t]+parallel|parallelizable)\b[^.]*;[ \t]*then[ \t]+$/i, behind: null, order: 'before' },
];

function verb(words: string): RegExp {
  return new RegExp(`^${AUX}${words}[ \\t]+(?:(?:all|the|completion of)[ \\t]+)*$`, 'i');
}

const LISTS = new RegExp(LIST, 'giu');
const ARROW = /[ \t]*(?:→|->|=>|⇒)[ \t]*/;
const CHAIN = new RegExp(`${ONE}(?:${ARROW.source}${ONE})+`, 'giu');
const NEGATION = /\b(?:no|not|never|without|independent(?:ly)?|don't|doesn't|neither)\b|不依赖|无依赖/i;
/** Longer lines are prompts and tables; the time of the patterns grows with the square of a list. */
const longestLine = 1_000;
/** Said of one way to share out or walk through the work, not of what needs what. */
const ADVICE =
  /\b(?:worker|developer|sequentially|mvp|suggested|recommended|delivery order|example|strategy|option(?:ally)?)\b/i;

/**
 * Reads one line of prose. `inDependencies` = it stands in a section about dependencies or the order of work: only there arrows
 * mean an order. Every id it names must be known (`isKnown`): numbers in prose are mostly something else. A bare number counts
 * only where the list calls its members tasks.
 */
export const readOrderings = (
  line: string,
  { inDependencies, isKnown }: { inDependencies: boolean; isKnown: (id: string) => boolean },
): Ordering[] => {
  const found: Ordering[] = [];
  if (line.length > longestLine) return found;
  const add = (after: string, before: string): void => {
    const [a, b] = [referencesIn(after, isKnown), referencesIn(before, isKnown)];
    if (a.length > 0 && b.length > 0) found.push({ after: a, before: b });
  };
  const lists = [...line.matchAll(LISTS)];
  for (const [i, second] of lists.entries()) {
    const first = lists[i - 1];
    if (!first) continue;
    const between = line.slice(first.index + first[0].length, second.index);
    const behind = line.slice(second.index + second[0].length);
    if (NEGATION.test(between)) continue;
    const pattern = patterns.find(one => one.between.test(between) && (one.behind?.test(behind) ?? true));
    if (pattern?.order === 'after') add(first[0], second[0]);
    else if (pattern) add(second[0], first[0]);
  }
  // A full stop ends a clause; the dot of 1.2 does not.
  for (const clause of line.split(/[;；。]|\.(?=\s|$)/)) {
    if (!inDependencies || !ARROW.test(clause) || ADVICE.test(clause)) continue;
    for (const match of clause.matchAll(CHAIN)) {
      const links = match[0].split(ARROW);
      // `Phase 1 (T001 → T003)` names a range.
      const isRange =
        links.length === 2 &&
        /[([]$/.test(clause.slice(0, match.index)) &&
        /^[)\]]/.test(clause.slice(match.index + match[0].length));
      if (isRange) continue;
      for (let i = 1; i < links.length; i++) add(links[i]!, links[i - 1]!);
    }
  }
  return found;
};

const MEMBER = new RegExp(
  `${WRAP}(?<word>${WORD})?${WRAP}(?<from>${ID})${WRAP}(?:${RANGE}${WRAP}(?:${WORD})?(?<to>${ID})${WRAP})?${REMARK}`,
  'giu',
);

const referencesIn = (text: string, isKnown: (id: string) => boolean): Reference[] => {
  const references: Reference[] = [];
  let called = false;
  for (const match of text.matchAll(MEMBER)) {
    const { word, from, to } = match.groups!;
    called ||= word !== undefined;
    if (/^\d+$/.test(from!) && !called) return [];
    if (isKnown(from!)) references.push({ from: from!, to: to !== undefined && isKnown(to) ? to : null });
  }
  return references;
};
