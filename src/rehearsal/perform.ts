// Does the steps of a start: prints, pauses, writes, leaves processes behind, dies.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RehearsalLine } from '../agents/rehearsal-protocol.ts';
import type { Step } from './steps.ts';

export interface Stage {
  paceMs: number;
  /** Absolute. */
  workspace: string;
  /** Task list whose boxes can be ticked, absolute. */
  tasksFile: string;
}

/**
 * Does the steps in order and ends the process with the exit step's code (0 without one). Resolves never or by ending.
 * Throws what the file system throws.
 */
export const perform = async (steps: readonly Step[], stage: Stage): Promise<never> => {
  for (const step of steps) {
    switch (step.kind) {
      case 'say':
        print(typeof step.line === 'function' ? step.line(Date.now()) : step.line);
        await pause(step.pause * stage.paceMs);
        break;
      case 'wait':
        await pause(step.ms);
        break;
      case 'write':
        write(join(stage.workspace, step.path), step.heading, step.text);
        break;
      case 'tick-all':
        writeFileSync(stage.tasksFile, ticked(readFileSync(stage.tasksFile, 'utf8')));
        break;
      case 'leave-child':
        print(await leaveChild(step.seconds, step.hidden));
        break;
      case 'ignore-signals':
        for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
        break;
      case 'hang':
        // A timer keeps the process alive; a promise alone would let it end.
        setInterval(() => {}, 2 ** 30);
        await new Promise(() => {});
        break;
      case 'die':
        process.kill(process.pid, 'SIGKILL');
        await new Promise(() => {});
        break;
      case 'exit':
        process.exit(step.code);
    }
  }
  process.exit(0);
};

/** Prints one line to stdout before it returns. A reader that is gone ends the program with 1, quietly. */
export const print = (line: RehearsalLine): void => {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') process.exit(1);
      if (code !== 'EAGAIN') throw error;
      // A full pipe that somebody set to non-blocking: give its reader a moment.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
};

const pause = (ms: number): Promise<void> =>
  ms <= 0 ? Promise.resolve() : new Promise(resolve => setTimeout(resolve, ms));

const write = (file: string, heading: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, existsSync(file) ? text : heading + text);
};

/** The text with a cross in every box of a list item that has a blank, `-` or `~` in it. */
const ticked = (text: string): string => text.replace(/^(\s*(?:[-*+]|\d+[.)])\s+\[)[ ~-](\])/gm, '$1x$2');

const leaveChild = async (seconds: number, hidden: boolean): Promise<RehearsalLine> => {
  // Loaded here alone: it costs every other start 3 ms.
  const { spawn } = await import('node:child_process');
  const env = { ...process.env };
  if (hidden) delete env.SEQRUN_START;
  const child = spawn('sleep', [String(seconds)], { stdio: 'ignore', detached: hidden, env });
  child.unref();
  // Without a pid it could not be started; the event that says so must not end the program.
  child.on('error', () => {});
  const output = child.pid === undefined ? 'sleep could not be started' : `pid ${child.pid}`;
  return { type: 'tool', command: `sleep ${seconds} &`, output, exit: child.pid === undefined ? 127 : 0 };
};
