// spec-kit: `- [ ] T001 [P] [US1] Description`, phases as headings, dependencies in prose.
import { boxIds } from '../document.ts';
import { type Dialect, matchBy, readItems } from './dialect.ts';

const isTask = (id: string): boolean => /^T\d{3,}[a-z]?$/.test(id);

export const specKit: Dialect = {
  name: 'spec-kit',
  about: 'boxes or bullets with ids like T001, [P] and [US1]',
  score: document => {
    const boxes = boxIds(document).filter(isTask).length;
    if (boxes > 0) return matchBy(boxes, 1, 14, 'boxes with ids like T001');
    const bullets = document.found.coded.filter(({ head }) => head?.id != null && isTask(head.id)).length;
    return matchBy(bullets, 2, 14, 'lines with ids like T001');
  },
  read: readItems(),
};
