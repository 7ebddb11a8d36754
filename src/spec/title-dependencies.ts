// Dependencies in titles: `Ship it (after 9)`, `Ship it — depends on T006`, `Ship it @depends(14)`, and in those of headings.
import { type DependencyText, readList, withoutLinks } from './dependencies.ts';
import { ANY_KEY, type FoundKey, mayDepend, readTitleKey } from './dependency-words.ts';

/** `(depends on T003, blocks T005)` says two things. */
const NEXT_CLAUSE = new RegExp(String.raw`[,;，；、][ \t]*(?=(?:${ANY_KEY}|blocks)(?![\p{L}\p{N}]))`, 'iu');
const REMARK = /[([{（【]([^()[\]{}（）【】]*)[)\]}）】]/g;
const CODE_SPAN = /`([^`]*)`/g;
const AT = /@((?:depends?(?:[_-]?on)?|blocked[_-]?by|after)\([^()]*)\)/gi;
/** What may stand in front of a dependency at the end of a title. */
const SUFFIX = new RegExp(
  String.raw`(?:[ \t][-–—]+[ \t]*|[—–,;，；、:：.][ \t]*)(?=(?:${ANY_KEY}|blocks)(?![\p{L}\p{N}]))`,
  'iu',
);
/** `1 に依存`: the ids come first. */
const BEHIND =
  /^(.{1,200}?)[ \t]*(?:に依存(?:する|している|します)?|에 ?의존(?:함)?|(?:完成|结束)之?后|之后|の?完了後)$/u;
/** Nobody writes longer ones. */
const LONGEST = 5_000;

/**
 * What a title says of dependencies, one entry for each thing it says. Remarks that name no ids (`(after the review)`, `(requires root)`)
 * come with the tone `quiet` or `maybe`, because they may name a phase. Linear in the length of the title.
 */
export const readTitleDependencies = (title: string): DependencyText[] => readTitle(title).found;

/** A title with blanks in place of its remarks about dependencies: `Phase 2: API (after Phase 3)` names one phase. */
export const withoutDependencies = (title: string): string => readTitle(title).rest;

const readTitle = (title: string): { found: DependencyText[]; rest: string } => {
  const found: DependencyText[] = [];
  if (title.length > LONGEST || !(mayDepend(title) || /完成|结束|之后|完了/.test(title))) return { found, rest: title };
  /** What stays of a remark. */
  const take = (all: string, text: string, read: (key: FoundKey) => DependencyText | null): string => {
    const before = found.length;
    for (const clause of text.split(NEXT_CLAUSE)) {
      const key = readTitleKey(clause.trim());
      const list = key ? read(key) : readBehind(clause.trim());
      if (list) found.push(key?.key === 'blocks' ? { ...list, unread: null, blocks: true } : list);
    }
    return found.length === before ? all : ' '.repeat(all.length);
  };
  let rest = withoutLinks(title)
    .replace(AT, (all, inside: string) => take(all, inside.replace('(', ': '), readRemark))
    .replace(CODE_SPAN, (all, inside: string) =>
      readTitleKey(inside.trim())?.colon ? take(all, inside, readRemark) : all,
    )
    .replace(REMARK, (all, inside: string) => take(all, inside, readRemark));
  const bare = rest.replace(REMARK, all => ' '.repeat(all.length));
  const suffix = SUFFIX.exec(bare);
  if (suffix) {
    const at = suffix.index + suffix[0].length;
    rest = rest.slice(0, at) + take(rest.slice(at), bare.slice(at), readSuffix);
  }
  return { found, rest };
};

/** Inside brackets of its own. */
const readRemark = ({ kind, key, colon, rest }: FoundKey): DependencyText | null => {
  if (kind === 'verb' || (kind === 'noun' && colon)) {
    const list = readList(rest, colon ? 'depends' : 'other');
    return list && list.references.length === 0 && !colon ? { ...list, tone: 'maybe' } : list;
  }
  // `(requires 1.1)` is a requirement.
  const isRequirement = key.startsWith('require');
  return readList(rest, isRequirement ? 'called' : 'pure') ?? remarkOf(rest);
};

/** Behind the title: nothing but the ids. */
const readSuffix = ({ kind, colon, rest }: FoundKey): DependencyText | null => {
  const isSure = kind === 'verb';
  const list = readList(rest, isSure || (kind === 'noun' && colon) ? 'pure' : 'called');
  // Behind `depends on` also an unknown id is one.
  const references = list?.references.map(({ from, to }) => ({ from, to }));
  return list && references && isSure ? { ...list, references } : (list ?? remarkOf(rest));
};

const readBehind = (clause: string): DependencyText | null => {
  const ids = BEHIND.exec(clause)?.[1];
  return ids === undefined ? null : readList(ids, 'pure');
};

/** It may name a phase. */
const remarkOf = (text: string): DependencyText => ({ references: [], unread: text, tone: 'quiet', open: false });
