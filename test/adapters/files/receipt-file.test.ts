// receipt.json: written once, when the outcome of its start is the last word.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createReceiptWriter } from '../../../src/adapters/files/receipt-file.ts';
import type { JournalEvent } from '../../../src/core/events.ts';
import { evolve } from '../../../src/core/evolve.ts';
import { emptyState } from '../../../src/core/state.ts';
import { planOf, unitOf } from '../../core/given.ts';
import { worldOf } from '../../engine/world.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'seqrun-receipts-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** The journal of a run of two units whose first gate is cut off once and then red once, its starts in folders of their own. */
const journal = async (): Promise<JournalEvent[]> => {
  const gates = [{ name: 'test', command: 'npm test', timeoutMs: 60_000, from: 'user' as const }];
  const acts = { 'gate:test': ['dies' as const, { red: 'x' }, 'pass' as const] };
  const world = worldOf(planOf(unitOf('1'), unitOf('2')), acts, { gates, baseline: 'off' });
  await world.runThrough(-1);
  return world.events.map(event => {
    if (event.type !== 'start.intended') return event;
    const folder = join(dir, `${event.n}`);
    mkdirSync(folder);
    return { ...event, folder };
  });
};

const written = (): number[] =>
  readdirSync(dir)
    .map(Number)
    .filter(n => readdirSync(join(dir, `${n}`)).includes('receipt.json'))
    .sort((a, b) => a - b);
const receipt = (n: number) => JSON.parse(readFileSync(join(dir, `${n}`, 'receipt.json'), 'utf8'));

test("an agent's receipt waits for its gates, holds them, and holds up no other", async () => {
  const events = await journal();
  const state = emptyState();
  const writer = createReceiptWriter('demo');
  const seen: string[] = [];
  for (const event of events) {
    evolve(state, structuredClone(event));
    await writer.write(state);
    if (event.type === 'start.ended') seen.push(written().join(' '));
  }
  // 1, 4, 6 are agents, each followed by its gate; 2 was cut off.
  expect(seen).toEqual(['', '2', '1 2 3', '1 2 3', '1 2 3 4 5', '1 2 3 4 5', '1 2 3 4 5 6 7']);
  expect(receipt(1)).toMatchObject({ outcome: 'gate_failed', validation: [{ result: 'failed' }] });
  expect(receipt(4)).toMatchObject({ outcome: 'completed', validation: [{ result: 'passed' }] });
});

test('a runner that comes later writes what is missing, whatever was being checked when the first one died', async () => {
  const events = await journal();
  const first = createReceiptWriter('demo');
  const state = emptyState();
  const dies = events.findIndex(event => event.type === 'start.ended' && event.n === 4);
  for (const event of events.slice(0, dies + 1)) evolve(state, structuredClone(event));
  await first.write(state);
  expect(written()).toEqual([1, 2, 3]);
  for (const event of events.slice(dies + 1)) evolve(state, structuredClone(event));
  await createReceiptWriter('demo').write(state);
  expect(written()).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test('a unit that a person skips while it is checked: the receipt says how far it came', async () => {
  const events = await journal();
  const state = emptyState();
  const writer = createReceiptWriter('demo');
  const ended = events.findIndex(event => event.type === 'start.ended');
  for (const event of events.slice(0, ended + 1)) evolve(state, structuredClone(event));
  await writer.write(state);
  expect(written()).toEqual([]);
  evolve(state, { seq: ended + 2, atMs: 0, type: 'command', id: 's', command: { kind: 'skip', unit: '1' } });
  await writer.write(state);
  expect(written()).toEqual([1]);
  expect(receipt(1)).toMatchObject({ outcome: 'checking', validation: [] });
});
