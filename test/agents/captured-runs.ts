// Recorded runs of the real CLIs, where they lie beside the repository: their files, their ends, what is expected of them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { processEndOf } from '../../src/adapters/jobs/folder.ts';
import type { Run } from './run-reader.ts';

const folder = fileURLToPath(new URL('../../../shared/agent-captures', import.meta.url));

/** False where there are none: who needs them then skips, and it is printed. */
export const present = existsSync(`${folder}/README.md`);
if (!present) console.log(`skipped: no recorded runs in ${folder}`);

export const capturedAgents = ['codex', 'claude', 'opencode', 'gemini'];

/** Every run that can be judged by its streams; those in tmux cannot. */
export const capturedNames = (agent: string): string[] =>
  readdirSync(`${folder}/${agent}`)
    .filter(name => /^(?!tmux_).*\.exit$/.test(name))
    .map(name => name.replace(/\.exit$/, ''));

export interface Expected {
  case: string;
  classes: string[];
  /** Start of the minute or the second; null = unknown; several = with and without the session file. */
  resets: (number | null)[];
  /** When the limit was said, where only the recorder's clock knows it, else null. */
  saidAtMs: number | null;
}

/** The rows of one agent's table: cases, class with its alternatives, reset times. */
export const expectations = (agent: string): Expected[] => {
  const page = readFileSync(`${folder}/README.md`, 'utf8');
  const section = page.split(/^### /m).find(part => part.startsWith(`${agent}:`))!;
  return section
    .split('\n')
    .filter(line => line.startsWith('| ') && !line.startsWith('| case'))
    .flatMap(line => {
      const [cases, , words, reset] = line
        .split('|')
        .slice(1)
        .map(cell => cell.trim()) as [string, string, string, string];
      const classes = words.match(/[a-z_]+/g)!.filter(word => word !== 'or');
      const clock = /clock of the recording \(([\d:.]+)Z\)/.exec(reset);
      const saidAtMs = clock ? Date.parse(`2026-11-20T${clock[1]}Z`) : null;
      return cases.split(', ').map(name => ({ case: name, classes, resets: resetsFor(name, reset), saidAtMs }));
    });
};

const resetsFor = (name: string, cell: string): (number | null)[] => {
  const values = [...(cell.split('→')[1] ?? '').matchAll(/(\d{13})(?: \((\w+)\))?/g)];
  const named = values.filter(value => !value[2] || value[2] === name);
  return named.length === 0 ? [null] : named.map(value => Number(value[1]));
};

/** The run as it was recorded. `withFile`: with its session file, where there is one. */
export const captured = (agent: string, name: string, { withFile }: { withFile: boolean }): Run => {
  const base = `${folder}/${agent}/${name}`;
  const stdout = readFileSync(`${base}.jsonl`);
  const record = JSON.parse(readFileSync(`${base}.exit`, 'utf8'));
  const rollout = `${folder}/${agent}/rollout_${name.replace(/_1$/, '')}.jsonl`;
  const text = stdout.toString('utf8');
  return {
    stdout,
    stderr: existsSync(`${base}.stderr`) ? readFileSync(`${base}.stderr`) : '',
    exit: processEndOf(
      record.code ?? 128 + constants.signals[record.sig as NodeJS.Signals],
      record.signals.some((one: { sig: string }) => one.sig === 'SIGINT'),
    ),
    file: withFile && existsSync(rollout) ? readFileSync(rollout, 'utf8') : null,
    ...(agent === 'gemini' ? geminiTimes : timesOf)(name, text, record.wallMs),
    zone: record.env.TZ ?? 'UTC',
  };
};

/** A thread id begins with its time of birth; it is of the first run when resumed. */
const timesOf = (name: string, stdout: string, wallMs: number): { startedAtMs: number; endedAtMs: number } => {
  const born = /"thread_id":"([0-9a-f]{8})-([0-9a-f]{4})/.exec(stdout);
  const bornMs = born ? Number.parseInt(born[1]! + born[2]!, 16) : Date.parse('2026-11-20T08:20:00Z');
  const later: Record<string, number> = { midlimit: 740, resume: 60_000, xcwd: 60_000 };
  const startedAtMs = bornMs - 100 + (later[name] ?? 0);
  return { startedAtMs, endedAtMs: startedAtMs + wallMs };
};

/** Every event of Gemini has its time; the recorder wrote down how late after the start it came. */
const geminiTimes = (name: string, stdout: string, wallMs: number): { startedAtMs: number; endedAtMs: number } => {
  const first = /"timestamp":"([^"]+)"/.exec(stdout)?.[1];
  const path = `${folder}/gemini/${name}.timed.txt`;
  const timed = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
  const line = first ? timed.find(one => one.includes(first)) : timed.at(-1);
  const said = expectations('gemini').find(row => row.case === name)?.saidAtMs;
  const saidAtMs = Date.parse(first ?? '') || (said ?? Date.parse('2026-11-20T08:20:00Z'));
  const startedAtMs = Math.round(saidAtMs - 1000 * Number.parseFloat(line ?? '2'));
  return { startedAtMs, endedAtMs: startedAtMs + wallMs };
};
