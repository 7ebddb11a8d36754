// The live view: what it says, and that it fits.
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { hanging } from '../../../src/cli/live/cells.ts';
import { spanAround } from '../../../src/cli/live/span.ts';
import { type LiveFacts, type LiveRoom, liveView } from '../../../src/cli/live/view.ts';
import type { EventBody } from '../../../src/core/events.ts';
import { given, intendedOf, planOf, type Story, unitOf } from '../../core/given.ts';
import { allHostile } from '../../hostile.ts';

const began = (n: number): EventBody => ({
  type: 'start.began',
  n,
  pid: 1,
  transport: 'plain',
  window: null,
  adopted: false,
});
const done = { kind: 'completed', signal: 'TASK_DONE' } as const;
const titled = (id: string, title: string, over: object = {}) => unitOf(id, [id], { title, ...over });

const factsOf = (story: Story, over: Partial<LiveFacts> = {}): LiveFacts => ({
  specName: 'cart',
  nowMs: story.nowMs,
  alive: true,
  wait: null,
  line: null,
  lineAtMs: null,
  local: text => text,
  clock: text => text,
  ...over,
});
const shown = (story: Story, over: Partial<LiveFacts> = {}, room: Partial<LiveRoom> = {}): string[] =>
  liveView(story.state, factsOf(story, over), { columns: 80, rows: 12, colour: false, unicode: true, ...room });

const cart = () =>
  given(
    planOf(
      titled('1', 'Set up'),
      titled('2', 'Log in'),
      titled('3', 'Log out', { dependsOn: ['2'], dependsOnUnits: ['2'] }),
      titled('4', 'Print'),
    ),
  );

