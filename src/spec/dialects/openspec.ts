// OpenSpec: `## 1. Section` without box, `- [ ] 1.1 Task` at column 0 below it.
import { boxIds } from '../document.ts';
import { type Dialect, matchBy, readItems } from './dialect.ts';

export const openSpec: Dialect = {
  name: 'openspec',
  about: 'numbered headings as groups, boxes 1.1 … below them',
  score: document => {
    const ids = new Set(boxIds(document));
    const groups = document.found.sections.filter(
      ({ numbered, aside }) =>
        !aside &&
        numbered !== null &&
        !numbered.taskWord &&
        !ids.has(numbered.id) &&
        [...ids].some(id => id.startsWith(`${numbered.id}.`)),
    );
    return matchBy(groups.length, 1, 9, 'numbered headings over boxes of their number');
  },
  // A task that is partly done; Kiro writes the same mark for one that only waits its turn.
  read: readItems({ '~': 'in_progress' }),
};
