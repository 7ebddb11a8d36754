// A spec that was renamed: what the state file beside it holds under a name that is gone. Changes nothing.
import { type GoneEntry, readGoneEntries } from '../compose/look.ts';
import { hashTitle } from '../core/hash.ts';
import { leafTasks } from '../core/leaves.ts';
import { likenessOf } from '../core/same-spec.ts';
import { tickedLeaves } from '../core/ticks.ts';
import type { Intention } from './intention.ts';
import { openTaskFile } from './task-file.ts';

export interface FormerName {
  /** The one entry that is this spec's, or null. */
  same: GoneEntry | null;
  /** Names of those that may be. */
  unsure: string[];
}

/**
 * To be asked where neither a journal nor an entry of this name is known. Nothing is found for a task file without a ticked box: no
 * box can pass for a person's there.
 */
export const formerNameOf = async (
  intention: Intention,
  cwd: string,
  { stateFile, specName }: { stateFile: string; specName: string },
): Promise<FormerName> => {
  const gone = readGoneEntries(stateFile, specName);
  const file = gone.length === 0 ? null : await openTaskFile(intention, cwd);
  if (file === null || 'what' in file) return { same: null, unsure: [] };
  const ticked = new Set(tickedLeaves(file.spec));
  if (ticked.size === 0) return { same: null, unsure: [] };
  const leaves = leafTasks(file.spec).map(({ id, title }) => ({
    id,
    titleHash: hashTitle(title),
    ticked: ticked.has(id),
  }));
  const like = gone.map(one => ({ one, likeness: likenessOf(one.entry.whole, leaves) }));
  const same = like.filter(({ likeness }) => likeness === 'same').map(({ one }) => one);
  if (same.length === 1) return { same: same[0]!, unsure: [] };
  return { same: null, unsure: like.filter(({ likeness }) => likeness !== 'other').map(({ one }) => one.name) };
};
