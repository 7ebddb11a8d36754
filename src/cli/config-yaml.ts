// A settings text in YAML → its value, and where in the text each part of it stands. Loaded only where there is such a file.
import { type Document, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { placeAt, type ReadText, type Step } from './config-text.ts';
import { type Failure, usageFailure } from './errors.ts';

/**
 * As YAML 1.2: `on`, `yes` and dates are texts. A key that stands twice and an unknown tag are mistakes; a file of comments alone says
 * nothing, like an empty one.
 */
export const readYaml: ReadText = (name, text) => {
  let value: unknown;
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
    const wrong = [...document.errors, ...document.warnings];
    if (wrong.length > 0) {
      return wrong.map(({ message, pos: [at] }) => failure(message, { where: placeAt(name, text, at) }));
    }
    // Null where the text says nothing at all; a written `null` is a value.
    value = document.contents === null || isBlank(document.contents) ? {} : document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // Aliases without an anchor, or that grow beyond all bounds; nesting that exhausts the stack.
    return [failure((error as Error).message, { where: { name } })];
  }
  return {
    value,
    at: (...path: Step[]) => placeAt(name, text, offsetOf(document, path)),
  };
};

const isBlank = (node: unknown): boolean => isScalar(node) && node.value === null && (node.source ?? '') === '';

const failure = (message: string, { where }: Pick<Failure, 'where'>): Failure =>
  usageFailure('the config file is not valid YAML', {
    where,
    expected: message,
    next: 'a setting is written "delay: 15", and what belongs to one is indented by blanks',
  });

/** Of the key, or of the item of a list, as far as the steps lead. */
const offsetOf = (document: Document.Parsed, path: readonly Step[]): number => {
  let node: unknown = document.contents;
  let index = startOf(node) ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => `${isScalar(key) ? key.value : key}` === `${step}`);
      index = startOf(pair?.key) ?? index;
      node = pair?.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      index = startOf(node) ?? index;
    } else node = null;
  }
  return index;
};

const startOf = (node: unknown): number | null => (node as { range?: [number] | null } | null)?.range?.[0] ?? null;
