// cc-sdd: Kiro's folder with flat numbers, `(P)` behind the id, `_Depends: 1.2_` and `_Boundary: X_`.
import { boxIds, countLines } from '../document.ts';
import { type Dialect, matchBy, noMatch, readItems } from './dialect.ts';

export const ccSdd: Dialect = {
  name: 'cc-sdd',
  about: 'numbered boxes with (P), _Depends: …_ or _Boundary: …_',
  score: document => {
    if (boxIds(document).length === 0) return noMatch;
    const signs =
      countLines(document, /^[ \t]*[-*+] \[[^\]]?\]\*? .*\(P\)/) + countLines(document, /_boundary[:：][^_]*_/i);
    return matchBy(signs, 1, 12, 'lines with (P) or _Boundary:_');
  },
  read: readItems(),
};
