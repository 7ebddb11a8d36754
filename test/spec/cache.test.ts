// Only what changed is parsed again, and long files are read at all. How long it takes is for the bench to say.
import { expect, test } from 'vitest';
import { makePieceCache, readSpec } from '../../src/spec/read.ts';

const encoder = new TextEncoder();

const nested = (tasks: number): string => {
  let text = '# Plan\n\n## Tasks\n\n';
  for (let group = 1; group <= tasks / 10; group++) {
    text += `- [ ] ${group}. Group ${group}\n`;
    for (let i = 1; i <= 9; i++) {
      text += `  - [ ] ${group}.${i} Do the thing\n    - with \`code\`\n    - _Requirements: 1.${i}_\n`;
    }
  }
  return text;
};

test('after one tick in 500 tasks only that task and its group are parsed anew', () => {
  const cache = makePieceCache();
  const text = nested(500);
  readSpec(encoder.encode(text), cache);
  const before = new Set(cache.pieces.keys());
  const spec = readSpec(encoder.encode(text.replace('[ ] 7.3 ', '[x] 7.3 ')), cache);
  // Pieces of one line need no parser.
  const parsed = [...cache.pieces.keys()].filter(text => !before.has(text) && text.trimEnd().includes('\n'));
  expect(parsed.map(text => text.split('\n')[0])).toEqual(['- [x] 7.3 Do the thing', '- [ ] 7. Group 7']);
  expect(spec.tasks.find(task => task.id === '7.3')!.state).toBe('done');
});

test('10,000 tasks, in a thousand groups and in one', () => {
  expect(readSpec(encoder.encode(nested(10_000))).tasks).toHaveLength(10_000);
  const one = `- [ ] 1. All\n${Array.from({ length: 9_999 }, (_, i) => `  - [ ] 1.${i + 1} One\n    - note\n`).join('')}`;
  expect(readSpec(encoder.encode(one)).tasks).toHaveLength(10_000);
});
