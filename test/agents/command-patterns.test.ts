// Patterns of a user's own agents: which are taken, and what they make of the end of a run.
import { describe, expect, it } from 'vitest';
import {
  checkPattern,
  type EndPattern,
  lineMax,
  linesMax,
  type Reading,
  trialLines,
} from '../../src/agents/command-patterns.ts';
import { agentNamed } from '../../src/agents/index.ts';
import { type Run, read } from './run-reader.ts';

const pattern = (kind: EndPattern['kind'], match: string, more: Partial<EndPattern> = {}): EndPattern => ({
  kind,
  match,
  on: 'stderr',
  evenOnSuccess: false,
  ...more,
});

const readWith = (reading: Reading, run: Partial<Run>) => {
  const own = { tool: { command: ['tool'], ...reading } };
  return read(agentNamed('tool', { rehearsal: null, command: null, own })!, { stdout: '', ...run });
};

const ends = (patterns: EndPattern[], run: Partial<Run>) => {
  return readWith({ patterns, after: [] }, { exit: { code: 1 }, ...run }).classification;
};

/** What a limit pattern makes of a line at 2026-11-20T08:10:00Z in UTC: an instant, or null = a limit that does not say when. */
const resetOf = (match: string, line: string, more: Partial<Run> = {}): string | null => {
  const { class: name, resetAtMs } = ends([pattern('limit', match)], { stderr: line, ...more });
  expect(name).toBe('limited');
  return resetAtMs === null ? null : new Date(resetAtMs).toISOString();
};

describe('when a limit frees', () => {
  it.each([
    ['until (?<epoch>\\d+)', 'limited until 1795170000', '2026-11-20T10:20:00.000Z'],
    ['until (?<epoch>\\d+)', 'limited until 1795170000123', '2026-11-20T10:20:00.123Z'],
    ['until (?<epoch>\\d+)', 'limited until 12', null],
    ['in (?<seconds>[\\d.]+) s', 'wait, again in 90 s', '2026-11-20T08:11:30.000Z'],
    ['in (?<seconds>[\\d.]+) s', 'wait, again in 1.5 s', '2026-11-20T08:10:01.500Z'],
    ['in (?<seconds>.+)$', 'resets in 1h 5m', '2026-11-20T09:15:00.000Z'],
    ['in (?<seconds>.+)$', 'resets in a while', null],
    ['in (?<seconds>\\d+)', `resets in ${400 * 86_400}`, null],
    ['at (?<clock>\\d{1,2}:\\d{2})', 'resets at 14:05', '2026-11-20T14:05:00.000Z'],
    ['at (?<clock>\\d{1,2}:\\d{2})', 'resets at 7:30', '2026-11-21T07:30:00.000Z'],
    ['at (?<clock>[\\d:]+)', 'resets at 14:05:30', '2026-11-20T14:05:30.000Z'],
    ['at (?<clock>.+)', 'resets at 2:05 pm', '2026-11-20T14:05:00.000Z'],
    ['at (?<clock>.+)', 'resets at 2:05:09 PM', '2026-11-20T14:05:09.000Z'],
    ['at (?<clock>.+)', 'resets at 9am', '2026-11-20T09:00:00.000Z'],
    ['at (?<clock>.+)', 'resets at noon', null],
    ['at (?<clock>\\S+) \\((?<zone>[^)]+)\\)', 'at 14:05 (Europe/Berlin)', '2026-11-20T13:05:00.000Z'],
    ['at (?<clock>\\S+) \\((?<zone>[^)]+)\\)', 'at 14:05 (UTC+2)', '2026-11-20T12:05:00.000Z'],
    ['at (?<clock>\\S+) (?<zone>\\S+)', 'at 14:05 -05:30', '2026-11-20T19:35:00.000Z'],
    ['at (?<clock>\\S+) (?<zone>\\S+)', 'at 14:05 gmt', '2026-11-20T14:05:00.000Z'],
    ['at (?<clock>\\S+) \\((?<zone>[^)]+)\\)', 'at 14:05 (Middle/Earth)', null],
    ['at (?<clock>\\S+) \\((?<zone>[^)]+)\\)', 'at 25:05 (UTC)', null],
    ['at (?<date>\\S+)T(?<clock>[\\d:]+)(?<zone>Z)', 'at 2026-11-22T06:07:08Z', '2026-11-22T06:07:08.000Z'],
    ['on (?<date>\\w+ \\d+), (?<clock>.+)', 'on Nov 23, 2:05 pm', '2026-11-23T14:05:00.000Z'],
    ['on (?<date>\\S+) (?<clock>.+)', 'on 2026-11-23 2:05 pm', '2026-11-23T14:05:00.000Z'],
    ['on (?<date>\\S+) (?<clock>.+)', 'on 2026-02-31 14:05', null],
    ['rate limit', 'Rate Limit reached, resets at 14:05', null],
    ['limit(?: at (?<clock>\\d+:\\d+)| in (?<seconds>\\d+))', 'limit in 5', '2026-11-20T08:10:05.000Z'],
  ])('%s on %j: %s', (match, line, wanted) => {
    expect(checkPattern('limit', match)).toBeNull();
    expect(resetOf(match, line)).toBe(wanted);
  });

  it('a clock time without zone is one of this machine', () => {
    expect(resetOf('at (?<clock>\\S+)', 'at 14:05', { zone: 'Europe/Berlin' })).toBe('2026-11-20T13:05:00.000Z');
  });
});

