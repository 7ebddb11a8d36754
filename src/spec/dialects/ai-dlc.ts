// AI-DLC plans: boxes without numbers below `### Step 1` or `**Stage 1: …**`.
import { boxIds, countLines, liveBoxes } from '../document.ts';
import { type Dialect, matchBy, noMatch, readItems } from './dialect.ts';

export const aiDlc: Dialect = {
  name: 'ai-dlc',
  about: 'boxes without numbers below steps and stages',
  score: document => {
    if (liveBoxes(document).length === 0 || boxIds(document).length > 0) return noMatch;
    const stages = countLines(document, /^(?:#{1,6}[ \t]+|\*\*)(?:[^\p{L}\p{N}]*)(?:step|stage)[ \t]+\d/iu);
    return matchBy(stages, 1, 9, 'headings of steps or stages over boxes without numbers');
  },
  read: readItems(),
};
