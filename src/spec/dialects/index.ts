// Every dialect, one line each, and which one a file is written in.
import type { Document } from '../document.ts';
import { agentOs } from './agent-os.ts';
import { aiDevTasks } from './ai-dev-tasks.ts';
import { aiDlc } from './ai-dlc.ts';
import { ccSdd } from './cc-sdd.ts';
import { claudeSpecs } from './claude-specs.ts';
import type { Dialect, Match } from './dialect.ts';
import { headings } from './headings.ts';
import { kiro } from './kiro.ts';
import { openSpec } from './openspec.ts';
import { plain } from './plain.ts';
import { specKit } from './spec-kit.ts';
import { specKitty } from './spec-kitty.ts';
import { specWorkflow } from './spec-workflow.ts';
import { specd } from './specd.ts';

/** Where two match as well, the first one wins. */
export const dialects: readonly Dialect[] = [
  kiro,
  ccSdd,
  specKit,
  specKitty,
  openSpec,
  specWorkflow,
  claudeSpecs,
  agentOs,
  aiDevTasks,
  aiDlc,
  specd,
  headings,
  plain,
];

/** The dialect of this name; null: there is none. */
export const dialectNamed = (name: string): Dialect | null => dialects.find(one => one.name === name) ?? null;

/** The dialect that is surest of the file, and why; null: none sees anything that could be a task. */
export const detect = (document: Document): { dialect: Dialect; match: Match } | null => {
  let best: { dialect: Dialect; match: Match } | null = null;
  for (const dialect of dialects) {
    const match = dialect.score(document);
    if (match.points > (best?.match.points ?? 0)) best = { dialect, match };
  }
  return best;
};