describe('which line counts', () => {
  const all = [
    pattern('limit', 'rate limit'),
    pattern('auth', 'invalid api key'),
    pattern('transient', '\\b503\\b|overloaded'),
  ];
  it.each<[string, Partial<Run>, string, string | null]>([
    ['a limit', { stderr: 'start\n\u001b[31mRATE LIMIT\u001b[0m hit\n' }, 'limited', 'RATE LIMIT hit'],
    ['a login', { stderr: 'Invalid API key\nTraceback\n' }, 'auth', 'Invalid API key'],
    ['what passes', { stderr: 'HTTP 503\n' }, 'overloaded', 'HTTP 503'],
    ['the last of them', { stderr: 'HTTP 503\nrate limit\nInvalid API key\nbye\n' }, 'auth', 'Invalid API key'],
    [
      'in one line a limit first',
      { stderr: '503 invalid api key rate limit\n' },
      'limited',
      '503 invalid api key rate limit',
    ],
    ['none', { stderr: 'segmentation fault\n' }, 'crashed', 'segmentation fault'],
    ['stdout is the answer', { stdout: 'rate limit\nHTTP 503\n' }, 'crashed', 'HTTP 503'],
    ['exit 0 with an answer', { stdout: 'well', stderr: 'rate limit', exit: { code: 0 } }, 'success', 'well'],
    ['exit 0 without a word', { stderr: 'rate limit', exit: { code: 0 } }, 'limited', 'rate limit'],
    ['Ctrl-C', { stderr: 'rate limit', exit: { code: 130 } }, 'interrupted', null],
    ['KILL', { stderr: 'rate limit', exit: { code: 137 } }, 'no_answer', null],
    ['no exit file', { stderr: 'rate limit', exit: null }, 'interrupted', null],
    ['too long ago', { stderr: `rate limit\n${'working\n'.repeat(linesMax.stderr)}` }, 'crashed', 'working'],
    ['too far right', { stderr: `${'x '.repeat(lineMax / 2)}rate limit` }, 'crashed', null],
  ])('%s', (_, run, name, evidence) => {
    const seen = ends(all, run);
    expect(seen.class).toBe(name);
    if (evidence !== null) expect(seen.evidence).toBe(evidence);
  });

  const onStdout = [pattern('limit', '^rate limit', { on: 'stdout' })];
  const always = [pattern('limit', '^rate limit', { on: 'stdout', evenOnSuccess: true })];
  it.each<[string, EndPattern[], Partial<Run>, string]>([
    ['on stdout where it says so', onStdout, { stdout: 'working\nrate limit\n' }, 'limited'],
    ['only its end', onStdout, { stdout: `rate limit\n${'working\n'.repeat(linesMax.stdout)}` }, 'crashed'],
    ['not on stderr then', onStdout, { stderr: 'rate limit' }, 'crashed'],
    ['not with exit 0', onStdout, { stdout: 'rate limit', exit: { code: 0 } }, 'success'],
    ['with exit 0 where it says so', always, { stdout: 'rate limit', exit: { code: 0 } }, 'limited'],
    [
      'never after a signal',
      always,
      { stdout: 'rate limit\n<promise>TASK_DONE</promise>\n', exit: { code: 0 } },
      'success',
    ],
  ])('%s', (_, patterns, run, name) => expect(ends(patterns, run).class).toBe(name));
});

