// The rehearsal agent's program as a test uses it: bundled once, each stage with a workspace and a state home of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { RehearsalLine } from '../../src/agents/rehearsal-protocol.ts';
import type { StartLine } from '../../src/rehearsal/memory.ts';

/** Bundles the program into a fresh folder; returns the script and how to remove it. */
export const bundleProgram = (): { script: string; remove: () => void } => {
  const folder = mkdtempSync(join(tmpdir(), 'seqrun-rehearsal-'));
  const script = join(folder, 'rehearsal.mjs');
  buildSync({
    entryPoints: [join(import.meta.dirname, '../../src/rehearsal/main.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  return { script, remove: () => rmSync(folder, { recursive: true, force: true }) };
};

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  lines: RehearsalLine[];
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** Resolves with the first line that passes. Rejects when the program ends before. */
  sees(test: (line: RehearsalLine) => boolean): Promise<RehearsalLine>;
  ended: Promise<Ended>;
}

export interface StartOptions {
  unit?: string;
  prompt?: string;
  args?: string[];
  env?: Record<string, string>;
}

export const prompt = (unit: string, title: string): string =>
  `# ${unit} ${title}\n\n## What to do\n\n- **${unit} ${title}**\n\n- task list: @.kiro/specs/shop/tasks.md\n`;

/** A workspace with the spec `shop` and this script; nothing outside of one temporary folder is touched. */
export const stage = (program: string, script: unknown) => {
  const root = mkdtempSync(join(tmpdir(), 'seqrun-stage-'));
  const workspace = join(root, 'work space');
  const spec = join(workspace, '.kiro/specs/shop');
  mkdirSync(spec, { recursive: true });
  const text = typeof script === 'string' ? script : JSON.stringify({ paceMs: 0, ...(script as object) });
  writeFileSync(join(spec, 'rehearsal.json'), text);

  const start = (options: StartOptions = {}): Running => {
    const unit = options.unit ?? '1';
    const child = spawn(process.execPath, [program, ...(options.args ?? ['--session-id', 'session-1'])], {
      cwd: workspace,
      env: {
        PATH: process.env.PATH,
        HOME: root,
        XDG_STATE_HOME: join(root, 'state'),
        SEQRUN_UNIT: unit,
        SEQRUN_SPEC: 'shop',
        SEQRUN_ATTEMPT: '1',
        ...options.env,
      },
    });
    const lines: RehearsalLine[] = [];
    const waiting = new Set<() => void>();
    let rest = '';
    let stderr = '';
    let over = false;
    const wake = () => {
      for (const look of [...waiting]) look();
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop()!;
      lines.push(...parts.map(part => JSON.parse(part) as RehearsalLine));
      wake();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // A start that ends before it has read its prompt is no fault of the test.
    child.stdin.on('error', () => {});
    child.stdin.end(options.prompt ?? prompt(unit, 'Opening hours'));
    const ended = new Promise<Ended>(resolve => {
      child.on('exit', () => {
        // A process that was left behind may hold the pipes open no longer than the program itself.
        setImmediate(() => child.stdin.destroy());
      });
      child.on('close', (code, signal) => {
        over = true;
        wake();
        resolve({ code, signal, lines, stderr });
      });
    });
    const sees = (test: (line: RehearsalLine) => boolean) =>
      new Promise<RehearsalLine>((resolve, reject) => {
        const look = () => {
          const found = lines.find(test);
          if (found) resolve(found);
          else if (over) reject(new Error(`ended without that line: ${JSON.stringify(lines)} ${stderr}`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      });
    return { child, sees, ended };
  };

  return {
    root,
    workspace,
    spec,
    start,
    run: (options?: StartOptions): Promise<Ended> => start(options).ended,
    /** A file of the workspace, or null. */
    read: (path: string): string | null => {
      const file = join(workspace, path);
      return existsSync(file) ? readFileSync(file, 'utf8') : null;
    },
    /** The memory's lines. */
    starts: (): StartLine[] =>
      readFileSync(join(root, 'state/seqrun/rehearsal/starts.jsonl'), 'utf8')
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line) as StartLine),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
};
