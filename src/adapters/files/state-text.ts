// Cuts one entry out of the state file's text and puts another one in: every other byte stays as somebody wrote it. Pure.
import { plainJson } from '../../core/unseen.ts';

/** A member of a JSON object by its place in the text. */
interface Member {
  key: string;
  /** Offset of the key's quote. */
  keyStart: number;
  /** Offsets of the value, end exclusive. */
  start: number;
  end: number;
}

/** A state file, read. `entry` and `unknown` are of the one spec asked for. */
export type StateText =
  | {
      kind: 'v2';
      /** The file's text with this time and this entry (JSON, two spaces, not indented) put in. */
      render: (updatedAt: string, entry: string) => string;
      /** Parsed entry, or null when the file has none for the spec. */
      entry: Record<string, unknown> | null;
      /** Members of the entry that this seqrun does not write, as text. */
      unknown: { key: string; json: string }[];
    }
  /** The flat file of the reference: one spec's state at the top. */
  | { kind: 'v1'; flat: Record<string, unknown> }
  | { kind: 'damaged'; why: string };

/** Text of a file that does not exist yet. */
export const emptyStateText = '{\n  "version": 2,\n  "updated_at": "",\n  "specs": {}\n}\n';

/** Reads a state file's text for one spec. `known` = the entry's keys that are written anew each time. */
export const readStateText = (text: string, specName: string, known: ReadonlySet<string>): StateText => {
  // A byte order mark is no JSON; it is dropped when the file is next written.
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    return { kind: 'damaged', why: describe(json, error) };
  }
  if (!isRecord(parsed)) return { kind: 'damaged', why: 'it holds no JSON object' };
  if (!('version' in parsed) && !('specs' in parsed)) {
    return Array.isArray(parsed.completed)
      ? { kind: 'v1', flat: parsed }
      : { kind: 'damaged', why: 'it has neither "specs" nor a list "completed"' };
  }
  if (parsed.version !== 2) {
    const version = JSON.stringify(parsed.version)?.slice(0, 40);
    return { kind: 'damaged', why: `its version is ${version}, this seqrun knows 2: use the newer seqrun` };
  }
  if ('specs' in parsed && !isRecord(parsed.specs)) return { kind: 'damaged', why: '"specs" is no object' };
  const specs = isRecord(parsed.specs) ? parsed.specs : {};
  const found = Object.hasOwn(specs, specName) ? specs[specName] : null;
  const entry = isRecord(found) ? found : null;
  return { kind: 'v2', entry, ...template(json, specName, known, entry !== null) };
};

const template = (
  json: string,
  specName: string,
  known: ReadonlySet<string>,
  hasEntry: boolean,
): { render: (updatedAt: string, entry: string) => string; unknown: { key: string; json: string }[] } => {
  const slots: { start: number; end: number; text: (updatedAt: string, entry: string) => string }[] = [];
  const top = membersAt(json, json.indexOf('{'));
  const indented = (entry: string) => entry.replaceAll('\n', '\n    ');
  const named = (entry: string) => `${plainJson(JSON.stringify(specName))}: ${indented(entry)}`;
  const unknown: { key: string; json: string }[] = [];

  const updated = top.findLast(one => one.key === 'updated_at');
  if (updated) slots.push({ ...updated, text: time => JSON.stringify(time) });

  const specs = top.findLast(one => one.key === 'specs');
  if (specs) {
    const members = membersAt(json, specs.start);
    const own = members.findLast(one => one.key === specName);
    if (own) {
      slots.push({ ...own, text: (_, entry) => indented(entry) });
      if (hasEntry) {
        for (const one of membersAt(json, own.start)) {
          if (!known.has(one.key)) unknown.push({ key: one.key, json: json.slice(one.start, one.end) });
        }
      }
    } else {
      const last = members.at(-1);
      const at = last ? last.end : specs.start + 1;
      const end = last ? last.end : specs.end - 1;
      slots.push({
        start: at,
        end,
        text: (_, entry) => `${last ? ',' : ''}\n    ${named(entry)}${last ? '' : '\n  '}`,
      });
    }
  }
  // `version` is there: a member can be put after it.
  const version = top.findLast(one => one.key === 'version')!.end;
  if (!updated) {
    slots.push({ start: version, end: version, text: time => `,\n  "updated_at": ${JSON.stringify(time)}` });
  }
  if (!specs) {
    slots.push({ start: version, end: version, text: (_, entry) => `,\n  "specs": {\n    ${named(entry)}\n  }` });
  }
  slots.sort((a, b) => a.start - b.start);

  return {
    unknown,
    render: (updatedAt, entry) => {
      let text = '';
      let at = 0;
      for (const slot of slots) {
        text += json.slice(at, slot.start) + slot.text(updatedAt, entry);
        at = slot.end;
      }
      return text + json.slice(at);
    },
  };
};

