// A gate's process, read as an agent without words of its own: what it prints is shown, and its end is kept for whoever must mend it.
import type { Agent, StreamReader } from '../core/agent.ts';
import { cleanText } from '../core/clean-text.ts';
import { gateRunnerName } from '../core/transition.ts';
import { view } from './view.ts';

/** Characters of the output that are kept: both streams, as they came. */
const keptMax = 64_000;

/** Runs no agent: only its reader is ever asked. Never limited, never resumed; the exit code is all that counts. */
export const gateRunner: Agent = {
  name: gateRunnerName,
  machineStream: false,
  resumable: false,
  executable: null,
  modes: null,
  program: null,
  command: () => {
    throw new Error('Internal error: a gate brings its own command');
  },
  reader: () => reader(),
  afterwards: () => null,
};

const reader = (): StreamReader => {
  let lines: string[] = [];
  let kept = 0;
  return {
    line: (stream, text) => {
      lines.push(text.length > keptMax ? text.slice(-keptMax) : text);
      kept += text.length + 1;
      // Only when twice too much is held, so that long output is not copied again and again.
      if (kept > 2 * keptMax) {
        let first = 0;
        while (first < lines.length - 1 && kept > keptMax) kept -= lines[first++]!.length + 1;
        lines = lines.slice(first);
      }
      return view(stream === 'stderr' ? 'error' : 'text', text);
    },
    facts: () => ({
      session: null,
      model: null,
      finalText: cleanText(lines.join('\n')),
      succeeded: false,
      failure: null,
      usage: null,
      worked: true,
      waiting: null,
      warnings: [],
    }),
    classify: ({ exit }) => ({
      class: exit === null ? 'interrupted' : exit.code === 0 ? 'success' : 'crashed',
      evidence: null,
      resetAtMs: null,
      window: null,
    }),
  };
};
