// How the spec is named in a command that the user may copy: with the flags that make it the same run.
import { relative } from 'node:path';
import type { SpecWords } from '../core/handoff.ts';
import { shellWord } from '../core/shell-word.ts';
import { configKeyOf, type FlagName, flagOf } from './flags.ts';
import type { Intention, Settings } from './intention.ts';
import { durationText } from './values.ts';

export { shellWord } from '../core/shell-word.ts';

/** Flags without which another plan would be looked at. */
const keptToLook: readonly FlagName[] = ['workdir', 'config', 'granularity', 'include-optional'];

/** Flags without which the next command would mean another run. */
const kept: readonly FlagName[] = [
  'workdir',
  'config',
  'backend',
  'command',
  'granularity',
  'include-optional',
  'no-tmux',
  // Left out, the next run would count units as done on less.
  'verify',
  'verify-timeout',
  'allow-task-commands',
  'baseline',
  'require',
  'on-missing-signal',
  'review',
  'stop-at-checkpoints',
  'git',
];

/** `--spec <as typed>` and what else was typed, quoted for a shell where it must be. */
export const specWords = (intention: Named): string => wordsOf(intention, kept);

/** As `specWords`, for a command that starts no run. */
const lookWords = (intention: Named): string => wordsOf(intention, keptToLook);

/** For what names commands of both kinds. */
export const bothWords = (intention: Named): SpecWords => ({ look: lookWords(intention), run: specWords(intention) });

type Named = Pick<Intention, 'spec' | 'origins' | 'settings' | 'config'>;

const wordsOf = (intention: Named, names: readonly FlagName[]): string => {
  const words = ['--spec', shellWord(intention.spec)];
  for (const name of names) {
    if (intention.origins[name] !== 'flag') continue;
    if (flagOf(name).kind === 'switch') words.push(`--${name}${isOn(name, intention.settings) ? '' : '=false'}`);
    else for (const text of flagTexts(name, intention)) words.push(`--${name}`, shellWord(text));
  }
  return words.join(' ');
};

const isOn = (name: FlagName, settings: Settings): boolean => {
  if (name === 'review') return settings.review === 'all';
  if (name === 'stop-at-checkpoints') return settings.review === 'checkpoints';
  return settings[configKeyOf(name) as keyof Settings] === true;
};

/** What was typed, once per occurrence. */
const flagTexts = (name: FlagName, { settings, config }: Pick<Intention, 'settings' | 'config'>): string[] => {
  switch (name) {
    case 'config':
      return [config?.path ?? ''];
    case 'command':
      return [JSON.stringify(settings.commandTemplate)];
    case 'verify':
      return settings.gates.map(gate => gate.command);
    case 'verify-timeout':
      return [durationText(settings.verifyTimeoutMs)];
    case 'require':
      return [settings.require.join(',')];
    default:
      return [String(settings[configKeyOf(name) as keyof Settings])];
  }
};

/** As `bothWords`, to be typed in the workdir: for files that are read there. `spec` and `workdir` are absolute. */
export const wordsInWorkdir = (workdir: string, spec: string, intention: Omit<Named, 'spec'>): SpecWords =>
  bothWords({
    ...intention,
    spec: relative(workdir, spec) || '.',
    settings: { ...intention.settings, workdir: '.' },
  });
