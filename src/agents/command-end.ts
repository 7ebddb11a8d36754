// How a program without a machine stream ended, from the lines that the user's patterns know.
import type { Classification, EndFacts } from '../core/agent.ts';
import { cleanLine } from '../core/clean-text.ts';
import { type EndPattern, lineMax, linesMax, patternKinds, regexOf } from './command-patterns.ts';
import { delayFromText, resetFromEpoch, resetFromText } from './reset-time.ts';
import { verdict } from './verdict.ts';

/** The last lines of a run, clean, as they came. */
export interface LastLines {
  add(stream: 'stdout' | 'stderr', text: string): void;
  of(stream: 'stdout' | 'stderr'): readonly string[];
}

/** Keeps as many lines of each stream as patterns are tried on, blank ones left out. */
export const lastLines = (): LastLines => {
  const kept: Record<'stdout' | 'stderr', string[]> = { stdout: [], stderr: [] };
  return {
    add: (stream, text) => {
      const line = cleanLine(text, lineMax);
      if (line === '') return;
      kept[stream].push(line);
      if (kept[stream].length > linesMax[stream]) kept[stream].shift();
    },
    of: stream => kept[stream],
  };
};

/**
 * The class that the last line with a match tells: what a program got over before is not what it died of. stderr is looked at
 * first; in one line a limit counts before a login, and that before what passes. Null when no line has a match.
 */
export const endByPatterns = (
  patterns: readonly EndPattern[],
  lines: LastLines,
  end: Pick<EndFacts, 'endedAtMs' | 'zone'>,
): Classification | null => {
  for (const stream of ['stderr', 'stdout'] as const) {
    const tried = patternKinds.flatMap(kind =>
      patterns
        .filter(pattern => pattern.kind === kind && pattern.on === stream)
        .map(({ match }) => ({ kind, regex: regexOf(match) })),
    );
    if (tried.length === 0) continue;
    for (const line of lines.of(stream).toReversed()) {
      for (const { kind, regex } of tried) {
        const found = regex.exec(line);
        if (found === null) continue;
        if (kind === 'auth') return verdict('auth', line);
        if (kind === 'transient') return verdict('overloaded', line);
        return { ...verdict('limited', line), resetAtMs: resetOf(found.groups ?? {}, end) };
      }
    }
  }
  return null;
};

type Groups = Partial<Record<string, string>>;

/** When a limit frees, epoch ms, by the groups of a match; null = they do not say, or not in a way that is understood. */
const resetOf = (groups: Groups, end: Pick<EndFacts, 'endedAtMs' | 'zone'>): number | null => {
  const { epoch, seconds, clock } = groups;
  if (epoch !== undefined) return resetFromEpoch(epoch, end.endedAtMs);
  if (seconds !== undefined) {
    const bare = /^\d+(?:\.\d+)?$/.test(seconds.trim());
    const delay = delayFromText(`resets in ${seconds.trim()}${bare ? 's' : ''}`);
    return delay === null ? null : Math.floor(end.endedAtMs) + delay;
  }
  return clock === undefined ? null : fromClock(clock.trim(), groups, end);
};

const fromClock = (clock: string, { date, zone }: Groups, end: Pick<EndFacts, 'endedAtMs' | 'zone'>): number | null => {
  const [, hours, seconds = '0', half = ''] = /^(\d{1,2}:\d{2})(?::([0-5]\d))?(.*)$/.exec(clock) ?? [];
  const day = date === undefined ? '' : dayText(date.trim());
  const minute = resetFromText(`resets at ${day}${hours === undefined ? clock : `${hours}${half}`}`, {
    nowMs: end.endedAtMs,
    zone: zone === undefined ? end.zone : zoneText(zone.trim()),
  });
  return minute === null ? null : minute + Number(seconds) * 1000;
};

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A date as limit messages write it, before a clock time that may say am or pm. */
const dayText = (date: string): string => {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date) ?? [];
  const name = months[Number(month) - 1];
  return `${name === undefined ? date : `${name} ${day}, ${year}`} `;
};

/** `Z`, `GMT`, `UTC+2`, `+5:30` as a name that Temporal knows; anything else is for it to refuse. */
const zoneText = (zone: string): string => {
  if (/^(?:Z|UTC|GMT)$/i.test(zone)) return 'UTC';
  const [, sign, hours, minutes = '00'] = /^(?:UTC|GMT)? ?([+-])(\d{1,2})(?::?(\d{2}))?$/i.exec(zone) ?? [];
  return sign === undefined ? zone : `${sign}${hours!.padStart(2, '0')}:${minutes}`;
};
