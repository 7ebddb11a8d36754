// Kiro: `- [ ] 1. Title` with `  - [ ] 1.1 Part` below, `_Requirements: 1.1_`, waves.
import { boxIds, countLines } from '../document.ts';
import { boxes, type Dialect, noMatch, readItems } from './dialect.ts';

export const kiro: Dialect = {
  name: 'kiro',
  about: 'numbered boxes, nested or flat, with _Requirements: …_ lines',
  score: document => {
    const numbered = boxIds(document).length;
    if (numbered === 0) return noMatch;
    const requirements = countLines(document, /_(?:requirements|需求|要件|요구사항)[:：]/i);
    if (requirements === 0) return { points: 3, because: `${boxes(numbered)} with numbers` };
    return {
      points: 8,
      because: `${boxes(numbered)} with numbers, ${requirements} ${requirements === 1 ? 'line' : 'lines'} with _Requirements:_`,
    };
  },
  read: readItems(),
};
