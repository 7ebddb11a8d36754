// Whether an entry of the state file tells of this task file, though it stands there under another name. Pure.
import type { AdoptedEntry } from './events.ts';

/** A leaf of the task file as it is now. */
export interface LeafNow {
  id: string;
  titleHash: string;
  ticked: boolean;
}

/** `unsure`: it may be, and what it holds is too little to tell. */
export type Likeness = 'same' | 'unsure' | 'other';

/**
 * The same: all that it knows as completed is ticked here, all that it knows as claimed is here, and one of them is ticked. A title
 * alone does not tell: most specs begin with the same few, and what is done in another one must not be done in this one.
 */
export const likenessOf = (entry: AdoptedEntry, leaves: readonly LeafNow[]): Likeness => {
  const hashes = new Map(leaves.map(({ id, titleHash }) => [id, titleHash]));
  const all = new Set(leaves.map(({ titleHash }) => titleHash));
  const ticked = leaves.filter(leaf => leaf.ticked);
  const isTicked = (id: string, titleHash: string): boolean =>
    ticked.some(leaf => leaf.titleHash === titleHash && (leaf.id === id || hashes.get(id) !== titleHash));
  const claims = Object.entries(entry.claimedTitles ?? {}).map(([titleHash, id]) => ({ id, titleHash }));
  const titled = new Set(claims.map(({ id }) => id));
  const completed = entry.completed.map(id => ({ id, titleHash: entry.titleHashes[id] ?? '' }));
  const nameless = [
    ...completed.filter(({ titleHash }) => titleHash === '').map(({ id }) => id),
    ...entry.claimed.filter(id => !titled.has(id)),
  ];
  const known = [...completed, ...claims];
  const here = known.filter(({ id, titleHash }) => isTicked(id, titleHash));
  if (nameless.length === 0 && here.length > 0) {
    const isWhole =
      completed.every(({ id, titleHash }) => isTicked(id, titleHash)) &&
      claims.every(({ titleHash }) => all.has(titleHash));
    if (isWhole) return 'same';
    const isHeldBack = claims.some(({ id, titleHash }) => isTicked(id, titleHash));
    return isHeldBack || entry.open ? 'unsure' : 'other';
  }
  const isOld = nameless.length > 0 || (known.length === 0 && entry.open === true);
  const ids = leaves.map(({ id }) => id);
  const isNumbered = (id: string): boolean => ids.some(leaf => leaf === id || leaf.startsWith(`${id}.`));
  return isOld && [...nameless, ...Object.keys(entry.units)].every(isNumbered) ? 'unsure' : 'other';
};
