// The bytes of a task file (tasks.md, or a todo JSON) → Spec. Everything about the file that a person should know is a diagnostic.
import type { Group, Spec, Task } from '../core/task.ts';
import { headingsBeside, reportEmptyHeadings } from './beside.ts';
import { type Chosen, placesOf } from './choose.ts';
import type { Collected, Placed } from './collect.ts';
import { cut } from './cut.ts';
import { detect, dialectNamed } from './dialects/index.ts';
import { readableDialects } from './dialects/names.ts';
import { type Document, documentOf } from './document.ts';
import { headingTasks } from './heading-tasks.ts';
import { reportItemsWithoutBox } from './items-over.ts';
import { link } from './link.ts';
import { parsePiece } from './nested.ts';
import { nothingFound } from './no-tasks.ts';
import type { Piece } from './piece.ts';
import { reportPostponed } from './postponed.ts';
import { makeReport, quote, type Report } from './report.ts';
import { readSource, type Source } from './source.ts';
import { looksLikeTodos, readTodos } from './todos/read.ts';
import { reportUnread } from './unread.ts';
import { readWaves, wavesInText } from './waves.ts';

/** Largest file that is read, in bytes (5 MB). */
export const LARGEST_FILE = 5 * 1024 * 1024;

/** Parsed pieces by their text. Holds those of the last reading only. */
export interface PieceCache {
  pieces: Map<string, Piece>;
}

/** An empty cache. One per file: pieces that the last reading did not use are dropped. */
export const makePieceCache = (): PieceCache => ({ pieces: new Map() });

export interface ReadOptions {
  /** Name of the dialect that the file is in, see `readableDialects`; null (the default), or a name that is none: what it looks like. */
  dialect?: string | null;
}

/**
 * Reads a task file. Pure, and never throws, whatever the bytes are: what was not understood is a diagnostic, and a file in which
 * no task was understood has an `error` (`no_tasks`, `too_large`, `not_utf8`), so that nobody takes it for finished.
 * With a cache, pieces whose text is unchanged are not parsed again; the result is the same.
 */
export const readSpec = (bytes: Uint8Array, cache: PieceCache = makePieceCache(), options: ReadOptions = {}): Spec => {
  if (bytes.length > LARGEST_FILE) {
    const report = makeReport([]);
    report.add(
      'error',
      'too_large',
      `The file has ${bytes.length} bytes; at most ${LARGEST_FILE} (5 MB) are read.`,
      null,
    );
    return { dialect: 'none', because: null, tasks: [], groups: [], waves: null, diagnostics: report.all() };
  }
  const source = readSource(bytes);
  const report = makeReport(source.lines);
  reportBytes(source, report);
  // A dialect that is named and known is taken at its word.
  const forced = readableDialects.find(name => name === options.dialect);
  if (!source.utf16 && (forced === 'todos' || (!forced && looksLikeTodos(source.text)))) {
    const { tasks, waves, because } = readTodos(source, report);
    const known = tasks.length > 0;
    return {
      dialect: known ? 'todos' : 'none',
      because: known ? (forced ? 'asked for' : because) : null,
      tasks,
      groups: [],
      waves,
      diagnostics: report.all(),
    };
  }
  const placed = source.utf16 ? [] : parsePieces(source, cache);
  const document = documentOf(source, bytes, placed);
  const { found } = document;
  for (const line of found.failed) {
    report.add(
      'error',
      'too_deep',
      'The text from this line on is nested too deep to be read; use at most some hundred levels.',
      line,
    );
  }
  if (found.deep.length > 0) {
    report.add(
      'warning',
      'too_deep',
      'From this line on lists are nested more than 12 levels deep: what is deeper is text of the task above, not a task. Use fewer levels.',
      found.deep[0]!,
    );
  }
  const wanted = options.dialect == null ? null : dialectNamed(options.dialect);
  const detected = wanted ? { dialect: wanted, match: { points: 0, because: 'asked for' } } : detect(document);
  const reading = detected?.dialect.read(document, report) ?? null;
  const { tasks, groups, phases } =
    reading === null
      ? { tasks: [], groups: [], phases: [] }
      : reading.kind === 'headings'
        ? { ...headingTasks(reading.headed, found, source, bytes, placed, report), groups: [] }
        : link(withHeadings(reading.chosen, document), found, placed, source, bytes, report, reading.marks);
  const dialect = tasks.length === 0 ? 'none' : detected!.dialect.name;
  if (reading?.kind === 'items') {
    reportEmptyHeadings(found, { tasks, groups }, source.lines, report);
    reportItemsWithoutBox(found, reading.chosen, report);
  }
  reportPostponed(tasks, found.sections, source.lines, report);
  reportStrays(found, source.lines, tasks, groups, report);
  reportUnread(document, tasks, report);
  if (tasks.length === 0 && !source.utf16) {
    report.add('error', 'no_tasks', nothingFound(document), null);
  }
  const known = new Set(tasks.map(task => task.id));
  const waves = dialect === 'none' ? null : collectWaves(placed, known, report);
  // A graph in JSON says the same more exactly.
  const named = waves === null ? [...phases, ...wavesInText(placed, found.sections, tasks)] : phases;
  const because = tasks.length === 0 ? null : detected!.match.because;
  return {
    dialect,
    because,
    tasks,
    groups,
    ...(named.length > 0 && { phases: named }),
    waves,
    diagnostics: report.all(),
  };
};

