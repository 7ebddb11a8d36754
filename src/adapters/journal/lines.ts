// Bytes of a journal file → events, with the torn tail told apart from damage. Touches nothing.
import type { Command, EndReason, EventBody, JobKind, JournalEvent, Outcome, StartReason } from '../../core/events.ts';
import { evolve } from '../../core/evolve.ts';
import { emptyState, type State } from '../../core/state.ts';

/** What a journal's bytes hold. */
export interface JournalLines {
  events: JournalEvent[];
  /** The lines of `events` as written, without newlines: unknown fields of other versions live on in them. */
  lines: string[];
  /** Bytes of the good lines, the last newline included (added in thought when `unterminated`). */
  goodBytes: number;
  /** The last line is whole but its newline is missing: somebody's editor removed it. */
  unterminated: boolean;
  /** Bytes after the good lines: an append that never happened. */
  tornBytes: number;
  /** First line that cannot be gone past, or null. `line` is 1-based. */
  damage: { line: number; message: string } | null;
}

/** The one version this seqrun writes; every version up to it must be read for ever. */
export const journalVersion = 1;

/**
 * Reads every line. A last line that is cut (no newline and no event, or holding NUL bytes as a file system leaves them after
 * a power cut) is the torn tail; any other line that is no event in sequence is damage.
 */
export const readLines = (bytes: Uint8Array): JournalLines => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const result: JournalLines = {
    events: [],
    lines: [],
    goodBytes: 0,
    unterminated: false,
    tornBytes: 0,
    damage: null,
  };
  if (buffer.length === 0) {
    result.damage = { line: 1, message: 'the file is empty; a journal is never made empty' };
    return result;
  }
  let at = 0;
  while (at < buffer.length) {
    const newline = buffer.indexOf(10, at);
    const end = newline === -1 ? buffer.length : newline;
    const text = buffer.toString('utf8', at, end);
    const read = readEvent(text, result.events.length + 1);
    if (typeof read === 'string') {
      const isLast = newline === -1 || newline === buffer.length - 1;
      if (isLast && result.events.length > 0 && (newline === -1 || text.includes('\0'))) {
        result.tornBytes = buffer.length - at;
      } else result.damage = { line: result.events.length + 1, message: read };
      return result;
    }
    result.events.push(read);
    result.lines.push(text);
    result.unterminated = newline === -1;
    at = end + 1;
    result.goodBytes = at;
  }
  return result;
};

/** One line as an event, or what is wrong with it. */
const readEvent = (text: string, seq: number): JournalEvent | string => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return `it is no JSON: ${quote(text)}`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `it is no event: ${quote(text)}`;
  const { type, seq: found, atMs } = value as Record<string, unknown>;
  if (typeof type !== 'string' || typeof found !== 'number' || typeof atMs !== 'number' || !Number.isFinite(atMs)) {
    return `it is no event (type, seq and atMs were expected): ${quote(text)}`;
  }
  if (found !== seq) return `its number is ${found}, expected ${seq}: a line before it is missing or was added`;
  if (!Object.hasOwn(knownTypes, type)) {
    return `its type ${quote(type)} is not known to this seqrun: a newer one wrote it, use that one`;
  }
  if ((seq === 1) !== (type === 'journal.opened')) {
    return seq === 1
      ? `the first line must be journal.opened, not ${quote(type)}`
      : 'journal.opened is only ever the first line';
  }
  return seq === 1 ? checkOpened(value as Record<string, unknown>) : checkWords(value as JournalEvent);
};

/** An outcome or a command that nobody here knows would fold to nothing: work that was done would be done again. */
const checkWords = (event: JournalEvent): JournalEvent | string => {
  for (const [what, known, word] of wordsOf(event)) {
    if (word === undefined || typeof word !== 'string' || Object.hasOwn(known, word)) continue;
    return `the ${what} ${quote(word)} in ${event.type} is not known to this seqrun: a newer seqrun wrote it, use that one`;
  }
  return event;
};

/** The words of an event that decide how it folds. What is missing altogether shows when it is folded. */
const wordsOf = (event: JournalEvent): [what: string, known: object, word: unknown][] => {
  switch (event.type) {
    case 'start.intended':
      return [
        ['kind of start', knownJobs, event.kind],
        ['reason', knownReasons, event.reason?.kind],
      ];
    case 'start.ending':
      return [['reason', knownEndings, event.because]];
    case 'start.ended':
      return [
        ['outcome', knownOutcomes, event.outcome?.kind],
        ['outcome', knownOutcomes, event.checked?.outcome?.kind],
      ];
    case 'command':
      return [['command', knownCommands, event.command?.kind]];
    default:
      return [];
  }
};

/**
 * The state that the events fold to, or the first of them that cannot follow those before it. Lines in sequence can still be no
 * journal: somebody has changed them, or fields are missing. Changes no event.
 */
export const foldLines = (
  events: readonly JournalEvent[],
): { state: State; damage: null } | { state: null; damage: { line: number; message: string } } => {
  const state = emptyState();
  for (const [k, event] of events.entries()) {
    try {
      evolve(state, event);
    } catch (error) {
      const why = error instanceof Error ? error.message.replace(/^Internal error: (invariant broken: )?/, '') : '';
      const message = `${event.type} cannot stand here as it is: ${quote(why)}`;
      return { state: null, damage: { line: k + 1, message } };
    }
  }
  return { state, damage: null };
};

const checkOpened = (value: Record<string, unknown>): JournalEvent | string => {
  if (typeof value.version !== 'number' || value.version > journalVersion) {
    return `the journal has version ${quote(String(value.version))}, this seqrun reads up to ${journalVersion}: use the newer seqrun`;
  }
  if (typeof value.journal !== 'string' || value.journal === '') return 'journal.opened has no journal id';
  return value as unknown as JournalEvent;
};

/** Complete by its type: a new event cannot be forgotten here. */
const knownTypes: Record<EventBody['type'], true> = {
  'journal.opened': true,
  'run.started': true,
  'run.ended': true,
  'plan.made': true,
  'boxes.changed': true,
  'start.intended': true,
  'start.began': true,
  'start.ending': true,
  'start.ended': true,
  'unit.committed': true,
  'spec.unreadable': true,
  'clock.gap': true,
  waited: true,
  command: true,
  'assignments.edited': true,
  'completed.edited': true,
  'config.accepted': true,
  'entry.merged': true,
  'checkpoint.restored': true,
  rebuilt: true,
};

const knownJobs: Record<JobKind, true> = { agent: true, assign: true, gate: true, baseline: true };
const knownReasons: Record<StartReason['kind'], true> = { task: true, follow_up: true, answer: true, continue: true };
const knownEndings: Record<EndReason, true> = {
  timeout: true,
  stalled: true,
  silent_wait: true,
  stopped: true,
  window_closed: true,
  given_up: true,
};
const knownOutcomes: Record<Outcome['kind'], true> = {
  completed: true,
  checking: true,
  gate_failed: true,
  unconfirmed: true,
  halted: true,
  limited: true,
  timeout: true,
  stalled: true,
  failed: true,
  interrupted: true,
  not_started: true,
  passed: true,
  red: true,
  assigned: true,
  unassigned: true,
};
const knownCommands: Record<Command['kind'], true> = {
  stop: true,
  retry: true,
  skip: true,
  accept: true,
  reset: true,
  resume: true,
  follow: true,
  approve: true,
  pause: true,
  continue: true,
  reject: true,
};

const quote = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
