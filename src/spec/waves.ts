// Kiro's task dependency graph: a fenced JSON block that names task ids by wave.
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
