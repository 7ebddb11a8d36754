// Nothing that looks like an open task vanishes without a word.
import { describe, expect, it } from 'vitest';
import { readAlmostBox } from '../../src/spec/almost.ts';
import { readSpec } from '../../src/spec/read.ts';

const read = (...lines: string[]) => readSpec(new TextEncoder().encode(lines.join('\n')));
const told = (spec: ReturnType<typeof read>, code: string): string[] =>
  spec.diagnostics.filter(one => one.code === code).map(one => `${one.severity} ${one.line}:${one.column}`);

describe('a line that nearly is a box', () => {
  it.each([
    ['-[ ] 2. B', '- [ ] 2. B'],
    ['  -[x] 2.1 B', '- [x] 2.1 B'],
    ['3.[ ] Third', '3. [ ] Third'],
    ['[ ] 12. L', '- [ ] 12. L'],
    ['– [ ] x', '- [ ] x'],
    ['• [ ] x', '- [ ] x'],
    ['a) [ ] x', '- [ ] x'],
    ['- ☐ x', '- [ ] x'],
    ['* ☑ x', '* [x] x'],
    ['☐ x', '- [ ] x'],
    ['- ［ ］ x', '- [ ] x'],
    ['- ［　］ x', '- [ ] x'],
    ['- [ ]Title', '- [ ] Title'],
    ['- [\u00a0] Title', '- [ ] Title'],
    ['- [  ] Title', '- [ ] Title'],
    ['-\u00a0[ ] 1. A', '- [ ] 1. A'],
    ['- \\[ \\] x', '- [ ] x'],
    ['- **[ ] 1. A**', '- [ ] 1. A'],
  ])('%j', (line, mended) => {
    expect(readAlmostBox(line)?.mended).toBe(mended);
  });

  it.each([
    '- [ ] 1. A',
    '2) [x] B',
    '[x](url)',
    '- [ ](url)',
    '- [x]: url',
    '-[link](url)',
    '[1] source',
    '- [RFC] x',
    '[ ] = open',
    '[x] Done',
    '[-] in progress',
    '`[ ]` x',
    'a line with [ ] 1. in it',
    '-5 [ ]',
    '- [ ]',
    '-[ ]',
    '---',
    '',
  ])('%j is none', line => {
    expect(readAlmostBox(line)).toBeNull();
  });

  it('is a warning with its place and how to write it', () => {
    const spec = read('- [ ] 1. A', '-[ ] 2. B', '', '- [ ] 3. C', '  -[ ] 3.1 D', '  -[x] 3.2 E');
    expect(spec.tasks.map(({ id }) => id)).toEqual(['1', '3']);
    expect(told(spec, 'almost_box')).toEqual(['warning 2:1', 'warning 5:3', 'info 6:3']);
    expect(spec.diagnostics[0]!.message).toContain('e.g. "- [ ] 2. B"');
    expect(spec.diagnostics.map(({ unread }) => unread)).toEqual([1, 1, undefined]);
  });

  it('is said too where nothing else was understood', () => {
    expect(told(read('-[ ] 1. A', '-[ ] 2. B'), 'almost_box')).toEqual(['warning 1:1', 'warning 2:1']);
  });

  it('is a step where it stands inside a task without a number', () => {
    expect(told(read('- [ ] 1. A', '  -[ ] step'), 'almost_box')).toEqual(['info 2:3']);
    expect(told(read('- [ ] 1. A', '-[ ] step'), 'almost_box')).toEqual(['warning 2:1']);
    expect(told(read('- [ ] A', '  -[ ] part'), 'almost_box')).toEqual(['warning 2:3']);
    expect(told(read('## Task 1: A', '-[ ] step', '## Task 2: B'), 'almost_box')).toEqual(['info 2:1']);
  });

  it('is not said in fences, comments, quotes, tables and notes', () => {
    const hidden = [
      '```',
      '-[ ] 2. B',
      '```',
      '<!--',
      '-[ ] 3. C',
      '-->',
      '',
      '> -[ ] 4. D',
      '',
      '| -[ ] 5. E |',
      '|--|',
    ];
    expect(told(read('- [ ] 1. A', '', ...hidden), 'almost_box')).toEqual([]);
    expect(told(read('- [ ] 1. A', '## Notes', '-[ ] 5. E'), 'almost_box')).toEqual(['info 3:1']);
    expect(told(read('---', 'a: b', '-[ ]: c', '---', '- [ ] 1. A'), 'almost_box')).toEqual([]);
  });

  it('takes linear time', () => {
    for (const piece of [' ', '- ', '[ ', '-\u00a0', '**', '☐ ', '(a)', '1-']) {
      const line = piece.repeat(200_000);
      const start = performance.now();
      readAlmostBox(line);
      readAlmostBox(`- ${line}`);
      readAlmostBox(`- [ ]${line}`);
      expect(performance.now() - start).toBeLessThan(200);
    }
  });
});
