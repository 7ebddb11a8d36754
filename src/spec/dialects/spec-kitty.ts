// spec-kitty: work packages `### WP01 — …` with boxes T001 … inside.
import { boxIds } from '../document.ts';
import { type Dialect, matchBy, noMatch, readItems } from './dialect.ts';

export const specKitty: Dialect = {
  name: 'spec-kitty',
  about: 'headings WP01 … with boxes T001 … below',
  score: document => {
    if (boxIds(document).length === 0) return noMatch;
    const packages = document.found.sections.filter(({ text }) => /\bWP\d{2,}\b/.test(text)).length;
    return matchBy(packages, 1, 16, 'headings of work packages (WP01)');
  },
  read: readItems(),
};