const withHeadings = (chosen: readonly Chosen[], { found, source }: Document) => ({
  chosen,
  headed: headingsBeside(found, placesOf(chosen), source.lines.length),
});

/** Boxes in headings and tables that are nobody's: no task has them for its own. */
const reportStrays = (
  { strays, sections }: Collected,
  lines: readonly string[],
  tasks: readonly Task[],
  groups: readonly Group[],
  report: Report,
): void => {
  const own = new Set(tasks.map(task => task.line - 1));
  const headings = new Set(sections.map(({ line }) => line));
  const groupAt = new Map(groups.map(group => [group.line - 1, group]));
  for (const line of strays.filter(line => !own.has(line))) {
    const group = groupAt.get(line);
    if (group) {
      const why = `The box of the heading ${group.id} is not read: the boxes of the tasks below it say what is done.`;
      report.add('info', 'stray_box', why, line);
      continue;
    }
    const where = headings.has(line) ? 'heading' : 'table';
    const what = `The box in this ${where} is not read as a task; use a list item, e.g. "- [ ] 1. Title".`;
    const open = !/\[[xX]\]/.test(lines[line] ?? '');
    report.add('warning', 'stray_box', what, line, null, open ? 1 : 0);
  }
};

const reportBytes = (source: Source, report: Report): void => {
  if (source.utf16) {
    report.add('error', 'not_utf8', 'The file is UTF-16; save it as UTF-8.', null);
    return;
  }
  if (source.brokenLine !== null) {
    report.add(
      'warning',
      'invalid_utf8',
      'This line is not valid UTF-8; the broken characters are replaced.',
      source.brokenLine,
    );
  }
  if (source.nulLine !== null) {
    report.add('warning', 'nul_byte', 'This line holds a NUL byte, which no text file should.', source.nulLine);
  }
};

/** The pieces of a file, in order, behind its front matter. */
export const parsePieces = (source: Source, cache: PieceCache = makePieceCache()): Placed[] => {
  const from = frontMatterEnd(source.lines);
  const starts = from < source.lines.length ? cut(source.lines, from) : [];
  const before = cache.pieces;
  const pieces = new Map<string, Piece>();
  const placed = starts.map((base, index): Placed => {
    const next = starts[index + 1];
    const text = source.text.slice(source.starts[base], next === undefined ? undefined : source.starts[next]);
    return { piece: parsePiece(text, before, pieces), base };
  });
  cache.pieces = pieces;
  return placed;
};

/** First line after a YAML mapping at the very top, else 0. */
const frontMatterEnd = (lines: readonly string[]): number => {
  if (lines[0]?.trimEnd() !== '---' || !/^[\w"'-]+[^:]*:/.test(lines[1] ?? '')) return 0;
  for (let i = 2; i < lines.length && i < 200; i++) {
    if (/^(?:---|\.\.\.)[ \t]*$/.test(lines[i]!)) return i + 1;
    // Anything that no YAML mapping holds: it was a line across the page.
    if (!/^(?:[ \t]|[\w"'][^:]*:|- (?!\[)|#(?!#)|$)/.test(lines[i]!)) return 0;
  }
  return 0;
};

const collectWaves = (placed: readonly Placed[], known: ReadonlySet<string>, report: Report): string[][] | null => {
  let waves: string[][] | null = null;
  const seen = new Set<string>();
  for (const { piece, base } of placed) {
    for (const fence of piece.fences) {
      const found = readWaves(fence);
      if (!found) continue;
      const line = base + fence.line;
      if ('problem' in found) {
        report.add('warning', 'bad_waves', `The task dependency graph is not used: ${found.problem}.`, line);
        continue;
      }
      if (waves) {
        report.add('warning', 'bad_waves', 'A second task dependency graph is not used; only the first one is.', line);
        continue;
      }
      const unknown = found.waves.flat().filter(id => !known.has(id));
      if (unknown.length > 0) {
        const names = unknown
          .slice(0, 20)
          .map(id => quote(id))
          .join(', ');
        report.add(
          'warning',
          'unknown_wave_task',
          `The task dependency graph names tasks that the file does not have: ${names}.`,
          line,
        );
      }
      waves = found.waves.map(wave => wave.filter(id => known.has(id) && !seen.has(id) && seen.add(id)));
    }
  }
  return waves;
};
