// Flipping a box changes one byte of the file, or nothing at all.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Task } from '../../src/core/task.ts';
import { flipBox } from '../../src/spec/boxes.ts';
import { readSpec } from '../../src/spec/read.ts';
import { documents } from './markdown.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const task = (bytes: Uint8Array, id: string): Task => readSpec(bytes).tasks.find(other => other.id === id)!;

const flip = (text: string, id: string, mark = 'x'): string => {
  const bytes = encoder.encode(text);
  const result = flipBox(bytes, task(bytes, id), mark);
  return 'bytes' in result ? decoder.decode(result.bytes) : `refused: ${result.reason}`;
};

describe('flipBox', () => {
  it.each([
    ['a plain box', '- [ ] 1. A\n', '- [x] 1. A\n'],
    ['CRLF', '# Ä\r\n- [ ] 1. A\r\n', '# Ä\r\n- [x] 1. A\r\n'],
    ['a BOM', '\ufeff- [ ] 1. A', '\ufeff- [x] 1. A'],
    ['tabs', '- a\n\t-\t[ ]\t1.\tA', '- a\n\t-\t[x]\t1.\tA'],
    ['a star', '- [ ]* 1. A', '- [x]* 1. A'],
    ['an escaped star', '- [ ]\\* 1. A', '- [x]\\* 1. A'],
    ['in progress', '* [-] **1.** A', '* [x] **1.** A'],
    ['an ordered list', '1. [ ] A', '1. [x] A'],
    ['an unknown mark', '- [?] 1. A', '- [x] 1. A'],
    ['already ticked', '- [X] 1. A', '- [x] 1. A'],
  ])('%s', (_, before, after) => {
    expect(flip(before, '1')).toBe(after);
  });

  it('works where ids come from the place', () => {
    expect(flip('- [ ] A\n- [ ] 5 tests', '#2')).toBe('- [ ] A\n- [x] 5 tests');
    expect(flip('1. [ ] A\n   1. [ ] B', '1.1')).toBe('1. [ ] A\n   1. [x] B');
    expect(flip('- [ ] 1 A\n- [ ] 2 B', '2')).toBe('- [ ] 1 A\n- [x] 2 B');
  });

  it('leaves [] and marks of several bytes alone and says so', () => {
    expect(flip('- [] 1. A', '1')).toContain('refused: the box of task 1 is written []');
    expect(flip('- [✓] 1. A', '1')).toContain('refused: the mark of task 1 is not one byte');
  });

  it('refuses a task without box and a mark that is none', () => {
    expect(flip('1. A', '1')).toContain('refused: task 1 has no box');
    for (const mark of ['', 'xx', '\n', ']', 'é'])
      expect(flip('- [ ] 1. A', '1', mark)).toContain('refused: a mark is');
  });

  it.each([
    ['another id', '- [ ] 2. A'],
    ['another title', '- [ ] 1. B'],
    ['a line more above', 'x\n- [ ] 1. A'],
    ['a shorter file', '- '],
    ['no box', '- (-) 1. A'],
  ])('refuses when the line now has %s', (_, now) => {
    const known = task(encoder.encode('- [ ] 1. A'), '1');
    expect(flipBox(encoder.encode(now), known, 'x')).toEqual({ reason: 'line 1 does not hold task 1 any more' });
  });

  it('never touches the bytes it was given', () => {
    const bytes = Buffer.from('- [ ] 1. A');
    flipBox(bytes, task(bytes, '1'), 'x');
    expect(bytes.toString()).toBe('- [ ] 1. A');
  });

  it('changes exactly one byte in any document, and only that task is then done', () => {
    fc.assert(
      fc.property(documents, fc.constantFrom('\n', '\r\n'), fc.boolean(), (text, end, bom) => {
        const bytes = encoder.encode((bom ? '\ufeff' : '') + text.replaceAll('\n', end));
        const before = readSpec(bytes);
        for (const one of before.tasks) {
          const result = flipBox(bytes, one, 'x');
          if (!('bytes' in result)) {
            expect(one.box === null || one.box.offset < 0).toBe(true);
            continue;
          }
          const changed = [...result.bytes.keys()].filter(i => result.bytes[i] !== bytes[i]);
          expect(result.bytes).toHaveLength(bytes.length);
          expect(changed).toEqual(one.box!.mark === 'x' ? [] : [one.box!.offset]);
          const after = readSpec(result.bytes);
          const states = (tasks: Task[]) =>
            tasks.map(({ id, title, state }) => [id, title, id === one.id ? 'done' : state]);
          expect(states(after.tasks)).toEqual(states(before.tasks));
        }
      }),
      { numRuns: 500 },
    );
  });
});
