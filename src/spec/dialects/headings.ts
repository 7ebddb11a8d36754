// Headings that are tasks: `### Task 1: …` with text or a check list without numbers below.
import { chooseHeadings } from '../headings.ts';
import { type Dialect, noMatch } from './dialect.ts';

export const headings: Dialect = {
  name: 'headings',
  about: 'headings as tasks, with text or a check list without numbers below',
  score: ({ found, source }) => {
    const headed = chooseHeadings(found, source.lines);
    return headed
      ? { points: 30, because: `${headed.length} headings with ids and no numbered boxes of their own` }
      : noMatch;
  },
  // It is also read where somebody asked for it.
  read: ({ found, source }) => ({
    kind: 'headings',
    headed: chooseHeadings(found, source.lines) ?? chooseHeadings(found, source.lines, { asked: true }) ?? [],
  }),
};
