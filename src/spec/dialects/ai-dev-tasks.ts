// ai-dev-tasks: `- [ ] 1.0 Parent` with `  - [ ] 1.1 Child` below: the parent is 1.0, not 1.
import { boxIds } from '../document.ts';
import { type Dialect, matchBy, readItems } from './dialect.ts';

export const aiDevTasks: Dialect = {
  name: 'ai-dev-tasks',
  about: 'numbered boxes whose parents are 1.0, 2.0 …',
  score: document =>
    matchBy(boxIds(document).filter(id => /^\d+\.0$/.test(id)).length, 1, 10, 'boxes with ids like 1.0'),
  read: readItems(),
};
