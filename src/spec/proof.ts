// What a task's own text says about how it is proved to be done: commands, tests that fail or pass, whether anything must change.
import type { Task } from '../core/task.ts';
import { changesDocsOnly } from './docs-words.ts';
import { expectedOf, isCheckpoint, onlyLooks, onlyWrites, readTestTalk } from './test-words.ts';

/** The fields of a task that are about proof; what is not said is absent. */
export type Proof = Pick<Task, 'verify' | 'noChange' | 'expects' | 'writesTests' | 'checkpoint' | 'docs'>;

/** What a task says line by line. */
export interface Said {
  /** Commands, in order. */
  commands: readonly string[];
  /** `_no_change_` stands among its lines. */
  noChange: boolean;
  /** Its other lines, those in fences left out. */
  lines: readonly string[];
}

export const proofOf = (title: string, { commands, noChange, lines }: Said): Proof => {
  const expects = expectedOf(title, readTestTalk(lines));
  const checkpoint = isCheckpoint(title);
  const looks = checkpoint || (expects === 'green' && onlyLooks(title));
  return {
    ...(commands.length > 0 && { verify: [...commands] }),
    ...((noChange || looks) && { noChange: true }),
    ...(expects !== null && { expects }),
    ...(expects === null && onlyWrites(title, lines) && { writesTests: true }),
    ...(checkpoint && { checkpoint }),
    ...(!checkpoint && expects === null && changesDocsOnly(title, lines) && { docs: true }),
  };
};

/** The lines that stand in no fence. Enough for text that is no longer part of a file. */
export const linesOutsideFences = (text: string): string[] => {
  const lines: string[] = [];
  let open: string | null = null;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const fence = /^[ \t]*(?:[-*+][ \t]+)?(`{3,}|~{3,})(.*)$/.exec(line);
    if (open === null && fence && !(fence[1]!.startsWith('`') && fence[2]!.includes('`'))) open = fence[1]!;
    else if (open === null) lines.push(line);
    else if (fence && fence[1]!.startsWith(open) && fence[2]!.trim() === '') open = null;
  }
  return lines;
};
