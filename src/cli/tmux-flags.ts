// The rows of the flag table about where a run is shown, and whether this terminal waits for it.
import { defaults } from '../core/defaults.ts';
import type { Flag } from './flag.ts';

export const TMUX_FLAGS = {
  'tmux-session': {
    kind: 'text',
    group: 'tmux',
    hint: '<name>',
    help: 'Session that shows the units',
    fallback: 'sequential-<spec>',
    example: 'night',
  },
  detach: {
    kind: 'switch',
    group: 'tmux',
    help: 'Begin, and go on without this terminal: the output goes to a log that is named (run, resume)',
    where: 'call',
    commands: ['run', 'resume'],
  },
  attach: {
    kind: 'switch',
    group: 'tmux',
    help: 'The same, and show the session here; leaving it leaves the run to itself (run, resume)',
    where: 'call',
    commands: ['run', 'resume'],
  },
  'no-tmux': { kind: 'switch', group: 'tmux', help: 'Run agents without windows' },
  'keep-windows': {
    kind: 'count',
    group: 'tmux',
    hint: '<n>',
    help: 'Finished windows that stay open',
    fallback: `${defaults.keepWindows}`,
    min: 0,
    max: 1000,
    example: '10',
  },
} as const satisfies Record<string, Flag>;
