// What the prose of a file says about the order of its tasks: `T011 depends on T003–T010`, `Task 1 must complete before 1.3`.
import { ID, type Reference } from './dependencies.ts';
import { PHASE_NAME } from './phases.ts';

/** Tasks and phases that a list names. A phase's `from` is its name as written: `Phase 2`, `US1`, `Setup`. */
export interface Members {
  tasks: Reference[];
  phases: Reference[];
}

/** What `after` names comes after what `before` names. */
export interface Ordering {
  after: Members;
  before: Members;
}

/** Which names count: those of this file. */
export interface KnownNames {
  isTask(id: string): boolean;
  isPhase(name: string): boolean;
  /** Titles that stand for a phase where the text is about order. Lower case, letters and blanks. */
  phaseTitles: readonly string[];
}

const WORD = String.raw`(?:(?:sub-?)?tasks?|tareas?|tarefas?|tâches?|aufgaben?|items?|任务|任務|タスク|작업)[ \t]*#?[ \t]*`;
const WRAP = '[*_`~]*';
const REMARK = String.raw`(?:[ \t]*[(（][^()（）]{0,80}[)）])?`;
const RANGE = String.raw`(?:[ \t]*(?:[-–—~]|\.\.\.?)[ \t]*|[ \t]+(?:to|through)[ \t]+)`;
const TASK = `(?<word>${WORD})?${WRAP}(?<from>${ID})${WRAP}(?:${RANGE}${WRAP}(?:${WORD})?(?<to>${ID})${WRAP})?`;
const NUMBER = String.raw`(?:\d{1,3}(?!\w|\.\d)|[A-Z](?!\w))`;
const AND = String.raw`[ \t]*(?:[,、，/&+][ \t]*(?:and[ \t]+|y[ \t]+)?|and[ \t]+|y[ \t]+|和[ \t]*|与[ \t]*)`;
const unnamed = (source: string): string => source.replace(/\(\?<\w+>/g, '(?:');
/** Words between the tasks and the verb that change nothing. */
const AUX_WORDS =
  'all|can|may|must|should|will|could|needs? to|is|are|runs?|starts?|begins?|happens?|comes?|be|being|done|executed|in parallel|only|then|both|logically|puede|debe|ocurren?|van?';
const AUX = `(?:[ \\t]+(?:${AUX_WORDS})){0,6}[ \\t]*`;
const AFTER = String.raw`(?:depends?[ \t]+(?:up)?on|after|once|requires?|needs?|blocked[ \t]+by|waits?[ \t]+for|después[ \t]+de|depende[mn]?[ \t]+d[aeo]s?|dépend(?:ent)?[ \t]+d(?:e|es|u))`;
const BEFORE = String.raw`(?:(?:complete[sd]?|completing|completed|finish(?:ed|es)?|done|land(?:s|ed)?|run|pass)?[ \t]*before|precedes?|blocks?|antes[ \t]+de)`;

/** What may stand between two lists, and behind the second one, so that the first comes after or before it. */
const patterns: { between: RegExp; behind: RegExp | null; order: 'after' | 'before' }[] = [
  { between: verb(AFTER), behind: null, order: 'after' },
  { between: verb(BEFORE), behind: null, order: 'before' },
  // `Task 1必须在Task 2-5之前完成`, `Task 6可以在Task 1完成后进行`.
  { between: /^\s*(?:必须|必須|应|需要?|要)?在?\s*$/, behind: /^\s*之前/, order: 'before' },
  { between: /^\s*(?:可以?|必须|必須|应|需要?|要)?在?\s*$/, behind: /^\s*(?:完成后|完成後|之后|之後)/, order: 'after' },
  // `T004 は T003 に依存`, `T004 依赖 T003`, `T004는 T003에 의존`.
  { between: /^\s*(?:は|が|、|은|는|이|가)?\s*$/, behind: /^\s*(?:に依存|에\s?의존)/, order: 'after' },
  // `Aufgabe 2 hängt von Aufgabe 3 ab`.
  { between: /^\s*häng(?:t|en)\s+von\s*$/i, behind: /^\s*ab(?!\p{L})/iu, order: 'after' },
  { between: /^\s*依赖于?\s*$/, behind: null, order: 'after' },
  // `A, B run in parallel; then C/D`.
  { between: /(?:in[ \t]+parallel|parallelizable)\b[^.]*;[ \t]*then[ \t]+$/i, behind: null, order: 'before' },
];

/** `**US1 (P1)**: can start after Foundational (`: a colon in front, and a name in front of its number, change nothing. */
function verb(words: string): RegExp {
  const lead = '^[)）*_`~]*(?:[:：][*_`~]*)?';
  const tail = String.raw`[ \t]+(?:(?:all|the|completion of)[ \t]+)*(?:\p{L}[\p{L} -]{0,40}[(（])?$`;
  return new RegExp(`${lead}${AUX}${words}${tail}`, 'iu');
}

interface Grammar {
  lists: RegExp;
  chain: RegExp;
  member: RegExp;
}

/** `titles` beside the names that have a number. */
const grammarOf = (titles: readonly string[]): Grammar => {
  const names = [PHASE_NAME, ...titles.map(title => title.replace(/ /g, '[ \\t]+'))].join('|');
  const phase = String.raw`(?<![\p{L}\p{N}])(?<phase>${names})(?![\p{L}\p{N}])${WRAP}(?:${RANGE}(?<phaseTo>${NUMBER}))?(?:[ \t]+phases?)?`;
  const member = `${WRAP}(?:${phase}|${TASK})${REMARK}`;
  const one = unnamed(member);
  return {
    lists: new RegExp(`${one}(?:${AND}${one})*`, 'giu'),
    chain: new RegExp(`${one}(?:${ARROW.source}${one})+`, 'giu'),
    member: new RegExp(member, 'giu'),
  };
};

const ARROW = /[ \t]*(?:→|-{1,5}>|={1,5}>|⇒)[ \t]*/;
const NEGATION = /\b(?:no|not|never|without|independent(?:ly)?|don't|doesn't|neither)\b|不依赖|无依赖/i;
/** Longer lines are prompts and tables; the time of the patterns grows with the square of a list. */
const longestLine = 1_000;
/** Said of one way to share out or walk through the work, not of what needs what. */
const ADVICE =
  /\b(?:worker|developer|sequentially|mvp|suggested|recommended|delivery order|example|strategy|option(?:ally)?)\b/i;

const TOGETHER = /parallel|paralelo|simultan|\b(?:waves?|levels?|batch(?:es)?)\b|并行|同时|並行|並列|병렬/i;

/** The text says that there is no order, or speaks of one way to go about it. */
export const isNoOrder = (text: string): boolean => NEGATION.test(text) || ADVICE.test(text) || TOGETHER.test(text);

const numbersOnly = grammarOf([]);

/**
 * A reader of prose, one line at a time. `inDependencies` = the line stands in a section about dependencies or the order of work: only
 * there arrows mean an order, and titles stand for phases. Every name must be known: numbers in prose are mostly something else. A bare
 * number counts only where the list calls its members tasks, or where a whole line or clause of such a section is nothing but ids.
 */
export const orderingReader = (
  known: KnownNames,
): ((line: string, options: { inDependencies: boolean }) => Ordering[]) => {
  const withTitles = known.phaseTitles.length === 0 ? numbersOnly : grammarOf(known.phaseTitles);
  return (line, { inDependencies }) =>
    line.length > longestLine
      ? []
      : readOrderings(line, inDependencies, inDependencies ? withTitles : numbersOnly, known);
};

const readOrderings = (line: string, inDependencies: boolean, grammar: Grammar, known: KnownNames): Ordering[] => {
  const found: Ordering[] = [];
  const add = (after: string, before: string, isWhole: boolean): void => {
    const [a, b] = [membersIn(after, grammar, known, isWhole), membersIn(before, grammar, known, isWhole)];
    if (!isEmpty(a) && !isEmpty(b)) found.push({ after: a, before: b });
  };
  const lists = [...line.matchAll(grammar.lists)];
  for (const [i, second] of lists.entries()) {
    const first = lists[i - 1];
    if (!first) continue;
    const between = line.slice(first.index + first[0].length, second.index);
    const behind = line.slice(second.index + second[0].length);
    if (NEGATION.test(between)) continue;
    const pattern = patterns.find(one => one.between.test(between) && (one.behind?.test(behind) ?? true));
    const isWhole = inDependencies && BEGINNING.test(line.slice(0, first.index)) && END.test(behind);
    if (pattern?.order === 'after') add(first[0], second[0], isWhole);
    else if (pattern) add(second[0], first[0], isWhole);
  }
  // A full stop ends a clause; the dot of 1.2 does not.
  for (const clause of line.split(/[;；。]|\.(?=\s|$)/)) {
    if (!inDependencies || !ARROW.test(clause) || ADVICE.test(clause)) continue;
    for (const match of clause.matchAll(grammar.chain)) {
      const links = match[0].split(ARROW);
      // `Phase 1 (T001 → T003)` names a range.
      const isRange =
        links.length === 2 &&
        /[([]$/.test(clause.slice(0, match.index)) &&
        /^[)\]]/.test(clause.slice(match.index + match[0].length));
      if (isRange || SIDE_BY_SIDE.test(match[0])) continue;
      const isWhole =
        BEGINNING.test(clause.slice(0, match.index)) && END.test(clause.slice(match.index + match[0].length));
      for (let i = 1; i < links.length; i++) add(links[i]!, links[i - 1]!, isWhole);
    }
  }
  return found;
};

/** `T004 → T005 (parallel)`. */
const SIDE_BY_SIDE = /[(（](?:all |in )?parallel[)）]$/i;
/** Nothing but a list marker and emphasis. */
const BEGINNING = /^[\s>]*(?:(?:[-*+]|\d{1,3}[.)])\s+)?[*_`~\s]*$/;
const END = /^[*_`~.。\s]*$/;