describe('what comes after the answer', () => {
  const after = ['^Cost: ', '^wrote '];
  const answer = (stdout: string) => {
    const { classification, signal, facts } = readWith({ patterns: [], after }, { stdout });
    return [classification.class, signal?.kind ?? null, facts.finalText];
  };
  const done = '<promise>TASK_DONE</promise>';
  it('is no part of it', () => {
    expect(answer(`ok\n${done}\n\nwrote a.ts\n\u001b[2mCost: $0.01\u001b[0m\n`)).toEqual([
      'success',
      'TASK_DONE',
      `ok\n${done}`,
    ]);
    expect(answer(`Cost: ok\n${done}\nwrote a.ts\nand more\n`)[1]).toBeNull();
    expect(answer('Cost: $0.01\n')).toEqual(['no_answer', null, '']);
  });
  it('is short', () => {
    expect(answer(`${done}\n${'wrote a.ts\n'.repeat(linesMax.stdout)}`)[1]).toBe('TASK_DONE');
    expect(answer(`${done}\n${'wrote a.ts\n'.repeat(linesMax.stdout + 1)}`)[1]).toBeNull();
  });
});

describe('patterns that are refused', () => {
  it.each<[EndPattern['kind'], string, RegExp]>([
    ['limit', '', /is empty/],
    ['limit', '.*', /fits every line/],
    ['limit', '(?:rate limit)?', /fits every line/],
    ['limit', 'rate (limit', /is no regular expression \(/],
    ['limit', 'rate \\- limit', /is no regular expression \(/],
    ['limit', `rate limit${'x'.repeat(500)}`, /has 510 characters/],
    ['limit', 'at (?<time>\\d+)', /unknown group name "time"/],
    ['limit', 'in (?<zone>\\S+)', /"zone" without "clock"/],
    ['limit', 'on (?<date>\\S+)', /"date" without "clock"/],
    ['auth', 'key (?<epoch>\\d+)', /has a group "epoch"/],
    ['limit', '(?:a+)+b', /repeats a group/],
    ['limit', '(?:a|a)*b', /repeats a group/],
    ['limit', '(?:(?:x|y)z){2,}b', /repeats a group/],
    ['limit', '(?:a?){30}b', /repeats a group/],
    ['limit', '(?:a*?)+?b', /repeats a group/],
    ['limit', '(?:\\p{L}+ )*b', /repeats a group/],
  ])('%s %j', (kind, match, wanted) => expect(checkPattern(kind, match)?.what).toMatch(wanted));

  it.each([
    'rate limit.*?resets (?:at|in) (?<clock>\\d{1,2}:\\d{2})(?: \\((?<zone>[^)]+)\\))?',
    'a(?:bc)+d',
    '[(|+*]{2}x+',
    '\\(a+\\)+',
    '(?<=x)(?:ab){3}c*',
    '\\u{1F600}+|\\p{Lu}+x',
    '(?:a|b)?c+',
  ])('%j is taken', match => expect(checkPattern('limit', match)).toBeNull());

  it('is tried on lines of the longest kind, made of its own words', () => {
    const lines = trialLines('rate limit.*?at (?<clock>\\d+)');
    expect(new Set(lines.map(line => line.length))).toEqual(new Set([lineMax]));
    expect(lines.some(line => line.startsWith('rate limit at 000'))).toBe(true);
  });
});
