// What each line of a task file was taken for: nothing of the file is lost without a word.
import type { Spec } from '../core/task.ts';
import { documentOf } from './document.ts';
import { parsePieces } from './read.ts';
import { readSource } from './source.ts';

export interface LineKind {
  /**
   * task: its own line. detail: text of a task. group: a heading whose boxes form a unit. checklist: a box that is no task. prose: everything else. blank: nothing, and no task goes on over it.
   */
  kind: 'task' | 'detail' | 'group' | 'checklist' | 'prose' | 'blank';
  /** Id of the task or group that it is or belongs to; null: none. */
  of: string | null;
}

/** One entry per line of the file, in order. Pure; reads the file once more. `spec` is what `readSpec` made of the same bytes. */
export const kindsOfLines = (bytes: Uint8Array, spec: Spec): LineKind[] => {
  const source = readSource(bytes);
  const kinds = source.lines.map((text): LineKind => ({ kind: text.trim() === '' ? 'blank' : 'prose', of: null }));
  if (source.utf16 || spec.dialect === 'none') return kinds;
  const { found, placed } = documentOf(source, bytes, parsePieces(source));
  const put = (from: number, to: number, kind: LineKind['kind'], of: string) => {
    for (let line = from; line <= to && line < kinds.length; line++) kinds[line] = { kind, of };
  };
  const idAt = new Map(spec.tasks.map(task => [task.line - 1, task.id]));
  // Headings first, items inside them later; an inner item comes after the one around it.
  for (const [at, section] of found.sections.entries()) {
    const id = idAt.get(section.line);
    if (id === undefined) continue;
    const next = found.sections.slice(at + 1).find(other => other.depth <= section.depth || idAt.has(other.line));
    put(section.line, (next?.line ?? kinds.length) - 1, 'detail', id);
  }
  for (const { piece, base } of placed) {
    for (const item of piece.items) {
      const id = idAt.get(base + item.line);
      if (id !== undefined) put(base + item.line, base + item.end, 'detail', id);
    }
  }
  for (const { line } of found.boxes) kinds[line] = { kind: 'checklist', of: kinds[line]!.of };
  for (const group of spec.groups) kinds[group.line - 1] = { kind: 'group', of: group.id };
  for (const [line, id] of idAt) kinds[line] = { kind: 'task', of: id };
  return kinds;
};
