// What keeps the live view up to date: how often it draws, what it reads, and that it harms nobody.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Screen } from '../../../src/cli/console.ts';
import { lastSaid } from '../../../src/cli/live/feed.ts';
import { createLive } from '../../../src/cli/live/live.ts';
import { canRewrite, showsUnicode } from '../../../src/cli/live/terminal.ts';
import { given, planOf, unitOf } from '../../core/given.ts';

describe('drawing', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const make = (over: Partial<Screen> = {}) => {
    const draws: string[][] = [];
    const screen = {
      colour: false,
      unicode: true,
      size: () => ({ columns: 61, rows: 24 }),
      draw: (lines: readonly string[]) => void draws.push([...lines]),
      forget: vi.fn(),
      close: vi.fn(),
      ...over,
    };
    const live = createLive(screen, {
      specName: 'cart',
      specWords: { look: '--spec cart', run: '--spec cart' },
      nowMs: Date.now,
      rows: all => all / 2,
    });
    const now = { state: given(planOf(unitOf('1'))).state, wait: null, alive: true };
    return { live, screen, draws, now };
  };

  test('at once, but at most ten times a second however much happens, and the last of it too', () => {
    const { live, draws, now } = make();
    live.update(now);
    expect(draws).toHaveLength(1);
    for (let k = 0; k < 200; k++) {
      live.update(now);
      vi.advanceTimersByTime(5);
    }
    expect(draws.length).toBeGreaterThan(5);
    expect(draws.length).toBeLessThanOrEqual(11);
    live.update({ ...now, alive: false });
    vi.advanceTimersByTime(100);
    expect(draws.at(-1)![1]).toContain('the runner was killed');
    live.close();
  });

  test('each second without an event: a countdown goes down', async () => {
    const { live, draws, now } = make();
    live.update({ ...now, wait: { untilMs: Date.now() + 10_000, because: 'codex is limited', unit: '1' } });
    await vi.advanceTimersByTimeAsync(3001);
    expect(draws.map(lines => lines[2]!.trim().slice(0, 4))).toEqual(['0:10', '0:09', '0:08', '0:07']);
    live.close();
  });

  test('a reset in the reason of a wait is told by the clock alone, and commands name the spec', () => {
    const { live, draws, now } = make();
    const untilMs = Date.now() + 10_000;
    const because = `codex is limited (usage, resets ${new Date(untilMs).toISOString()})`;
    live.update({ ...now, wait: { untilMs, because, unit: '1' } });
    expect(draws.at(-1)![2]).toMatch(/^ {4}0:10 left: codex is limited \(usage, resets \d\d:\d\d\)$/);
    const { state } = now;
    state.paused = { atMs: Date.now(), by: 'joe@host' };
    live.update({ ...now, state });
    vi.advanceTimersByTime(500);
    expect(draws.at(-1)![2]).toBe('    seqrun continue --spec cart goes on');
    live.close();
  });

  test('when the terminal changes its size, and anew where somebody else has written', () => {
    const { live, screen, draws, now } = make();
    live.update(now);
    vi.advanceTimersByTime(500);
    process.emit('SIGWINCH');
    expect(draws).toHaveLength(2);
    process.emit('SIGCONT');
    expect(screen.forget).toHaveBeenCalledOnce();
    live.close();
  });

  test('nothing after it is closed, and no listener stays', () => {
    const before = ['SIGWINCH', 'SIGCONT'].map(name => process.listenerCount(name));
    const { live, screen, draws, now } = make();
    live.close();
    live.close();
    live.update(now);
    vi.advanceTimersByTime(5000);
    expect([draws.length, vi.getTimerCount()]).toEqual([0, 0]);
    expect(screen.close).toHaveBeenCalledOnce();
    expect(['SIGWINCH', 'SIGCONT'].map(name => process.listenerCount(name))).toEqual(before);
  });

  test('trouble ends the view, and nothing else', () => {
    const { live, screen, now } = make({
      draw: () => {
        throw new Error('no terminal');
      },
    });
    live.update(now);
    expect(screen.close).toHaveBeenCalledOnce();
  });
});

describe('what was said last', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'seqrun-feed-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('nothing, a line, and the end of a long log', async () => {
    expect(await lastSaid(folder)).toEqual({ line: null, atMs: null });
    expect(await lastSaid(join(folder, 'gone'))).toEqual({ line: null, atMs: null });
    const view = join(folder, 'view.log');
    writeFileSync(join(folder, 'stdout.jsonl'), '{}\n');
    writeFileSync(view, 'first\n  > second \u001b[2J\n\n  \n');
    const { line, atMs } = await lastSaid(folder);
    expect(line).toBe('> second');
    expect(Math.abs(Date.now() - atMs!)).toBeLessThan(60_000);
    appendFileSync(view, `${'ü'.repeat(100_000)}\n`);
    expect((await lastSaid(folder)).line).toMatch(/^.?ü{2000,}$/);
  });
});

describe('the terminal', () => {
  test.each([
    [{}, true],
    [{ TERM: 'dumb' }, false],
    [{ CI: 'true' }, false],
    [{ CI: '1' }, false],
    [{ CI: 'false' }, true],
    [{ CI: '' }, true],
  ])('%j can be rewritten: %s', (env, expected) => expect(canRewrite(env)).toBe(expected));

  test.each([
    [{ LANG: 'de_DE.UTF-8' }, true],
    [{ LANG: 'C.utf8' }, true],
    [{ LANG: 'de_DE.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'C', LC_CTYPE: 'UTF-8' }, true],
    [{ LANG: 'de_DE.ISO-8859-1' }, false],
    [{ LANG: 'de_DE.UTF-8', TERM: 'linux' }, false],
    [{}, false],
  ])('%j shows Unicode: %s', (env, expected) => expect(showsUnicode(env)).toBe(expected));
});
