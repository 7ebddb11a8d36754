// How the spec is named in a command that the user may copy: with the flags that make it the same run.
import { relative, resolve } from 'node:path';
import type { SpecWords } from '../core/handoff.ts';
import { shellWord } from '../core/shell-word.ts';
import type { TypedWord } from '../core/typed-word.ts';
import { FLAG_NAMES, type FlagName, flagOf, type Values } from './flags.ts';
import type { Intention } from './intention.ts';
import { EXCLUSIVE } from './layers.ts';
import { valueTexts } from './values.ts';

export { shellWord } from '../core/shell-word.ts';

/** Flags without which the spec would be looked for elsewhere, or another plan be looked at. */
const keptToLook: ReadonlySet<string> = new Set<FlagName>([
  'workdir',
  'config',
  'dialect',
  'granularity',
  'order',
  'include-optional',
  'lenient-deps',
]);

/** Flags without which the next command would mean another run: not how it is shown, nor what is decided for one call alone. */
const isKept = (name: FlagName): boolean =>
  name === 'config' || (name !== 'spec' && flagOf(name).where === undefined && flagOf(name).group !== 'output');

type Named = Pick<Intention, 'spec' | 'origins' | 'values'>;

/** What was typed in this call, or taken over from the last run, that a next run needs. */
const typedWords = ({ origins, values }: Omit<Named, 'spec'>): TypedWord[] =>
  FLAG_NAMES.flatMap(name =>
    isKept(name) && (origins[name] === 'flag' || origins[name] === 'last') ? wordsOfFlag(name, values) : [],
  );

/** A flag as it would be typed, once per occurrence. */
export const wordsOfFlag = (name: FlagName, values: Values): TypedWord[] => {
  const value = values[name];
  if (value === undefined) return [];
  if (flagOf(name).kind === 'switch') return [{ flag: name, value: value === true ? null : 'false' }];
  return valueTexts(flagOf(name), value).map(text => ({ flag: name, value: text }));
};

/** The words of this call for a later one that may be typed elsewhere. `workdir` and `config` are absolute. */
export const lastingWords = (
  intention: Pick<Intention, 'origins' | 'values' | 'config'>,
  workdir: string,
): TypedWord[] => typedWords({ ...intention, values: placed(intention, workdir) });

const placed = ({ values, config }: Pick<Intention, 'values' | 'config'>, workdir: string): Values => ({
  ...values,
  workdir,
  ...(values['prompt-template'] === undefined ? {} : { 'prompt-template': resolve(values['prompt-template']) }),
  ...(values['context-file'] === undefined
    ? {}
    : { 'context-file': values['context-file'].map(path => resolve(path)) }),
  ...(config === null ? {} : { config: config.path }),
});

/** What this call says, and of what it does not speak of what the last run was given: words for the same again. */
const together = (now: readonly TypedWord[], last: readonly TypedWord[]): TypedWord[] => {
  const said = new Set(now.map(({ flag }) => flag));
  const closed = new Set(EXCLUSIVE.flatMap(([a, b]) => [...(said.has(a) ? [b] : []), ...(said.has(b) ? [a] : [])]));
  return [...now, ...last.filter(({ flag }) => !said.has(flag) && !closed.has(flag as FlagName))];
};

/**
 * How commands name the spec: `--spec <as typed>` and what else they need, quoted for a shell. `last` = the words of the last run, where
 * the call of now is none itself.
 */
export const bothWords = (intention: Named, last: readonly TypedWord[]): SpecWords => {
  const words = together(typedWords(intention), last);
  const spec = `--spec ${shellWord(intention.spec)}`;
  const line = (some: readonly TypedWord[]): string => [spec, ...some.map(shownWord)].join(' ');
  return { look: line(words.filter(({ flag }) => keptToLook.has(flag))), run: line(words) };
};

const shownWord = ({ flag, value }: TypedWord): string => {
  if (value === null) return `--${flag}`;
  // A switch takes no word of its own, and a value may look like a flag.
  const joined = value.startsWith('-') || flagOf(flag as FlagName)?.kind === 'switch';
  return `--${flag}${joined ? '=' : ' '}${shellWord(value)}`;
};

/** Of a command that looks or decides, from this call alone. */
export const lookWords = (intention: Named): string => bothWords(intention, []).look;

/** As `bothWords`, to be typed in the workdir: for files that are read there. `spec` and `workdir` are absolute. */
export const wordsInWorkdir = (
  { workdir, spec }: { workdir: string; spec: string },
  intention: Pick<Intention, 'origins' | 'values' | 'config'>,
  last: readonly TypedWord[],
): SpecWords => {
  const there = ({ flag, value }: TypedWord): TypedWord =>
    flag === 'workdir' ? { flag, value: relative(workdir, value ?? '') || '.' } : { flag, value };
  return bothWords(
    {
      origins: intention.origins,
      spec: relative(workdir, spec) || '.',
      values: { ...placed(intention, '.'), workdir: '.' },
    },
    last.map(there),
  );
};
