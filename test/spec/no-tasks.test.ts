// What is said of a file in which no task was understood: what it holds instead, and what to write.
import { expect, it } from 'vitest';
import { readSpec } from '../../src/spec/read.ts';

const read = (text: string, dialect: string | null = null) =>
  readSpec(new TextEncoder().encode(text), undefined, { dialect });
const said = (text: string): string => {
  const { tasks, diagnostics } = read(text);
  expect(tasks).toEqual([]);
  return diagnostics.find(({ code }) => code === 'no_tasks')!.message;
};

it.each([
  ['## Step 1: Door\nx\n## Step 2: Light\n', '2 numbered headings', '"## Task 1: Door"'],
  ['## 1. Overview\nx\n## 2. Door\n', '2 numbered headings', '"## Task 1: Overview"'],
  ['### Task 1: Door\nx\n', '1 numbered heading.', '"- [ ] 1. Door"'],
  ['**1. Door**\n- x\n\n**2. Light**\n', '2 bold numbered lines', '"- [ ] 1. Door"'],
  ['- **Task 1: Door** - open\n- **Task 2: Light** - on\n', '2 bold numbered lines', '"- [ ] 1. Door - open"'],
  ['- 1. Door\n- 2. Light\n', '2 numbered list items', '"- [ ] 1. Door"'],
  ['- ✅ 1. Door\n- ⏳ 2. Light\n', '2 list items with a sign', '"- [x] 1. Door"'],
  ['- ✅ Door\n', '1 list item with a sign', '"- [x] 1. Door"'],
  ['| # | What |\n|---|---|\n| 1 | Door |\n| 2 | Light |\n', '2 rows of tables', '"- [ ] 1. Door"'],
])('%j: counts them and shows the first as it should be', (text, count, instead) => {
  expect(said(text)).toContain(count);
  expect(said(text)).toContain(`as ${instead}`);
});

it('names every kind and the line of the most frequent one', () => {
  expect(said('# Plan\n\n**1. A**\n\n- ✅ B\n- ✅ C\n- ✅ D\n')).toMatch(
    /1 bold numbered line, 3 list items.*write line 5 as/,
  );
});

it('says what is expected where there is nothing of the kind', () => {
  expect(said('')).toContain('The file is empty; expected list items');
  expect(said('# Plan\n\nLater.\n\n```\n1. code\n```\n')).toContain('expected list items with a box');
});

it('what it proposes is read as tasks', () => {
  expect(read('## Task 1: Door\nx\n## Task 2: Light\n').tasks.map(({ id }) => id)).toEqual(['1', '2']);
  expect(read('- [x] 1. Door\n- [ ] 2. Light\n').tasks.map(({ state }) => state)).toEqual(['done', 'pending']);
});