describe('what it says', () => {
  test('a unit runs: its agent and its last line with its age', () => {
    const story = cart().start('1', done).and(intendedOf(2, '2'), began(2)).after(192_000);
    expect(shown(story, { line: '> npm test', lineAtMs: story.nowMs - 12_000 })).toEqual([
      'cart  1/4 done · 3 min 19 s · iteration 2 of 50',
      '✓ 1 Set up',
      '▶ 2 Log in — 3 min 13 s on codex',
      '    12 s ago: > npm test',
      '⏸ 3 Log out — waits for 2',
      '· 4 Print',
    ]);
    expect(shown(story)[3]).toBe('    no output yet');
    expect(shown(story, { line: 'x', lineAtMs: story.nowMs - 900 })[3]).toBe('    now: x');
  });

  test('a wait: how long still, and why', () => {
    const story = cart();
    const wait = { untilMs: story.nowMs + 42_000, because: 'codex is limited', unit: '1' };
    expect(shown(story, { wait }).slice(0, 3)).toEqual([
      'cart  0/4 done · 2 s',
      '◔ 1 Set up',
      '    0:42 left: codex is limited',
    ]);
    expect(shown(story, { wait }, { rows: 1 })).toEqual(['cart  0/4 done · ◔ 1 0:42 left · 2 s']);
  });

  test('a wait for a reset: what is waited beyond it has a name', () => {
    const story = given(planOf(titled('1', 'Set up')), { limitMarginMs: 6000 });
    const untilMs = story.nowMs + 42_000;
    const resets = new Date(untilMs - 6000).toISOString();
    const wait = { untilMs, because: `codex is limited (usage, resets ${resets})`, unit: '1' };
    const clock = (text: string) => text.replace(resets, '16:01');
    expect(shown(story, { wait, clock })[2]).toBe(
      '    0:42 left: codex is limited (usage, resets 16:01), and 6 s margin',
    );
    expect(shown(story, { wait: { ...wait, because: 'delay' } })[2]).toBe('    0:42 left: delay');
  });

  test.each([40, 80, 200])('a pause, in %i columns: since when, by whom, and what ends it', columns => {
    const story = cart().and({ type: 'command', id: 'p', command: { kind: 'pause', by: 'joe@host' } });
    const lines = shown(story, {}, { columns });
    expect(lines[0]).toMatch(/^cart {2}0\/4 done · paused · /);
    expect(
      lines
        .slice(1, -4)
        .map(line => line.trim())
        .join(' '),
    ).toBe(`paused since ${new Date(story.state.paused!.atMs).toISOString()} by joe@host seqrun continue goes on`);
    expect(lines.at(-4)).toBe('· 1 Set up');
    expect(shown(story, {}, { columns, rows: 1 })[0]).toContain(' · paused');
    // A start that is open is left to end: the pause stands below it.
    const open = story.and(intendedOf(1, '1'), began(1));
    expect(shown(open, {}, { columns }).slice(1, 4)).toEqual([
      expect.stringMatching(/^▶ 1 Set up/),
      '    no output yet',
      expect.stringMatching(/^ {4}paused since/),
    ]);
    expect(shown(open, {}, { columns, rows: 6 })[0]).toContain(' · paused · ');
  });

  test('a reason that is long takes a few lines more where there are enough', () => {
    const story = cart();
    const because =
      'codex is limited (five_hour, resets 16:01), and this sentence goes on for very much longer than that';
    const wait = { untilMs: story.nowMs + 42_000, because, unit: '1' };
    expect(shown(story, { wait }, { columns: 40 }).slice(2, 5)).toEqual([
      '    0:42 left: codex is limited',
      '    (five_hour, resets 16:01), and this',
      '    sentence goes on for very much long…',
    ]);
    expect(shown(story, { wait }, { columns: 40, rows: 7 })[2]).toBe('    0:42 left: codex is limited (five_h…');
  });

  test('failed, halted and skipped with their reasons; attempts; a stop', () => {
    const crashed = { kind: 'failed', class: 'crashed', message: 'it fell' } as const;
    const story = given(planOf(titled('1', 'A'), titled('2', 'B'), titled('3', 'C')), { onFail: 'skip' });
    story.start('1', crashed).start('1', crashed).start('1', crashed);
    story.start('2', { kind: 'halted', reason: 'Which one?' });
    story.and({ type: 'command', id: 'c', command: { kind: 'skip', unit: '3' } });
    const lines = shown(story);
    expect(lines[0]).toBe('cart  0/3 done · 1 failed · 1 halted · 1 skipped · 15 s · iteration 4 of 50');
    expect(lines[1]).toMatch(/^✗ 1 A — .*it fell/);
    expect(lines[2]).toBe('? 2 B — Which one?');
    expect(lines[3]).toMatch(/^- 3 C — .*skipped/);
    const again = cart().start('1', crashed).and(intendedOf(2, '1'), began(2));
    expect(shown(again)[1]).toBe('▶ 1 Set up — 1 s on codex, attempt 2');
    again.and({ type: 'command', id: 's', command: { kind: 'stop', now: false, because: 'seqrun stop' } });
    expect(shown(again)[0]).toContain(' · stopping · ');
  });

  test('a gate, the gate before the first unit, and the assignment', () => {
    const gate = { name: 'test', command: 'npm test', timeoutMs: 1000, from: 'user' } as const;
    const story = given(planOf(titled('1', 'A')), {});
    story.and(intendedOf(1, null, { kind: 'baseline', gate }), began(1));
    expect(shown(story).slice(1, 3)).toEqual(['▶ gate test before the first unit — 1 s', '    no output yet']);
    const assign = given(planOf(titled('1', 'A'))).and(intendedOf(1, null, { kind: 'assign' }));
    expect(shown(assign)[1]).toMatch(/^▶ codex is asked who shall do what — /);
  });

  test('without a runner: why nothing runs, and how long it took', () => {
    const story = cart().start('1', done);
    story.and({ type: 'run.ended', run: 'run-1', end: 'iterations', exit: 1, because: 'iterations used up' });
    story.after(3_600_000);
    const lines = shown(story, { alive: false });
    expect(lines[0]).toBe('cart  1/4 done · 5 s · iteration 1 of 50');
    expect(lines[1]).toBe('its last run ended with 1: iterations used up');
  });

  test('before there is a plan', () => {
    expect(
      liveView(given(planOf()).state, factsOf(cart()), { columns: 40, rows: 5, colour: false, unicode: true }),
    ).toEqual(['cart  0/0 done · 2 s']);
  });

  test('ASCII alone where the locale is not UTF-8', () => {
    const story = given(planOf(titled('1', 'Größe — 寸法 👍'), titled('2', 'x'.repeat(90)))).and(
      intendedOf(1, '1'),
      began(1),
    );
    const lines = shown(story, { line: 'Пока…', lineAtMs: story.nowMs - 9000 }, { unicode: false });
    expect(lines.join('\n')).toMatch(/^[ -~\n]*$/);
    expect(lines[1]).toBe('> 1 Gr??e - ?? ? - 1 s on codex');
    expect(lines[2]).toBe('    9 s ago: ????...');
    expect(lines[3]).toMatch(/^\. 2 x+\.\.\.$/);
  });

  test('colours are there when wanted, and change nothing else', () => {
    const story = cart().start('1', done).and(intendedOf(2, '2'), began(2));
    const colour = shown(story, {}, { colour: true });
    expect(colour[1]).toBe('\u001b[32m✓ \u001b[39m\u001b[2m1 Set up\u001b[22m');
    expect(colour.map(stripVTControlCharacters)).toEqual(shown(story));
    expect(shown(story).join('')).not.toContain('\u001b');
  });
});

