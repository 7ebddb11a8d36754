// Reading stays linear: long nested files, and a file read again after one tick.
import { describe, expect, it } from 'vitest';
import { makePieceCache, readSpec } from '../../src/spec/read.ts';

const encoder = new TextEncoder();

const nested = (tasks: number): string => {
  let text = '# Plan\n\n## Tasks\n\n';
  for (let group = 1; group <= tasks / 10; group++) {
    text += `- [ ] ${group}. Group ${group}\n`;
    for (let i = 1; i <= 9; i++)
      text += `  - [ ] ${group}.${i} Do the thing\n    - with \`code\`\n    - _Requirements: 1.${i}_\n`;
  }
  return text;
};

describe('speed', () => {
  it('10,000 nested tasks are read in about a second', () => {
    const bytes = encoder.encode(nested(10_000));
    const from = performance.now();
    expect(readSpec(bytes).tasks).toHaveLength(10_000);
    const ms = performance.now() - from;
    console.log(`10,000 nested tasks: ${Math.round(ms)} ms`);
    expect(ms).toBeLessThan(3_000);
  });

  it('10,000 tasks in one group too', () => {
    const text = `- [ ] 1. All\n${Array.from({ length: 9_999 }, (_, i) => `  - [ ] 1.${i + 1} One\n    - note\n`).join('')}`;
    const from = performance.now();
    expect(readSpec(encoder.encode(text)).tasks).toHaveLength(10_000);
    expect(performance.now() - from).toBeLessThan(3_000);
  });

  it('500 tasks are read again after one tick in about a millisecond', () => {
    const cache = makePieceCache();
    let text = nested(500);
    const times: number[] = [];
    for (let i = 0; i < 100; i++) {
      text = text.includes('[ ] 7.3 ') ? text.replace('[ ] 7.3 ', '[x] 7.3 ') : text.replace('[x] 7.3 ', '[ ] 7.3 ');
      const bytes = encoder.encode(text);
      const from = performance.now();
      readSpec(bytes, cache);
      times.push(performance.now() - from);
    }
    times.sort((a, b) => a - b);
    console.log(
      `500 tasks after one tick: ${times[10]!.toFixed(2)} ms (fastest tenth), ${times[50]!.toFixed(2)} ms (median)`,
    );
    // The fastest tenth: what else the machine does is not the reader's time.
    expect(times[10]!).toBeLessThan(2);
  });
});
