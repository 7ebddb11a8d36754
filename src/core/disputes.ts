// Boxes of completed tasks that somebody has opened: what is asked of a person, and what answers it. Pure.
import { shellWord } from './shell-word.ts';
import type { State } from './state.ts';

/** What a dispute is about, by the names that the two answers take; in plan order. */
export interface Dispute {
  /** Ids whose boxes are open; a unit stands for all its tasks. */
  ids: string[];
  /** Units that `reset` takes: it knows no smaller thing. */
  units: string[];
}

/** Ids that a sentence has room for. */
const shownMax = 12;

/** Null = no box is in dispute. */
export const disputeOf = (state: State): Dispute | null => {
  if (state.disputed.size === 0) return null;
  const rest = new Set(state.disputed);
  const dispute: Dispute = { ids: [], units: [] };
  for (const { id, leaves } of state.plan?.units ?? []) {
    const open = leaves.filter(leaf => rest.delete(leaf.id)).map(leaf => leaf.id);
    if (open.length === 0) continue;
    dispute.units.push(id);
    dispute.ids.push(...(open.length === leaves.length ? [id] : open));
  }
  // Not selected, so that no unit of the plan holds them.
  dispute.ids.push(...rest);
  dispute.units.push(...rest);
  return dispute;
};

/** `the boxes of 1, 2 are open again, but seqrun has them as completed`. */
export const disputeWords = ({ ids }: Dispute): string => {
  const more = ids.length > shownMax ? ` and ${ids.length - shownMax} more` : '';
  const [boxes, them] = ids.length === 1 ? ['box of', 'it'] : ['boxes of', 'them'];
  const are = ids.length === 1 ? 'is' : 'are';
  return `the ${boxes} ${ids.slice(0, shownMax).join(', ')}${more} ${are} open again, but seqrun has ${them} as completed`;
};

/** Both answers, each for all that is in dispute; `look` is put behind every command. */
export const disputeCommands = ({ ids, units }: Dispute, look = ''): { accept: string; resets: string[] } => {
  const behind = look === '' ? '' : ` ${look}`;
  return {
    accept: `seqrun accept ${ids.map(shellWord).join(' ')}${behind}`,
    resets: units.map(id => `seqrun reset ${shellWord(id)}${behind}`),
  };
};

/** `seqrun accept 1 2 (they are done) or seqrun reset 1 and seqrun reset 2 (do them again)`. */
export const disputeAnswers = (dispute: Dispute, look = ''): string => {
  const { accept, resets } = disputeCommands(dispute, look);
  const [is, it] = dispute.ids.length === 1 ? ['it is', 'it'] : ['they are', 'them'];
  const each =
    resets.length > 3 ? `${resets[0]} and so on for each (do ${it} again)` : `${resets.join(' and ')} (do ${it} again)`;
  return `${accept} (${is} done) or ${each}`;
};