describe('what has no room', () => {
  const many = (n: number) =>
    given(planOf(...Array.from({ length: n }, (_, k) => titled(`${k + 1}`, `Unit number ${k + 1}`))));

  test('a window around the unit that runs, and how many more there are', () => {
    const story = many(50);
    for (let k = 1; k <= 10; k++) story.start(`${k}`, done);
    story.and(intendedOf(11, '11'), began(11));
    const lines = shown(story, {}, { rows: 9 });
    expect(lines).toHaveLength(9);
    expect(lines[1]).toBe('… 9 more');
    expect(lines[3]).toContain('▶ 11 ');
    expect(lines.at(-1)).toBe('… 36 more');
  });

  test('trouble is told also of units that are not shown', () => {
    const story = given(planOf(...Array.from({ length: 30 }, (_, k) => titled(`${k + 1}`, 'U'))), {
      onFail: 'skip',
      maxAttempts: 1,
    });
    story.start('1', { kind: 'failed', class: 'crashed', message: 'it fell' });
    for (let k = 2; k <= 20; k++) story.start(`${k}`, done);
    expect(shown(story, {}, { rows: 8 })[1]).toMatch(/^… \d+ more, 1 failed$/);
  });

  test('long titles leave room for what is to be known', () => {
    const story = given(planOf(titled('1', 'very '.repeat(40)))).and(intendedOf(1, '1'), began(1));
    expect(shown(story, {}, { columns: 40 })[1]).toMatch(/^▶ 1 very very.*… — 1 s on codex$/);
  });

  test('a span holds the current item, and what it leaves out is counted', () => {
    const inputs = fc
      .tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 60 }))
      .chain(([total, room]) =>
        fc.tuple(fc.constant(total), fc.integer({ min: 0, max: total - 1 }), fc.constant(room)),
      );
    fc.assert(
      fc.property(inputs, ([total, current, room]) => {
        const { from, to, above, below } = spanAround(total, current, room);
        expect(from <= current && current < to && from >= 0 && to <= total).toBe(true);
        expect(to - from + Number(above > 0) + Number(below > 0)).toBeLessThanOrEqual(room);
        if (room < 3) return;
        expect(above + (to - from) + below).toBe(total);
        // A line that could have been the item.
        expect(above).not.toBe(1);
        expect(below).not.toBe(1);
      }),
    );
  });
});

describe('a long line', () => {
  test('goes on indented below its beginning, whole', () => {
    expect(hanging('  ✗ 2 Log in — the gate test failed: exit 1', 24)).toEqual([
      '  ✗ 2 Log in — the',
      '      gate test failed:',
      '      exit 1',
    ]);
    expect(hanging('cart: done', 24)).toEqual(['cart: done']);
    const long = `  ${'word '.repeat(60)}end`;
    const parts = hanging(long, 40);
    expect(parts.map(part => part.trim()).join(' ')).toBe(long.trim());
    for (const part of parts) expect(stringWidth(part)).toBeLessThanOrEqual(40);
    // On a terminal of a few cells lines of one word each would help nobody.
    expect(hanging(long, 8)).toEqual([long]);
  });
});

describe('the terminal', () => {
  const wide = [
    '寸法を測る',
    '👨‍👩‍👧‍👦 family',
    '🇩🇪 flags',
    'e\u0301'.repeat(20),
    '한글 각',
    'ﾊﾝｶｸ',
    '☕️ tea',
    'a\u0300\u0301\u0302'.repeat(30),
  ];
  const texts = fc.oneof(
    fc.constantFrom(...wide, ...wide.map(text => `${text} `.repeat(20)), ...allHostile),
    fc.string({ unit: 'grapheme', maxLength: 150 }),
    fc.string({ unit: 'binary', maxLength: 80 }),
  );

  test('no line is wider and no view higher than the room, for any text; nothing in it acts on a terminal', () => {
    const rooms = fc.record({
      columns: fc.integer({ min: 20, max: 200 }),
      rows: fc.integer({ min: 1, max: 40 }),
      colour: fc.boolean(),
      unicode: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(texts, { minLength: 1, maxLength: 25 }),
        texts,
        fc.nat(),
        rooms,
        fc.nat({ max: 4 }),
        (titles, line, at, room, kind) => {
          const story = given(planOf(...titles.map((title, k) => titled(`${k + 1}`, title))));
          const unit = `${(at % titles.length) + 1}`;
          if (kind === 1) story.and(intendedOf(1, unit), began(1));
          if (kind === 2) story.start(unit, { kind: 'halted', reason: line });
          if (kind === 4) story.and({ type: 'command', id: 'p', command: { kind: 'pause', by: line } });
          const wait = kind === 3 ? { untilMs: story.nowMs + 90_000, because: line, unit } : null;
          const facts = factsOf(story, { specName: titles[0]!, line, lineAtMs: story.nowMs, wait, alive: kind !== 0 });
          const lines = liveView(story.state, facts, room);
          expect(lines.length).toBeLessThanOrEqual(room.rows);
          for (const one of lines) {
            expect(stringWidth(one), one).toBeLessThanOrEqual(room.columns);
            expect(one.replace(/\u001b\[\d+m/g, '')).not.toMatch(
              /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/,
            );
            if (!room.colour) expect(one).not.toContain('\u001b');
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test.each([1, 2, 3, 4, 5])('%i lines are enough to say something', rows => {
    const story = cart().start('1', done).and(intendedOf(2, '2'), began(2));
    for (const columns of [1, 5, 20, 40]) {
      const lines = shown(story, {}, { rows, columns });
      expect(lines.length).toBeLessThanOrEqual(rows);
      expect(lines[0]).not.toBe('');
    }
    expect(shown(story, {}, { rows }).join('\n')).toContain('▶ 2');
  });
});
