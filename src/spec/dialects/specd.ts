// specd: boxes with codes (`T1`, `W2.6a`) and a line `- role: builder · depends: T1 · requirements: R1`.
import { countLines } from '../document.ts';
import { type Dialect, matchBy, readItems } from './dialect.ts';

export const specd: Dialect = {
  name: 'specd',
  about: 'boxes with codes and lines as "role: … · depends: … · requirements: …"',
  score: document => matchBy(countLines(document, /^[ \t]*- role:.*[·|]/i), 1, 17, 'lines as "role: … · depends: …"'),
  read: readItems(),
};
