// The waves of a file: Kiro's fenced JSON block that names task ids by wave, headings (`## Wave 1`), lines (`Wave 1: T01, T02`).
import type { Phase, Task } from '../core/task.ts';
import type { Placed, Section } from './collect.ts';
import { idsOf } from './dependencies.ts';
import { readIds } from './ids.ts';
import type { Piece } from './piece.ts';

/** Ids by wave in the order in which the waves run, or what is wrong with the block. */
export type WavesFound = { waves: string[][] } | { problem: string };

/** Reads a fence's text, or null when it is no wave block at all. Never throws. */
export const readWaves = (fence: Piece['fences'][number]): WavesFound | null => {
  if (!/"waves"\s*:/.test(fence.value)) return null;
  let parsed: unknown;
  try {
    // Ids given as numbers are quoted first: as a number 1.10 would become 1.1.
    parsed = JSON.parse(
      fence.value.replace(/("tasks"\s*:\s*\[)([^\]]*)\]/g, (_, opening: string, list: string) => {
        return `${opening}${list.replace(/(^|,)(\s*)(\d[\d.]*)(?=\s*(?:,|$))/g, '$1$2"$3"')}]`;
      }),
    );
  } catch (error) {
    return { problem: `it is not valid JSON (${error instanceof Error ? error.message.slice(0, 120) : 'unreadable'})` };
  }
  const list = isRecord(parsed) ? parsed.waves : null;
  if (!Array.isArray(list)) return { problem: '"waves" is not a list' };
  const waves: { order: number; tasks: string[] }[] = [];
  for (const [index, wave] of list.entries()) {
    const tasks = Array.isArray(wave) ? wave : isRecord(wave) ? wave.tasks : null;
    if (!Array.isArray(tasks)) return { problem: `wave ${index} has no list "tasks"` };
    const own = isRecord(wave) ? Number(wave.id ?? wave.wave ?? index) : index;
    waves.push({ order: Number.isFinite(own) ? own : index, tasks: tasks.filter(isId).map(String) });
  }
  waves.sort((a, b) => a.order - b.order);
  return { waves: waves.map(wave => wave.tasks) };
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isId = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';

const WORD = '(?:wave|onda|oleada|welle|vague|волна|波次|ウェーブ)';
/** `Wave 1: Base`, `**Execution Wave 2**`, `W0 — base`. */
const HEADING = new RegExp(
  String.raw`^[^\p{L}\p{N}]*(?:(?:execution |build |parallel )?${WORD}[ \t#]*(\d{1,3}|[A-Z])|W(\d{1,3})(?=[ \t]*(?:$|[—–:-])))(?![\p{L}\p{N}.])`,
  'iu',
);
/** `- **Wave 1** (parallel): T01, T02`. */
const LINE = new RegExp(
  String.raw`^[ \t>*+_-]*${WORD}[ \t#]*(\d{1,3})[*_]*[ \t]*(?:[(（][^()（）]{0,100}[)）])?[*_]*[ \t]*[:：][*_]*[ \t]*(.*)$`,
  'iu',
);
const IN_LINE = new RegExp(WORD, 'iu');
/** `T2 — after T1`, `T2  <- last`: what is behind is a remark. */
const REMARK = /[ \t](?:<?-{1,2}|[—–←])[ \t].*$/;
/** Longer lines are no lists of ids. */
const LONGEST_LINE = 1_000;

interface Wave {
  name: string;
  title: string;
  /** 0-based. */
  line: number;
  tasks: string[];
}

/**
 * The waves that headings name, or else lines and plain fences, as phases: each comes after the one before it, and that only orders. Empty:
 * fewer than two hold tasks. A line counts where it names known ids and nothing else.
 */
export const wavesInText = (
  placed: readonly Placed[],
  sections: readonly Section[],
  tasks: readonly Pick<Task, 'id' | 'line'>[],
): Phase[] => {
  const below = phasesOf(wavesOfHeadings(sections, tasks));
  return below.length > 0 ? below : phasesOf(wavesOfLines(placed, new Set(tasks.map(({ id }) => id))));
};

const wavesOfHeadings = (sections: readonly Section[], tasks: readonly Pick<Task, 'id' | 'line'>[]): Wave[] => {
  const taskLines = new Set(tasks.map(({ line }) => line - 1));
  const waves: Wave[] = [];
  let open: { depth: number; wave: Wave | null }[] = [];
  let next = 0;
  for (const { id, line: taskLine } of [...tasks].sort((a, b) => a.line - b.line)) {
    for (; next < sections.length && sections[next]!.line < taskLine; next++) {
      const { depth, text, line } = sections[next]!;
      open = open.filter(one => one.depth < depth);
      const name = taskLines.has(line) ? null : HEADING.exec(text);
      const wave = name && { name: (name[1] ?? name[2]!).toUpperCase(), title: text, line, tasks: [] };
      if (wave) waves.push(wave);
      open.push({ depth, wave });
    }
    open.findLast(({ wave }) => wave !== null)?.wave?.tasks.push(id);
  }
  return waves;
};

const wavesOfLines = (placed: readonly Placed[], known: ReadonlySet<string>): Wave[] => {
  const waves: Wave[] = [];
  const seen = new Set<string>();
  const take = (text: string, line: number): void => {
    if (text.length > LONGEST_LINE || !IN_LINE.test(text)) return;
    const found = LINE.exec(text);
    if (!found) return;
    const { references, unread } = readIds(found[2]!.replace(REMARK, '').replace(/\.[ \t]*$/, ''));
    const ids = idsOf(references, known);
    if (unread !== null || ids.length === 0 || !ids.every(id => known.has(id))) return;
    const tasks = ids.filter(id => !seen.has(id));
    for (const id of tasks) seen.add(id);
    waves.push({ name: found[1]!, title: text.trim(), line, tasks });
  };
  for (const { piece, base } of placed) {
    for (const [at, text] of piece.lines.entries()) if (!piece.opaque.has(at)) take(text, base + at);
    for (const { line, value } of piece.fences) {
      for (const [at, text] of value.split('\n').entries()) take(text, base + line + 1 + at);
    }
  }
  return waves;
};

/** In the order of their numbers; where one comes twice, numbers begin anew in each part of the file: then as they stand. */
const phasesOf = (waves: readonly Wave[]): Phase[] => {
  const full = waves.filter(({ tasks }) => tasks.length > 0);
  if (full.length < 2) return [];
  const isUnique = new Set(full.map(({ name }) => Number(name) || name)).size === full.length;
  const byName = (a: Wave, b: Wave): number => Number(a.name) - Number(b.name) || (a.name < b.name ? -1 : 1);
  const sorted = isUnique ? [...full].sort(byName) : [...full].sort((a, b) => a.line - b.line);
  const ids = sorted.map(({ name, line }) => `wave ${name}${isUnique ? '' : ` (line ${line + 1})`}`.toLowerCase());
  return sorted.map(({ title, line, tasks }, at) => ({
    id: ids[at]!,
    title: title.slice(0, 200),
    line: line + 1,
    tasks,
    dependsOnGroups: at === 0 ? [] : [ids[at - 1]!],
    follows: [],
  }));
};
