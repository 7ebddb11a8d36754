// What OpenCode's own log on stderr says: `key=value` lines, of which one kind tells why it is silent.
import { sessionOf } from './json-lines.ts';

/** One log line. */
export interface LogLine {
  /** Epoch ms. */
  atMs: number;
  level: string;
  /** The values by key, quotes taken off; a key that comes twice keeps its first value. */
  values: ReadonlyMap<string, string>;
}

/** A model request that failed and that OpenCode repeats by itself, in silence. */
export interface FailedRequest {
  atMs: number;
  /** The provider's words, with the error's name before them. */
  text: string;
  /** Whose request: a subagent's has another session than the run. Null = not said. */
  session: string | null;
  line: string;
}

/** A longer line is cut: what counts stands well before. */
const lineMax = 8000;

/** The log line, or null for any other line. It begins with its time; text inside quotes cannot pose as a key. */
export const readLogLine = (line: string): LogLine | null => {
  if (!line.startsWith('timestamp=')) return null;
  const values = new Map<string, string>();
  for (const [, key, quoted, bare] of line.slice(0, lineMax).matchAll(pair)) {
    if (!values.has(key!)) values.set(key!, quoted === undefined ? (bare ?? '') : unquoted(quoted));
  }
  const atMs = Date.parse(values.get('timestamp') ?? '');
  return Number.isFinite(atMs) ? { atMs, level: values.get('level') ?? '', values } : null;
};

const pair = /([A-Za-z_][\w.]*)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]\S*))?/g;

const unquoted = (text: string): string => text.replace(/\\(["\\])/g, '$1').replace(/\\n/g, '\n');

/**
 * The failed request that the line tells of, or null. It comes at once, also when the wait that follows is hours long (stdout
 * stays silent then). The small request that makes a session's title is left out: nothing waits for it.
 */
export const failedRequest = (log: LogLine, line: string): FailedRequest | null => {
  const text = log.values.get('error.error') ?? log.values.get('error.message') ?? log.values.get('error');
  if (log.level !== 'ERROR' || log.values.get('message') !== 'stream error' || text === undefined) return null;
  if (log.values.get('small') === 'true') return null;
  return { atMs: log.atMs, text, session: sessionOf(log.values.get('session.id')), line };
};
