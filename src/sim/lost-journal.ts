// What the truth still expects to be known when a journal was removed: what the entry of the state file holds, and no more.
import type { AdoptedEntry } from '../core/events.ts';
import type { Chronicle } from './chronicle.ts';
import { leavesOfText, seenUnits } from './task-text.ts';

/** Without a journal the entry of the state file is all there is; one that somebody has edited is not believed as to what is done. */
export const loseJournal = (
  chronicle: Chronicle,
  entry: { intact: boolean; seq: number | null; journal: string | null; whole: AdoptedEntry } | null,
): void => {
  const kept = new Set(entry?.intact ? Object.values(entry.whole.titleHashes) : []);
  // It is believed as a whole, whoever wrote it: nothing else is left.
  chronicle.done = new Map([...kept].map(hash => [hash, 0]));
  if (!entry?.whole.halted) chronicle.haltedBy = null;
  if (!entry) {
    // A first start again: what is ticked counts.
    for (const leaf of leavesOfText(chronicle.spec.tasks.text ?? '')) {
      if (leaf.ticked) chronicle.byPerson.add(leaf.hash);
    }
  }
  // Told that what it held as done is not believed, a person pays for it again knowingly.
  if (!entry?.intact) chronicle.counted.clear();
  else trimCounted(chronicle, entry.whole);
  chronicle.limit = limitKnown(chronicle, entry);
};

/** What was not written yet is not known: an entry from before the limit tells of another one, or of none. */
const limitKnown = (
  { limit, seq, journal }: Chronicle,
  entry: { seq: number | null; journal: string | null; whole: AdoptedEntry } | null,
): Chronicle['limit'] => {
  if (!limit || !entry) return null;
  const knew = entry.journal === journal && entry.seq !== null && entry.seq >= limit.seq && entry.seq <= seq;
  if (knew) return limit;
  const written = Object.values(entry.whole.limits ?? {}).map(({ untilMs }) => untilMs);
  return written.length === 0 ? null : { ...limit, untilMs: Math.min(limit.untilMs, Math.max(...written)) };
};

/** An older entry, brought back by somebody together with the loss of the journal, knows of fewer starts. */
const trimCounted = (chronicle: Chronicle, { units }: AdoptedEntry): void => {
  const text = chronicle.spec.tasks.text ?? '';
  for (const { id, title } of seenUnits(text, chronicle.granularity)) {
    const known = (units[id]?.attempts ?? 0) + (units[id]?.followUps ?? 0);
    const counted = [...chronicle.counted].filter(([, of]) => of === title);
    for (const [n] of counted.slice(known)) chronicle.counted.delete(n);
  }
};
