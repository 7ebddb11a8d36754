// specd: boxes with codes (`T1`, `W2.6a`) and a line `- role: builder · depends: T1 · requirements: R1`; or a table with a row a task.
import { chooseItems } from '../choose.ts';
import { countLines } from '../document.ts';
import { type Dialect, matchBy } from './dialect.ts';

export const specd: Dialect = {
  name: 'specd',
  about: 'boxes with codes and lines as "role: … · depends: …", or tables with id and depends-on',
  score: document => {
    const lines = countLines(document, /^[ \t]*- role:.*[·|]/i);
    if (lines > 0) return matchBy(lines, 1, 17, 'lines as "role: … · depends: …"');
    const { found } = document;
    const plan = [...found.boxes, ...found.rows].filter(({ item }) => item.row?.plan).length;
    return matchBy(plan, 1, 17, 'rows of tables with id, role, depends-on and verify');
  },
  read: ({ found }, report) => ({ kind: 'items', chosen: chooseItems(found, report, { plans: true }), marks: {} }),
};
