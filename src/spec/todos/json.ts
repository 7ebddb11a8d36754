// JSON text → values that know where they stand. JSON.parse knows no places, and its messages differ between versions of Node.

interface Place {
  /** Offset of the first character in the text, in UTF-16 units. */
  at: number;
}

export interface Member {
  key: string;
  keyAt: number;
  value: JsonNode;
}

export type JsonNode = Place &
  (
    | { kind: 'object'; members: Member[] }
    | { kind: 'array'; items: JsonNode[] }
    | { kind: 'string'; value: string }
    /** `raw` = as written: 1.10 is another text than 1.1. */
    | { kind: 'number'; value: number; raw: string }
    | { kind: 'literal'; value: boolean | null }
  );

/** The first thing that is no JSON. */
export interface JsonProblem extends Place {
  what: string;
  expected: string;
  /** Where the object, list or text began that has no end; null: something else is wrong. */
  opened: number | null;
}

export type JsonScan = { kind: 'read'; root: JsonNode } | { kind: 'problem'; problem: JsonProblem };

/** Deeper nesting is a problem of its own, so that no text exhausts the stack. */
const DEEPEST = 200;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[\p{L}\p{N}_$.+-]+/uy;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Reads what JSON.parse reads, and nothing else. Never throws. A member that stands twice is there twice. */
export const scanJson = (text: string): JsonScan => {
  let at = 0;
  let problem: JsonProblem | null = null;

  const fail = (where: number, what: string, expected: string, opened: number | null = null): null => {
    problem ??= { at: where, what, expected, opened };
    return null;
  };
  const skip = (): void => {
    while (at < text.length && ' \t\n\r'.includes(text[at]!)) at++;
  };
  const wordAt = (from: number): string | null => {
    WORD.lastIndex = from;
    return WORD.exec(text)?.[0].slice(0, 40) ?? null;
  };
  /** What stands here instead of `expected`. */
  const unexpected = (expected: string): null => {
    const char = text[at]!;
    if (text.startsWith('//', at) || text.startsWith('/*', at) || char === '#')
      return fail(at, 'JSON has no comments', `${expected}; take the comment out`);
    if ("'`“”„".includes(char)) return fail(at, `${char} is no quotation mark of JSON`, 'text in "double quotes"');
    const word = wordAt(at);
    return fail(at, `${word ?? [...text.slice(at, at + 2)][0]!} was not expected here`, expected);
  };

  const readText = (): { value: string } | null => {
    const from = at;
    for (at++; ; at++) {
      const char = text[at];
      if (char === undefined) return fail(text.length, 'the text has no end', 'a closing "', from);
      if (char === '"') break;
      if (char < ' ') {
        const what =
          char === '\n' || char === '\r' ? 'a text goes over the end of the line' : 'a raw control character';
        return fail(at, what, 'one line, with \\n for a new line and \\t for a tab');
      }
      if (char !== '\\') continue;
      ESCAPE.lastIndex = at;
      const sign = ESCAPE.exec(text)?.[0];
      if (sign === undefined)
        return fail(at, `${JSON.stringify(text.slice(at, at + 2))} is no escape of JSON`, 'e.g. \\\\ for a backslash');
      at += sign.length - 1;
    }
    at++;
    return { value: JSON.parse(text.slice(from, at)) as string };
  };

  /** Reads `a, b, c` up to the closing bracket. */
  const readList = (close: '}' | ']', what: string, readOne: () => boolean): boolean => {
    const opened = at;
    const ends = (expected: string): false => {
      fail(text.length, `the file ends inside ${what}`, expected, opened);
      return false;
    };
    at++;
    skip();
    if (text[at] === close) {
      at++;
      return true;
    }
    for (;;) {
      if (at >= text.length) return ends(`a closing ${close}`);
      if (!readOne()) return false;
      skip();
      if (at >= text.length) return ends(`a closing ${close}`);
      if (text[at] === close) {
        at++;
        return true;
      }
      if (text[at] !== ',') {
        unexpected(`a comma or ${close}`);
        return false;
      }
      const comma = at++;
      skip();
      if (text[at] === close) {
        fail(comma, `a comma stands before the closing ${close}`, 'no comma behind the last one');
        return false;
      }
    }
  };

  const readMember = (members: Member[], depth: number): boolean => {
    if (text[at] !== '"') {
      const word = wordAt(at);
      if (word === null) unexpected('a name in "double quotes"');
      else fail(at, `the name ${word} has no quotes`, `"${word}"`);
      return false;
    }
    const keyAt = at;
    const key = readText();
    if (key === null) return false;
    skip();
    if (at >= text.length) {
      fail(at, 'the file ends behind a name', 'a colon and a value');
      return false;
    }
    if (text[at] !== ':') {
      unexpected(`a colon behind the name "${key.value.slice(0, 40)}"`);
      return false;
    }
    at++;
    const value = readValue(depth);
    if (value !== null) members.push({ key: key.value, keyAt, value });
    return value !== null;
  };

  const readValue = (depth: number): JsonNode | null => {
    skip();
    const from = at;
    const char = text[at];
    if (char === undefined) return fail(at, 'the file ends where a value must stand', 'a value');
    if (depth > DEEPEST) return fail(at, `this is nested more than ${DEEPEST} levels deep`, 'fewer levels');
    if (char === '{') {
      const members: Member[] = [];
      return readList('}', 'an object', () => readMember(members, depth + 1))
        ? { kind: 'object', at: from, members }
        : null;
    }
    if (char === '[') {
      const items: JsonNode[] = [];
      const readOne = (): boolean => {
        const item = readValue(depth + 1);
        if (item !== null) items.push(item);
        return item !== null;
      };
      return readList(']', 'a list', readOne) ? { kind: 'array', at: from, items } : null;
    }
    if (char === '"') {
      const found = readText();
      return found && { kind: 'string', at: from, value: found.value };
    }
    const word = wordAt(at);
    if (word === 'true' || word === 'false' || word === 'null') {
      at += word.length;
      return { kind: 'literal', at: from, value: word === 'null' ? null : word === 'true' };
    }
    NUMBER.lastIndex = at;
    const raw = NUMBER.exec(text)?.[0];
    if (raw === undefined) return unexpected('a value: "text", a number, true, false, null, { or [');
    if (/^[\d.+\-eE]/.test(text.slice(at + raw.length, at + raw.length + 1)))
      return fail(at, `${word} is no number of JSON`, 'e.g. 12 or 0.5');
    at += raw.length;
    return { kind: 'number', at: from, value: Number(raw), raw };
  };

  const root = readValue(0);
  if (root !== null) {
    skip();
    if (at >= text.length) return { kind: 'read', root };
    fail(at, 'something stands behind the end of the JSON', 'nothing more; one object or one list is the whole file');
  }
  return { kind: 'problem', problem: problem! };
};
