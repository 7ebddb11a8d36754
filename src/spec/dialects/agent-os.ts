// Agent OS: `- [ ] 1. Parent` with `(Depends on: Task 1 - reason)` in the line, `1.1 Write tests for …` below.
import { boxIds, countLines } from '../document.ts';
import { type Dialect, matchBy, noMatch, readItems } from './dialect.ts';

export const agentOs: Dialect = {
  name: 'agent-os',
  about: 'numbered boxes that begin with "Write tests" and end with "Verify all tests pass"',
  score: document => {
    if (boxIds(document).length === 0) return noMatch;
    const signs = countLines(
      document,
      /^[ \t]*- \[[ xX]\] (?:\d+\.\d+ (?:write tests for|verify all tests pass)|\d+\. .*\(depends on: task)/i,
    );
    return matchBy(signs, 2, 9, 'lines as "1.1 Write tests for" or "(Depends on: Task 1 …)"');
  },
  read: readItems(),
};
