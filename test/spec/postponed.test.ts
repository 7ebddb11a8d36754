// Tasks that something in the file says are not to be done.
import { describe, expect, it } from 'vitest';
import { readSpec } from '../../src/spec/read.ts';

const read = (...lines: string[]) => readSpec(new TextEncoder().encode(lines.join('\n')));
const codes = (spec: ReturnType<typeof read>) =>
  spec.diagnostics.map(({ severity, code, line }) => `${severity} ${code} ${line}`);

describe('the status line of a heading', () => {
  const withStatus = (status: string) => read('### Task 1: A', `**Status**: ${status}`, '### Task 2: B', 'x');

  it.each(['Cancelled', '❌ Canceled (no budget)', 'Superseded by 2', 'obsolete', "Won't do", 'Won’t fix'])(
    '%s: nothing is left to do',
    status => {
      const spec = withStatus(status);
      expect(spec.tasks.map(({ state }) => state)).toEqual(['done', 'pending']);
      expect(codes(spec)).toEqual(['info given_up 1']);
    },
  );

  it.each(['Deferred', '⏸ Skipped for now', 'postponed to v2'])('%s: open, and told', status => {
    const spec = withStatus(status);
    expect(spec.tasks.map(({ state }) => state)).toEqual(['pending', 'pending']);
    expect(codes(spec)).toEqual(['warning deferred 1']);
    expect(spec.diagnostics[0]!.message).toContain('tick or remove');
  });

  it.each(['Completed, cleanup deferred', 'In progress', 'Not cancelled', 'Skippedness'])(
    '%s: no such word',
    status => {
      expect(codes(withStatus(status))).toEqual([]);
    },
  );

  it('counts less than boxes, which are told where they are open', () => {
    const spec = read(
      '### Task 1: A',
      '**Status**: Cancelled',
      '- [ ] a',
      '### [x] Task 2: B',
      '**Status**: Cancelled',
    );
    expect(spec.tasks.map(({ state }) => state)).toEqual(['pending', 'done']);
    expect(codes(spec)).toEqual(['warning deferred 1']);
  });
});

describe('the title of an open task', () => {
  it.each([
    '- [ ] ~~1. Docs~~',
    '- [ ] 1. ~~Docs~~ (removed)',
    '- [ ] **1.** ~~Docs~~',
    '- [ ] 1. [DEFERRED] Docs',
    '- [ ] 1. Docs (deferred to v2)',
    '- [ ] 1. Docs — CANCELLED',
    '- [ ] 1. SKIPPED: Docs',
  ])('%s is told', line => {
    const spec = read(line, '- [ ] 2. B');
    expect(spec.tasks.map(({ id, state }) => [id, state])).toEqual([
      ['1', 'pending'],
      ['2', 'pending'],
    ]);
    expect(codes(spec)).toEqual(['warning deferred 1']);
  });

  it.each([
    '- [x] ~~1. Docs~~ [removed]',
    '- [ ] 1. ~~Old~~ New docs',
    '- [ ] 1. Show the row as cancelled',
    '- [ ] 1. Read state (skippedRows)',
    '- [ ] 1. Handle REMOVED events',
    '- [ ] 1. ~~a~~ and ~~b~~',
  ])('%s is not', line => {
    expect(codes(read(line, '- [ ] 2. B'))).toEqual([]);
  });
});

describe('a section', () => {
  it.each(['Out of scope', 'Backlog / Future work', 'Future Enhancements (v2)', 'Deferred', '2. PR: Gates — DEFERRED'])(
    '%s with open tasks is told once',
    name => {
      const spec = read('- [ ] 1. A', `## ${name}`, '- [x] 2.1 B', '### Deferred items', '- [ ] 2.2 C', '- [ ] 2.3 D');
      expect(codes(spec).filter(code => code.includes('deferred'))).toEqual(['warning deferred 2']);
      expect(spec.diagnostics.find(({ code }) => code === 'deferred')!.message).toMatch(/^2 open tasks .*2\.2, 2\.3/);
    },
  );

  it.each(['Backlog page', 'Deferred loading', 'Future-proof the API'])('%s is work', name => {
    expect(codes(read('- [ ] 1. A', `## ${name}`, '- [ ] 2. B'))).toEqual([]);
  });

  it('is silent when all in it is done', () => {
    expect(codes(read('- [ ] 1. A', '## Backlog', '- [x] 2. B'))).toEqual([]);
  });
});
