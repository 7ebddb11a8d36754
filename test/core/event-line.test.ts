// The lines of `--json`: their shape, and docs/events.md, which shows one of each.
import { expect, test } from 'vitest';
import { type EventLine, eventLine } from '../../src/core/event-line.ts';
import type { JournalEvent } from '../../src/core/events.ts';
import { evolve } from '../../src/core/evolve.ts';
import { emptyState } from '../../src/core/state.ts';
import { docsHead, eventWords } from './event-docs.ts';
import { everyEvent, everyWord } from './every-event.ts';
import { given, planOf, unitOf } from './given.ts';

const linesOf = (events: readonly JournalEvent[]): EventLine[] => {
  const state = emptyState();
  return structuredClone(events).map(event => {
    evolve(state, event);
    return eventLine(event, state, 'cart');
  });
};

const all = linesOf(everyEvent());

test('every line has the fields that programs rely on, and in data nothing that stands beside it', () => {
  expect(new Set(all.map(line => line.type))).toEqual(new Set(everyWord.types));
  for (const [k, line] of all.entries()) {
    expect(line).toMatchObject({ schema: 1, spec: 'cart', seq: k + 1 });
    expect(new Date(line.ts).toISOString()).toBe(line.ts);
    expect(Object.keys(line.data)).not.toEqual(expect.arrayContaining(['type']));
    expect('unit' in line, line.type).toBe('attempt' in line);
    expect(JSON.stringify(line)).not.toContain('\n');
  }
});

test('a start of a unit names the unit and the try of it on each of its lines', () => {
  const story = given(planOf(unitOf('1')));
  const crashed = { kind: 'failed', class: 'crashed', message: 'it fell' } as const;
  story.start('1', crashed).start('1', { kind: 'completed', signal: 'TASK_DONE' });
  const starts = linesOf(story.events).filter(line => line.type.startsWith('start.'));
  expect(starts.map(line => [line.unit, line.attempt])).toEqual([1, 1, 1, 2, 2, 2].map(attempt => ['1', attempt]));
});

test('a type tells what is in data', () => {
  // Compiles only while the union narrows.
  const ends = all.flatMap(line => (line.type === 'run.ended' ? [line.data.exit] : []));
  expect(ends.at(-1)).toBe(2);
});

/** The shortest line of each event, of the long story and of a small one. */
const shortest = (type: string): string =>
  [...all, ...linesOf(given(planOf(unitOf('1', ['1.1', '1.2']), unitOf('2'))).events)]
    .filter(line => line.type === type)
    .map(line => JSON.stringify(line))
    .sort((a, b) => a.length - b.length)[0]!;

test('docs/events.md is what the code prints: `npx vitest run test/core/event-line.test.ts -u` writes it anew', async () => {
  const parts = Object.entries(eventWords).map(
    ([type, words]) => `\n## ${type}\n\n${words}\n\n\`\`\`json\n${shortest(type)}\n\`\`\`\n`,
  );
  await expect(`${docsHead}${parts.join('')}`).toMatchFileSnapshot('../../docs/events.md');
});
