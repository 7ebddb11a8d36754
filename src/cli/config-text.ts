// A settings text in JSON → its value, and where in the text each part of it stands. Pure.
import { type JsonNode, scanJson } from '../spec/todos/json.ts';
import { type Failure, usageFailure, type Where } from './errors.ts';

/** A step into a value: a key, or the index of an item. */
export type Step = string | number;

/** What a text says. */
export interface ConfigText {
  value: unknown;
  /** Where something stands, by steps from the top: the key, or the item of a list; as far as the steps lead. */
  at(...path: Step[]): Where;
}

/** Reads a text of the file `name`: its value, or everything that keeps it from being read. Never throws. */
export type ReadText = (name: string, text: string) => ConfigText | Failure[];

/** As JSON. */
export const readJson: ReadText = (name, text) => {
  try {
    return { value: JSON.parse(text), at: placesIn(name, text) };
  } catch (error) {
    return [syntaxFailure(name, text, error)];
  }
};

const placesIn = (name: string, text: string): ConfigText['at'] => {
  const scan = scanJson(text);
  return (...path) => {
    let node: JsonNode | null = scan.kind === 'read' ? scan.root : null;
    let index = node?.at ?? 0;
    for (const step of path) {
      if (node?.kind === 'object') {
        // Of a key that stands twice the last one counts.
        const member = node.members.findLast(({ key }) => key === step);
        index = member?.keyAt ?? index;
        node = member?.value ?? null;
      } else if (node?.kind === 'array') {
        node = node.items[Number(step)] ?? null;
        index = node?.at ?? index;
      }
    }
    return scan.kind === 'read' ? placeAt(name, text, index) : { name };
  };
};

/** The place of a character, with its line. */
export const placeAt = (name: string, text: string, index: number): Where => {
  const before = text.slice(0, index).split('\n');
  const column = before.at(-1)!.length + 1;
  return { name, line: before.length, column, source: text.split('\n')[before.length - 1]!.replace(/\r$/, '') };
};

const syntaxFailure = (name: string, text: string, error: unknown): Failure => {
  const message = (error as Error).message;
  const position = /position (\d+)/.exec(message);
  // V8 names no position when the text ends too early.
  const where = placeAt(name, text, position ? Number(position[1]) : text.trimEnd().length);
  // V8 quotes the text in the message; the line is shown anyway.
  const reason = message.replace(/,? ?"[\s\S]*" is not valid JSON| in JSON at position[\s\S]*/, '');
  return usageFailure('the config file is not valid JSON', {
    where,
    expected: reason === '' ? 'JSON without comments and trailing commas' : reason,
    next: 'JSON knows no comments and no comma after the last entry',
  });
};