/** Every entry of a state file's text by name; empty for text that is no such file. */
export const entriesIn = (text: string): [name: string, entry: Record<string, unknown>][] => {
  try {
    const parsed: unknown = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
    if (!isRecord(parsed) || parsed.version !== 2 || !isRecord(parsed.specs)) return [];
    return Object.entries(parsed.specs).flatMap(([name, entry]) => (isRecord(entry) ? [[name, entry]] : []));
  } catch {
    return [];
  }
};

/** A state file's text with the entry of one name under another, which must be free; every other byte stays. */
export const withEntryRenamed = (text: string, from: string, to: string): string => {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const specs = membersAt(json, json.indexOf('{')).findLast(one => one.key === 'specs');
  const own = specs && membersAt(json, specs.start).findLast(one => one.key === from);
  if (!own) return json;
  const key = json.slice(own.keyStart, skipString(json, own.keyStart));
  return json.slice(0, own.keyStart) + plainJson(JSON.stringify(to)) + json.slice(own.keyStart + key.length);
};

/** Members of the object whose `{` is at `at`. The text is known to be JSON. */
const membersAt = (json: string, at: number): Member[] => {
  const members: Member[] = [];
  let i = skipSpace(json, at + 1);
  while (json[i] !== '}') {
    const keyEnd = skipValue(json, i);
    const key = JSON.parse(json.slice(i, keyEnd)) as string;
    const start = skipSpace(json, skipSpace(json, keyEnd) + 1);
    const end = skipValue(json, start);
    members.push({ key, keyStart: i, start, end });
    i = skipSpace(json, end);
    if (json[i] === ',') i = skipSpace(json, i + 1);
  }
  return members;
};

const skipSpace = (json: string, at: number): number => {
  let i = at;
  while (' \n\r\t'.includes(json[i] ?? 'x')) i++;
  return i;
};

const skipString = (json: string, at: number): number => {
  for (let i = at + 1; ; i++) {
    const unit = json.charCodeAt(i);
    if (unit === 92) i++;
    else if (unit === 34) return i + 1;
  }
};

const skipValue = (json: string, at: number): number => {
  if (json[at] === '"') return skipString(json, at);
  if (json[at] !== '{' && json[at] !== '[') {
    let i = at;
    while (i < json.length && !',}] \n\r\t'.includes(json[i]!)) i++;
    return i;
  }
  let depth = 0;
  for (let i = at; ; i++) {
    const unit = json.charCodeAt(i);
    if (unit === 34) i = skipString(json, i) - 1;
    else if (unit === 123 || unit === 91) depth++;
    else if ((unit === 125 || unit === 93) && --depth === 0) return i + 1;
  }
};

/** Where JSON breaks, with the line shown; node tells the position in most of its messages. */
const describe = (json: string, error: unknown): string => {
  if (json.trim() === '') return 'it is empty';
  const message = error instanceof Error ? error.message : String(error);
  const position = /at position (\d+)/.exec(message);
  if (!position) return `it is no JSON: ${message.slice(0, 200)}`;
  const before = json.slice(0, Number(position[1])).split('\n');
  const line = json.split('\n')[before.length - 1] ?? '';
  const reason = message.replace(/ in JSON at position.*$/s, '');
  return `it is no JSON: line ${before.length}, column ${before.at(-1)!.length + 1}: ${reason}\n    ${line.slice(0, 200)}`;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