const isEmpty = ({ tasks, phases }: Members): boolean => tasks.length + phases.length === 0;

/** `isWhole` = bare numbers count, and every one of them must be a task. */
const membersIn = (text: string, grammar: Grammar, known: KnownNames, isWhole: boolean): Members => {
  const members: Members = { tasks: [], phases: [] };
  let called = false;
  let bare = false;
  for (const match of text.matchAll(grammar.member)) {
    const { word, from, to, phase, phaseTo } = match.groups!;
    if (phase !== undefined) {
      if (known.isPhase(phase)) members.phases.push({ from: phase, to: phaseTo ?? null });
      continue;
    }
    called ||= word !== undefined;
    bare ||= /^\d+$/.test(from!) && !called && !(isWhole && known.isTask(from!));
    if (known.isTask(from!)) members.tasks.push({ from: from!, to: to !== undefined && known.isTask(to) ? to : null });
  }
  return bare ? { ...members, tasks: [] } : members;
};

/** The phases that the text behind `depends on:` names; empty where it says that there are none. */
export const readPhaseNames = (text: string, known: KnownNames): Reference[] =>
  text.length > longestLine || NEGATION.test(text) ? [] : membersIn(text, numbersOnly, known, false).phases;

/** The text behind `Depends on` at the beginning of a line of prose, or null. */
export const readBareDependency = (line: string): string | null =>
  /^[\s>*_`~-]*(?:depends?[ \t]+(?:up)?on|blocked[ \t]+by)[*_`~]*[ \t]*[:：]?[*_`~]*[ \t]+(.*)$/i.exec(line)?.[1] ??
  null;
