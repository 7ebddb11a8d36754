// Which task of a task file is which of another reading: known again by its title, since numbers change. Pure.

/** A leaf as a reading has it. */
export interface TitledLeaf {
  id: string;
  /** '' = not known: an old journal does not say. */
  titleHash: string;
  /** Hash of the title above it, to tell equal titles apart; '' = none, or not known. */
  above: string;
}

/** Where a leaf was in the reading before. */
export interface Link {
  /** Index there. */
  from: number;
  /** It has the same title; other words under the same number; or other words and another number, between the same neighbours. */
  by: 'title' | 'number' | 'place';
}

/**
 * For each leaf of `now`, in file order, the one of `before` that it is; null = it is new, or nobody can tell. No leaf is linked
 * twice. Leaves of one title are told apart by the title above them, then by the nearest tasks around them whose titles no other has,
 * where as many stand there as before; else by their numbers, if no other task has changed its number. Where titles are missing no
 * leaf is said to have moved.
 */
export const linkLeaves = (before: readonly TitledLeaf[], now: readonly TitledLeaf[]): (Link | null)[] => {
  const links: (Link | null)[] = now.map(() => null);
  const free = new Set(before.keys());
  const join = (k: number, from: number, by: Link['by']): void => {
    links[k] = { from, by };
    free.delete(from);
  };
  const isPart = [...before, ...now].some(({ titleHash }) => titleHash === '');
  const [old, here] = [places(before, titleOf), places(now, titleOf)];
  const equals: [bs: number[], ks: number[]][] = [];
  let moved = false;
  for (const [title, ks] of here) {
    const bs = old.get(title) ?? [];
    if (bs.length === 0 || title === '') continue;
    if (bs.length > 1 || ks.length > 1 || isPart) equals.push([bs, ks]);
    else {
      join(ks[0]!, bs[0]!, 'title');
      moved ||= before[bs[0]!]!.id !== now[ks[0]!]!.id;
    }
  }
  const around = isPart || equals.length === 0 ? null : neighbours(before, now, links);
  for (const [bs, ks] of equals) {
    const still = () => [bs.filter(b => free.has(b)), ks.filter(k => links[k] === null)] as const;
    if (around) {
      joinSame(still(), { of: b => before[b]!.above, now: k => now[k]!.above }, join);
      joinSame(still(), around, join);
    }
    if (!moved) joinNumbers(still(), before, now, join);
  }
  linkOthers({ before, now, links, free, join, isPart, old, here });
  return links;
};

type Join = (k: number, from: number, by: Link['by']) => void;
type Rest = readonly [bs: readonly number[], ks: readonly number[]];
/** What must be the same of two leaves; '' tells nothing. */
interface Sign {
  of(b: number): string;
  now(k: number): string;
}

/** In order, where as many leaves have a sign as before. */
const joinSame = ([bs, ks]: Rest, sign: Sign, join: Join): void => {
  const old = groups(bs, sign.of);
  for (const [name, same] of groups(ks, sign.now)) {
    const were = old.get(name) ?? [];
    if (name !== '' && were.length === same.length) for (const [n, k] of same.entries()) join(k, were[n]!, 'title');
  }
};

/** By number; but those in front of one that is gone may have got its number, or the number of another. */
const joinNumbers = ([bs, ks]: Rest, before: readonly TitledLeaf[], now: readonly TitledLeaf[], join: Join): void => {
  const ids = new Map(ks.map(k => [now[k]!.id, k]));
  for (const b of [...bs].reverse()) {
    const k = ids.get(before[b]!.id);
    if (k === undefined) return;
    join(k, b, 'title');
  }
};

/** Which leaves of unmistakable titles stand next before and after each. */
const neighbours = (
  before: readonly TitledLeaf[],
  now: readonly TitledLeaf[],
  links: readonly (Link | null)[],
): Sign => {
  const anchors = new Map(links.flatMap((link, k) => (link ? [[link.from, k] as const] : [])));
  const signs = (length: number, anchorAt: (index: number) => number | undefined): string[] => {
    const after: (number | 'end')[] = [];
    let next: number | 'end' = 'end';
    for (let k = length - 1; k >= 0; k--) {
      after[k] = next;
      next = anchorAt(k) ?? next;
    }
    let last: number | 'begin' = 'begin';
    return range(0, length).map(k => {
      const sign = `${last} ${after[k]}`;
      last = anchorAt(k) ?? last;
      return sign;
    });
  };
  const old = signs(before.length, b => anchors.get(b));
  const here = signs(now.length, k => (links[k] ? k : undefined));
  return { of: b => old[b]!, now: k => here[k]! };
};

type Places = Map<string, number[]>;

const titleOf = ({ titleHash }: TitledLeaf): string => titleHash;

const places = (leaves: readonly TitledLeaf[], key: (leaf: TitledLeaf) => string): Places =>
  groups([...leaves.keys()], k => key(leaves[k]!));

const groups = (indices: readonly number[], nameOf: (index: number) => string): Places => {
  const found: Places = new Map();
  for (const k of indices) {
    const name = nameOf(k);
    const list = found.get(name);
    if (list) list.push(k);
    else found.set(name, [k]);
  }
  return found;
};

/** Leaves whose words were never read before: the number, then the place tells which they may have been. */
const linkOthers = ({
  before,
  now,
  links,
  free,
  join,
  isPart,
  old,
  here,
}: {
  before: readonly TitledLeaf[];
  now: readonly TitledLeaf[];
  links: readonly (Link | null)[];
  free: ReadonlySet<number>;
  join: (k: number, from: number, by: Link['by']) => void;
  isPart: boolean;
  old: Places;
  here: Places;
}): void => {
  const isNew = (k: number) => links[k] === null && (now[k]!.titleHash === '' || !old.has(now[k]!.titleHash));
  const isGone = (b: number) => free.has(b) && (isPart || !here.has(before[b]!.titleHash));
  const ids = new Map([...free].filter(isGone).map(b => [before[b]!.id, b]));
  for (const [k, { id }] of now.entries()) {
    const b = ids.get(id);
    if (b === undefined || links[k] !== null || !free.has(b)) continue;
    if (isNew(k) || before[b]!.titleHash === '') join(k, b, 'number');
  }
  if (isPart) return;
  for (let k = 0; k < now.length; k++) {
    if (!isNew(k)) continue;
    let end = k;
    while (end < now.length && links[end] === null) end++;
    const news = range(k, end).filter(isNew);
    const gone = range((links[k - 1]?.from ?? -1) + 1, links[end]?.from ?? before.length).filter(isGone);
    if (news.length === gone.length) for (const [n, b] of gone.entries()) join(news[n]!, b, 'place');
    k = end;
  }
};

const range = (from: number, end: number): number[] =>
  Array.from({ length: Math.max(0, end - from) }, (_, k) => from + k);
