// How the spec is named in a command that the user may copy: with the flags that make it the same run.
import { configKeyOf, type FlagName, flagOf } from './flags.ts';
import type { Intention, Settings } from './intention.ts';

/** Flags without which the next command would mean another run. */
const kept: readonly FlagName[] = [
  'workdir',
  'config',
  'backend',
  'command',
  'granularity',
  'include-optional',
  'no-tmux',
];

/** `--spec <as typed>` and what else was typed, quoted for a shell where it must be. */
export const specWords = (intention: Pick<Intention, 'spec' | 'origins' | 'settings' | 'config'>): string => {
  const words = ['--spec', shellWord(intention.spec)];
  for (const name of kept) {
    if (intention.origins[name] !== 'flag') continue;
    words.push(`--${name}`);
    if (flagOf(name).kind !== 'switch') words.push(shellWord(flagText(name, intention)));
  }
  return words.join(' ');
};

const flagText = (name: FlagName, { settings, config }: Pick<Intention, 'settings' | 'config'>): string => {
  if (name === 'config') return config?.path ?? '';
  if (name === 'command') return JSON.stringify(settings.commandTemplate);
  return String(settings[configKeyOf(name) as keyof Settings]);
};

export const shellWord = (word: string): string =>
  /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
