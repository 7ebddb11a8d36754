// Specs in `.claude/specs`: Kiro's layout with `_Leverage: …_` lines.
import { countLines } from '../document.ts';
import { type Dialect, matchBy, readItems } from './dialect.ts';

export const claudeSpecs: Dialect = {
  name: 'claude-specs',
  about: 'numbered boxes with _Leverage: …_ lines',
  score: document => matchBy(countLines(document, /_Leverage:/), 1, 10, 'lines with _Leverage:_'),
  read: readItems(),
};
