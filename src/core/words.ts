// How durations, outcomes and counts are said to people. Pure; the same words everywhere.
import type { EndReason, JobKind, Outcome } from './events.ts';

/** `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`: the two largest parts, rounded down. Negative counts as 0. */
export const durationWords = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 || minutes >= 10 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
};

/** `1:02:03` or `2:03`: a countdown. */
export const clockWords = (ms: number): string => {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const pad = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
};

/**
 * Instants in a text, as reasons hold them (`2026-02-03T15:01:00.000Z`), the way people read them: `16:01 (in 4 min)`, with the
 * date when it is another day. `zone` gives an IANA name and is asked only when there is an instant.
 */
export const inLocalTime = (text: string, nowMs: number, zone: () => string): string =>
  text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, iso => {
    const atMs = Date.parse(iso);
    if (Number.isNaN(atMs)) return iso;
    const [day, time] = wallTime(atMs, zone());
    const away = atMs < nowMs ? `${durationWords(nowMs - atMs)} ago` : `in ${durationWords(atMs - nowMs)}`;
    return `${day === wallTime(nowMs, zone())[0] ? '' : `${day} `}${time} (${away})`;
  });

/** `2026-02-03` and `16:01` in a time zone. */
const wallTime = (atMs: number, timeZone: string): [day: string, time: string] => {
  const fields = ['year', 'month', 'day', 'hour', 'minute'] as const;
  const form = Object.fromEntries(fields.map(field => [field, '2-digit']));
  const format = new Intl.DateTimeFormat('en-GB', { ...form, year: 'numeric', hourCycle: 'h23', timeZone });
  const parts = new Map(format.formatToParts(atMs).map(part => [part.type, part.value]));
  const [year, month, day, hour, minute] = fields.map(field => parts.get(field));
  return [`${year}-${month}-${day}`, `${hour}:${minute}`];
};

/** One line about an outcome, with its reason. */
export const outcomeWords = (outcome: Outcome): string => {
  switch (outcome.kind) {
    case 'completed':
      return outcome.signal === null ? 'completed' : `completed (${outcome.signal})`;
    case 'checking':
      return 'ended well; its gates have still to pass';
    case 'gate_failed':
      return `gate ${outcome.gate} failed: ${outcome.because}`;
    case 'unconfirmed':
      return (
        {
          signal: 'unconfirmed: no signal alone on a line of the final message',
          exit_code: 'unconfirmed: a signal, but the agent ended with an error code',
          exit_file: 'unconfirmed: success was reported, but how the process ended is not known',
          success_event: 'unconfirmed: the process ended well, but the agent never reported success',
          change: 'unconfirmed: nothing in the working tree is known to have changed, and a change is required',
          boxes: `unconfirmed: the agent has ticked some of its subtasks, and left ${(outcome.left ?? []).join(', ')} open`,
          rest: `unconfirmed: the agent itself says that something is left${outcome.next ? `: ${outcome.next.replace(/\s+/g, ' ').slice(0, 300)}` : ''}`,
        }[outcome.missing] ?? `unconfirmed: ${outcome.missing} is missing`
      );
    case 'halted':
      return `halted: ${outcome.reason ?? 'no reason given'}`;
    case 'limited':
      if (outcome.because === 'throttled') return 'limited: the provider throttles requests';
      if (outcome.because === 'silent_wait')
        return 'limited: it sat in a limit without a word and was ended; reset unknown';
      return `limited${outcome.window ? ` (${outcome.window})` : ''}: ${outcome.resetAtMs === null ? 'reset unknown' : `resets ${new Date(outcome.resetAtMs).toISOString()}`}`;
    case 'timeout':
      return 'timed out';
    case 'stalled':
      return 'stalled: neither output nor CPU time';
    case 'failed':
      return `failed (${outcome.class}): ${withoutClass(outcome)}`;
    case 'interrupted':
      return outcome.by === 'person' ? 'interrupted by a person' : 'interrupted';
    case 'not_started':
      return `never started: ${outcome.message}`;
    case 'passed':
      return 'passed';
    case 'red':
      return `red: ${outcome.because}`;
    case 'assigned':
      return `assigned ${count(Object.keys(outcome.assignments).length, 'unit')}`;
    case 'unassigned':
      return `not assigned: ${outcome.reason}`;
  }
};

/** For want of better words a message may begin with its class, which stands before it already. */
const withoutClass = ({ class: kind, message }: Extract<Outcome, { kind: 'failed' }>): string =>
  message.startsWith(`${kind}: `) ? message.slice(kind.length + 2) : message;

/** Why a running start is being ended: `stalled`, `window closed`, `silent wait: it has announced a wait of 3 h`. */
export const endingWords = ({ because, says }: { because: EndReason; says?: string }): string =>
  `${because.replace('_', ' ')}${says === undefined ? '' : `: ${says}`}`;

/** Behind a bound of follow-ups that a person has stretched: ` (+1 asked for by a person)`, or nothing. */
export const grantedWords = ({ granted }: { granted: number }): string =>
  granted > 0 ? ` (+${granted} asked for by a person)` : '';

/** Of a start that changed nothing, where an earlier one of its unit did. */
export const unitChangedOnly = 'this start changed nothing; the unit has changed the tree since it began';

/** `1 unit`, `2 units`. */
export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** `12.34 USD`; small sums keep what can be seen of them. */
export const moneyWords = (usd: number): string => `${usd === 0 || usd >= 0.1 ? usd.toFixed(2) : usd.toFixed(4)} USD`;

/** When start `n`, a baseline, was run: a gate that is set later than the first run is looked at when some units are done. */
export const beforeWhat = ({ starts }: { starts: readonly { kind: JobKind; n: number }[] }, n: number): string =>
  starts.some(start => start.kind === 'agent' && start.n < n) ? 'before the next unit' : 'before the first unit';
