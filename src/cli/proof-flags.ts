// The rows of the flag table about what counts as done.
import { defaults } from '../core/defaults.ts';
import type { Requirement } from '../core/policy.ts';
import type { Flag } from './flag.ts';

/** No time is longer. */
export const YEAR_MS = 365 * 24 * 60 * 60_000;

export const PROOF_FLAGS = {
  verify: {
    kind: 'gates',
    group: 'proof',
    hint: '<command>',
    help: 'A gate: run by sh in the workdir after each unit, which is done when it exits with 0. Repeated: all, in order. none = no gate',
    example: '"npm test"',
  },
  'verify-timeout': {
    kind: 'duration',
    group: 'proof',
    hint: '<time>',
    help: 'Longest time for a gate',
    fallback: '30m',
    min: 1,
    max: YEAR_MS,
    example: '10m',
  },
  'allow-task-commands': {
    kind: 'switch',
    group: 'proof',
    help: 'Commands of tasks.md (_verify: …_ lines) are gates of their units; plan shows them',
  },
  baseline: {
    kind: 'choice',
    group: 'proof',
    hint: '<how>',
    help: 'Gates are run before the first unit. One that is red then: require = is named, and has to turn green all the same; ignore = does not count until it was green once; halt = ends the run (2). off = they are not run before',
    choices: ['off', 'require', 'ignore', 'halt'],
    fallback: defaults.baseline,
    example: 'ignore',
  },
  require: {
    kind: 'choices',
    group: 'proof',
    hint: '<list>',
    help: 'What done needs: signal (of the agent), verify (a gate; each that is set counts anyway), change (in the working tree, so a git repository)',
    choices: ['signal', 'verify', 'change'] satisfies Requirement[],
    fallback: 'signal, and verify where a gate is set',
    example: 'signal,verify,change',
  },
  'on-missing-signal': {
    kind: 'choice',
    group: 'proof',
    hint: '<how>',
    help: 'When the agent ends well without a signal: ask it in a follow-up, or fail; done = where gates are set they decide alone',
    choices: ['follow-up', 'done', 'fail'],
    fallback: defaults.onMissingSignal,
    example: 'fail',
  },
  review: {
    kind: 'switch',
    group: 'proof',
    help: 'Stop (2) after each unit until you approve or reject it. As all in this group, kept for the next runs until another word is said: --review=false',
  },
  'stop-at-checkpoints': {
    kind: 'switch',
    group: 'proof',
    help: 'The same, but only after checkpoints of the task file',
  },
  git: {
    kind: 'choice',
    group: 'proof',
    hint: '<how>',
    help: 'note = record and report what changed; check = refuse a dirty start, keep the tree before and after each unit; commit = check, and one commit per completed unit; off = leave git alone',
    choices: ['off', 'note', 'check', 'commit'],
    fallback: 'note',
    example: 'check',
  },
} as const satisfies Record<string, Flag>;
