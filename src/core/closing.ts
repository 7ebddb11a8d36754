// The closing block: what an agent may say about its unit in a form that need not be understood, and how it is read.
import { lastBlock } from './closing-block.ts';
import { lineOf, textOf } from './closing-text.ts';
import { closingDoubts } from './closing-wish.ts';

const actions = ['in_review', 'requeue_same_task', 'split_into_subtasks', 'prompt_user'] as const;

/** What the agent would do next. Who says nothing means `in_review`. */
export type RecommendedAction = (typeof actions)[number];

/** A closing block that counts. Every text is clean, at most 4,000 characters; every list holds at most 50 lines of at most 500. */
export interface Closing {
  /** What there is now, in the agent's words. */
  summary: string | null;
  achieved: string[];
  /** What it rests on: commands and their results, say. The agent's word: nothing of it is proof. */
  evidence: string[];
  /** What of the unit is not done. */
  remaining: string[];
  /** Files changed. */
  changes: string[];
  /** How it was checked. */
  validation: string | null;
  /** null: not said. */
  needsFollowUp: boolean | null;
  /** null: not said, or a word that nobody knows. */
  recommendedAction: RecommendedAction | null;
  /** What to tell the agent in its next turn on the unit; the question when a person is asked. */
  nextPrompt: string | null;
  /** What may come after the unit. */
  followUp: string[];
}

export interface ClosingReading {
  /** null: there is no block, or it does not count. */
  closing: Closing | null;
  /** Why a block or a field does not count, and where the block contradicts itself. One line each, at most 300 characters. */
  warnings: string[];
}

/** No honest block is near it. */
const blockMax = 200_000;
const textMax = 4000;
const lineMax = 500;
const entriesMax = 50;

/**
 * The closing block of a final message: the last fenced block with the info string `seqrun`, holding one JSON object. It does not
 * count, with a warning, when it is no strict JSON object, longer than 200,000 characters, of another version than 1, or of another
 * run than `runId`; an earlier block never stands in for it. Names may be in snake_case (which wins) or camelCase; unknown ones are
 * ignored; a list may be given as one value. Never throws.
 */
export const readClosing = (finalText: string, { runId }: { runId: string }): ClosingReading => {
  const block = lastBlock(finalText, 'seqrun');
  if (block === null) return { closing: null, warnings: [] };
  const parsed = parse(block);
  if ('refused' in parsed) return refused(parsed.refused);
  const fields = fieldsOf(parsed.object);
  const doubt = strangeVersion(fields.version) ?? strangeRun(fields.runId, runId);
  if (doubt !== null) return refused(doubt);

  const warnings: string[] = [];
  const closing: Closing = {
    summary: textOf(fields.summary, textMax),
    achieved: listOf('achieved', fields.achieved, warnings),
    evidence: listOf('evidence', fields.evidence, warnings),
    remaining: listOf('remaining', fields.remaining, warnings),
    changes: listOf('changes', fields.changes, warnings),
    validation: textOf(fields.validation, textMax),
    needsFollowUp: answerOf(fields.needsFollowUp, warnings),
    recommendedAction: actionOf(fields.recommendedAction, warnings),
    nextPrompt: textOf(fields.nextPrompt, textMax),
    followUp: listOf('follow_up', fields.followUp, warnings),
  };
  return { closing, warnings: [...warnings, ...closingDoubts(closing)] };
};

const refused = (why: string): ClosingReading => ({
  closing: null,
  warnings: [`the closing block does not count: ${why}`],
});

const parse = (block: string): { object: Record<string, unknown> } | { refused: string } => {
  if (block.length > blockMax) return { refused: `it is longer than ${blockMax} characters` };
  let value: unknown;
  try {
    value = JSON.parse(block);
  } catch (error) {
    return { refused: `it is no JSON (${shown(error instanceof Error ? error.message : error)})` };
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { object: value as Record<string, unknown> }
    : { refused: 'it is no JSON object' };
};

const fieldsOf = (object: Record<string, unknown>) => ({
  version: object.version,
  runId: object.run_id ?? object.runId,
  summary: object.summary,
  achieved: object.achieved,
  evidence: object.evidence,
  remaining: object.remaining,
  changes: object.changes,
  validation: object.validation,
  needsFollowUp: object.needs_follow_up ?? object.needsFollowUp,
  recommendedAction: object.recommended_action ?? object.recommendedAction,
  nextPrompt: object.next_prompt ?? object.nextPrompt,
  followUp: object.follow_up ?? object.followUp,
});

const strangeVersion = (version: unknown): string | null =>
  (version ?? 1) === 1 || version === '1' ? null : `its version is ${shown(version)}, known is "1"`;

/** A block that names a run must name this one: else it is repeated from an older message, or from the spec. */
const strangeRun = (given: unknown, runId: string): string | null => {
  if (given === null || given === undefined) return null;
  if (typeof given !== 'string' || !/^[0-9a-fA-F-]{36}$/.test(given)) return `its run_id ${shown(given)} is none`;
  return given.toLowerCase() === runId.toLowerCase() ? null : `it is of another run (${given})`;
};

const listOf = (name: string, value: unknown, warnings: string[]): string[] => {
  const entries: unknown[] = Array.isArray(value) ? value : [value];
  const said: string[] = [];
  for (const entry of entries) {
    const line = lineOf(entry, lineMax);
    if (line === null) continue;
    if (said.length === entriesMax) {
      warnings.push(`closing block: only the first ${entriesMax} entries of ${name} are kept`);
      break;
    }
    said.push(line);
  }
  return said;
};

const answerOf = (value: unknown, warnings: string[]): boolean | null => {
  if (value === null || value === undefined || typeof value === 'boolean') return value ?? null;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : null;
  if (word === 'yes' || word === 'true') return true;
  if (word === 'no' || word === 'false') return false;
  warnings.push(`closing block: needs_follow_up is neither yes nor no, but ${shown(value)}`);
  return null;
};

const actionOf = (value: unknown, warnings: string[]): RecommendedAction | null => {
  const known = actions.find(action => action === value);
  if (known === undefined && value !== null && value !== undefined) {
    warnings.push(`closing block: recommended_action ${shown(value)} is none of ${actions.join(', ')}`);
  }
  return known ?? null;
};

const shown = (value: unknown): string => {
  const text = lineOf(value, 100) ?? '';
  return typeof value === 'string' ? `"${text}"` : text;
};
