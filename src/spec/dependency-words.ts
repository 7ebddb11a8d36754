// The words that open a dependency, by language and by how much they say by themselves.

/**
 * How sure a word is that tasks follow. `verb` (depends on, blocked by): always. `noun` (dependencies): packages and services are
 * dependencies, too. `soft` (requires, needs): mostly requirements and tools, so only ids that are called tasks or are codes count.
 */
export type WordKind = 'verb' | 'noun' | 'soft';

/** Blanks and underscores between the words of a key: `depends on`, `depends_on`, `dependsOn`. */
const B = '[ \\t_-]?';
const VERB = [
  `depends?(?:${B}(?:up)?on)?(?:${B}tasks?(?:\\(s\\))?)?`,
  `dependent${B}on`,
  `blocked${B}by(?:${B}tasks?)?`,
  `waits?${B}(?:for|on)`,
  'hängt ab von|abhängig von',
  'depende[nm]?(?: d[eo]s?)?',
  'dépend(?:ent)? (?:de|du|des)',
  // These say themselves that they are tasks.
  '依赖任务|前置任务|前置依赖|依存タスク|前提タスク|先行タスク|선행 ?작업',
].join('|');
const NOUN = [
  `(?:tasks?${B})?dependenc(?:y|ies)`,
  'deps?|after|prerequisites?|prereqs?|predecessors?',
  'abhängigkeit(?:en)?|dependencias?|dependências?|dépendances?',
  '(?:任务)?依赖(?:关系|项|于)?|依存(?:関係|先)?|의존성?',
].join('|');
const SOFT = `(?:requires?|needs?)(?:${B}tasks?)?`;

const KEY = `(?:(?<verb>${VERB})|(?<noun>${NOUN})|(?<soft>${SOFT}))`;
/** The same without names of groups, to look ahead with. */
export const ANY_KEY = `(?:${VERB}|${NOUN}|${SOFT})`;

export const OPENING = String.raw`[*_~\x60(\[（【"']*`;
export const CLOSING = String.raw`[*_~\x60"']*`;

/** A key as it was found. */
export interface FoundKey {
  kind: WordKind;
  /** In lower case. */
  key: string;
  colon: boolean;
  /** Everything behind it. */
  rest: string;
}

const WITH_COLON = new RegExp(String.raw`^${OPENING}${KEY}${CLOSING}[ \t]*[:：]${CLOSING}[ \t]*`, 'iu');
const IN_TITLE = new RegExp(
  String.raw`^${OPENING}(?:only[ \t]+)?(?:${KEY}|(?<blocks>blocks))${CLOSING}(?:[ \t]*(?<colon>[:：=])${CLOSING}[ \t]*|[ \t]+|(?<=[^\x00-\x7f]))`,
  'iu',
);
const BLOCKS = new RegExp(String.raw`^${OPENING}blocks${CLOSING}[ \t]*[:：]${CLOSING}[ \t]*`, 'iu');
/** `_Boundary: X_ _Depends: 1.2_`: further fields on one line. */
const FIELD = new RegExp(String.raw`[_·|;][ \t]+_?(?=${ANY_KEY}[ \t]*[:：])`, 'giu');

const foundIn = (text: string, match: RegExpExecArray, colon: boolean): FoundKey => {
  const { verb, noun, soft } = match.groups!;
  const key = (verb ?? noun ?? soft ?? 'blocks').toLowerCase();
  // `Requires tasks: 3` leaves no doubt.
  const isCalled = verb !== undefined || /task/.test(key);
  const kind = isCalled ? 'verb' : noun !== undefined ? 'noun' : 'soft';
  return { kind, key, colon, rest: text.slice(match[0].length) };
};

/** `Depends on: …` at the beginning of a text without list marker, or in one of its further fields; or null. */
export const readKey = (text: string): FoundKey | null => {
  const match = WITH_COLON.exec(text);
  if (match) return foundIn(text, match, true);
  FIELD.lastIndex = 0;
  const field = FIELD.exec(text);
  if (!field) return null;
  const rest = text.slice(field.index + field[0].length);
  const inner = WITH_COLON.exec(rest);
  return inner && foundIn(rest, inner, true);
};

/** The text behind `Blocks:`, or null. */
export const readBlocksKey = (text: string): string | null => {
  const match = BLOCKS.exec(text);
  return match && text.slice(match[0].length);
};

/** The key that a remark of a title begins with, its colon left out or not, or null. */
export const readTitleKey = (text: string): FoundKey | null => {
  const match = IN_TITLE.exec(text);
  return match && foundIn(text, match, match.groups!.colon !== undefined);
};

const SUBJECT = String.raw`(?:(?:(?:this|the)[ \t]+(?:sub-?)?(?:task|item|step)|it)[ \t]+)?`;
const AUX = String.raw`(?:(?:must|should|shall|can|may|will|has[ \t]to|have[ \t]to|needs[ \t]to|only|be|is)[ \t]+){0,5}`;
const DONE = String.raw`(?:(?:done|start(?:s|ed)?|runs?|begins?|executed|implemented|completed|scheduled|performed|happens?|comes?|do(?:[ \t]this)?)[ \t]+(?:only[ \t]+)?)?`;
const SENTENCE = new RegExp(
  String.raw`^${OPENING}${SUBJECT}${AUX}(?:blocked[ \t]+by|dependent[ \t]+on|depends?[ \t]+(?:up)?on|waits?[ \t]+(?:for|on|until)|requires?|needs|${DONE}(?:after|once|(?<before>before)))${CLOSING}[ \t]+`,
  'iu',
);

/** `This task must be done after …`, `Blocked by …` as the beginning of a sentence: what is behind, or null. No `not` fits in it. */
export const readSentence = (text: string): { rest: string; before: boolean } | null => {
  const match = SENTENCE.exec(text);
  return match && { rest: text.slice(match[0].length), before: match.groups!.before !== undefined };
};

/** A cheap look first: nearly no line holds one of the words. */
export const mayDepend = (line: string): boolean =>
  /depend|dépend|after|once|before|block|wait|requires?|needs?|prereq|predecessor|deps?\b|abhängig|hängt|依赖|依存|前置|前提|先行|의존|선행/i.test(
    line,
  );

/** Emphasis, brackets, then a word that says that there is none. `No` and the short ones of Chinese begin other words as well. */
const NONE =
  /^[*_~`"'[({（]*(?:(?:none|nothing|n\/a|null|nil|independent|keine?|nichts|ningun[ao]s?|nenhuma?|aucune?|no|없음)(?![\p{L}\p{N}])|(?:无|無|なし)(?=$|[\s*_~`"'\])）.,，。、(（]|依)|[-–—]+[*_~`"'\])）.]*$)/iu;
const EXCEPT = /\b(?:except|besides|apart from|other than|außer|salvo|sauf|excepto)\b/i;

/** `none`, `None, but see 5`, `keine`; not `none except 3`. */
export const saysNone = (text: string): boolean => NONE.test(text) && !EXCEPT.test(text);
