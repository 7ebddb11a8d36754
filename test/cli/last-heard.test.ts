// How long runs lived that were cut off: from the rendering of their last start.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { historyLines } from '../../src/cli/history-view.ts';
import { lastHeard } from '../../src/cli/last-heard.ts';
import type { EventBody, JournalEvent } from '../../src/core/events.ts';
import { pastRuns } from '../../src/core/runs.ts';
import { runStarted } from '../core/given.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'seqrun-heard-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const t0 = Date.UTC(2026, 0, 1);
/** A run that is cut off after it has intended a start, whose rendering was last written then (ms after t0). */
const cutOff = (run: string, atMs: number, writtenMs: number): JournalEvent[] => {
  const folder = join(dir, run);
  mkdirSync(folder);
  writeFileSync(join(folder, 'view.log'), 'x');
  utimesSync(join(folder, 'view.log'), (t0 + writtenMs) / 1000, (t0 + writtenMs) / 1000);
  const started = { ...runStarted({}), run } as EventBody;
  const intended = {
    type: 'start.intended',
    n: 1,
    unit: '1',
    kind: 'agent',
    folder,
    units: [],
  } as unknown as EventBody;
  return [started, intended].map(body => ({ ...body, seq: 1, atMs: t0 + atMs }) as JournalEvent);
};

test('until its last word, not until its last event; what came after the next run had begun is not its own', async () => {
  const events = [...cutOff('a', 0, 6000), ...cutOff('b', 10_000, 25_000), ...cutOff('c', 20_000, 21_000)];
  const runs = pastRuns(events);
  const heardMs = await lastHeard(events, runs);
  expect([...heardMs]).toEqual([
    ['a', t0 + 6000],
    ['c', t0 + 21_000],
  ]);
  const lines = historyLines({ runs, aliveRun: null, nowMs: t0 + 60_000, heardMs });
  expect(
    lines.filter((_, k) => k % 2 === 0).map(line => line.slice(line.indexOf(', ') + 2, line.indexOf(':', 30))),
  ).toEqual(['at least 6 s', 'at least 0 s', 'at least 1 s']);
  rmSync(dir, { recursive: true });
  expect([...(await lastHeard(events, runs))]).toEqual([]);
});
