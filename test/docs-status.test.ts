// docs/status-json.md explains every field that `status --json` prints, and the names are those that are printed.
import { expect, it, test } from 'vitest';
import { statusObject } from '../src/cli/status-view.ts';
import { given, planOf, unitOf } from './core/given.ts';
import { fieldWords, statusHead } from './docs-status.ts';

test('docs/status-json.md: `npx vitest run test/docs-status.test.ts -u` writes it anew', async () => {
  const rows = Object.entries(fieldWords).map(([field, words]) => `| \`${field}\` | ${words} |\n`);
  await expect(`${statusHead}${rows.join('')}`).toMatchFileSnapshot('../docs/status-json.md');
});

it('has the fields in the order in which they are printed', () => {
  const story = given(planOf(unitOf('1')));
  const printed = statusObject({
    state: story.state,
    specName: 'demo',
    runnerPid: null,
    nowMs: story.nowMs,
    lastOutputAtMs: null,
    version: '0.0.0',
    specWords: { look: '--spec s', run: '--spec s' },
  });
  const told = Object.keys(fieldWords);
  expect(told.filter(field => !/[.[]/.test(field))).toEqual(Object.keys(printed));
  expect(told.filter(field => field.startsWith('units[].'))).toEqual(
    Object.keys(printed.units[0]!).map(name => `units[].${name}`),
  );
  const { counts } = printed;
  expect(Object.keys(counts).filter(name => !fieldWords.counts.includes(`\`${name}\``))).toEqual([]);
});
