// Flips the box of one task in the bytes of its file: one byte, and only where that task still stands.
import type { Task } from '../core/task.ts';
import { plainTitle, readBox, readHead, readHeadingBox, readMarker } from './line.ts';
import { isRowOf } from './tables.ts';

const OPENING = 0x5b;
const CLOSING = 0x5d;
const LF = 10;
const CR = 13;

/**
 * The bytes with the task's mark replaced (a copy; the given ones stay), or why not. `mark` is one ASCII character.
 * At most one byte differs, so line ends, BOM, tabs and everything else stay as they are. Refuses when the line at the box's
 * offset does not hold this id and title any more: then the file changed meanwhile and must be read again.
 */
export const flipBox = (bytes: Uint8Array, task: Task, mark: string): { bytes: Uint8Array } | { reason: string } => {
  if (mark.length !== 1 || mark < ' ' || mark > '~' || mark === '[' || mark === ']') {
    return { reason: `a mark is one printable character, not ${JSON.stringify(mark)}` };
  }
  if (!task.box) return { reason: `task ${task.id} has no box` };
  const { offset } = task.box;
  if (offset < 0) {
    return task.box.mark === ''
      ? { reason: `the box of task ${task.id} is written [] and has no room for a mark; write [ ] instead` }
      : { reason: `the mark of task ${task.id} is not one byte; write [ ] or [x] instead` };
  }
  const { text, line } = lineAround(bytes, offset);
  if (bytes[offset - 1] !== OPENING || bytes[offset + 1] !== CLOSING || !holds(text, task, line === task.line)) {
    return { reason: `line ${task.line} does not hold task ${task.id} any more` };
  }
  // Not `slice`: of a Buffer it would be a view, and the caller's bytes would change.
  const flipped = new Uint8Array(bytes);
  flipped[offset] = mark.charCodeAt(0);
  return { bytes: flipped };
};

/** The line with this byte, and its number. */
const lineAround = (bytes: Uint8Array, offset: number): { text: string; line: number } => {
  let from = offset;
  while (from > 0 && bytes[from - 1] !== LF && bytes[from - 1] !== CR) from--;
  let to = offset;
  while (to < bytes.length && bytes[to] !== LF && bytes[to] !== CR) to++;
  let line = 1;
  for (let i = 0; i < from; i++) if (bytes[i] === LF || (bytes[i] === CR && bytes[i + 1] !== LF)) line++;
  return { text: new TextDecoder().decode(bytes.subarray(from, to)), line };
};

/** `own` = the box stands in the task's own line, not in a list that names the task once more. */
const holds = (line: string, task: Task, own: boolean): boolean => {
  const sharps = /^[ \t]*#{1,6}[ \t]+/.exec(line)?.[0] ?? null;
  const item = sharps === null ? readMarker(line) : null;
  if (sharps === null && !item && line.includes('|')) return isRowOf(line, task.id, own ? task.title : null);
  // Without any mark in front it is the line of an underlined heading.
  const heading = item ? null : line.slice(sharps?.length ?? 0).trim();
  const box = item ? readBox(item.text) : readHeadingBox(heading!);
  if (!box) return false;
  const head = readHead(box.rest);
  if (!own) return head.id === task.id || head.code?.id === task.id;
  // A sign of its state may stand behind the title of a heading.
  if (heading !== null && (head.id ?? head.code?.id) === task.id)
    return (head.code?.title ?? head.title).startsWith(task.title);
  if (head.id === task.id) return head.title === task.title;
  if (head.code?.id === task.id) return head.code.title === task.title;
  if (plainTitle(box.rest) !== task.title) return false;
  // Ids that no text carries: by position, or from the number of an ordered list.
  return (
    task.id.startsWith('#') ||
    (item?.ordered != null && task.id.split('.').pop() === item.ordered.replace(/^0+(?=\d)/, ''))
  );
};
