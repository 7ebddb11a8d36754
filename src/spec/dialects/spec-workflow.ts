// spec-workflow: numbered boxes with a `_Prompt: Role: … | Task: …_` line each.
import { countLines } from '../document.ts';
import { type Dialect, matchBy, readItems } from './dialect.ts';

export const specWorkflow: Dialect = {
  name: 'spec-workflow',
  about: 'numbered boxes with _Prompt: …_ lines',
  score: document => matchBy(countLines(document, /_Prompt:/), 1, 11, 'lines with _Prompt:_'),
  read: readItems(),
};
