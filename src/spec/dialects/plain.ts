// Plain lists: boxes without numbers, or a numbered list without boxes.
import { liveBoxes } from '../document.ts';
import { boxes, type Dialect, noMatch, readItems } from './dialect.ts';

export const plain: Dialect = {
  name: 'plain',
  about: 'boxes without numbers, or a numbered list without boxes',
  score: document => {
    const live = liveBoxes(document).length;
    if (live > 0) return { points: 2, because: boxes(live) };
    const lines = document.found.numbers.length + document.found.coded.length;
    return lines > 0 ? { points: 1, because: `${lines} numbered lines without boxes` } : noMatch;
  },
  read: readItems(),
};
