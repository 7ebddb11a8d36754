// What counts as done, and the program that is the agent, stay as a person gave them for the last run, until somebody says otherwise. Pure.
import type { Policy } from '../core/policy.ts';
import type { State } from '../core/state.ts';
import type { TypedWord } from '../core/typed-word.ts';
import type { Failure } from './errors.ts';
import { FLAG_NAMES, type FlagName, flagOf, type Values } from './flags.ts';
import type { Intention } from './intention.ts';
import { EXCLUSIVE } from './layers.ts';
import { requirementFailures } from './requirements.ts';
import { settingsOf } from './settings.ts';
import { wordsOfFlag } from './spec-words.ts';
import { readValue } from './values.ts';

const proofFlags: readonly FlagName[] = FLAG_NAMES.filter(name => flagOf(name).group === 'proof');

/** Only of use where gates are. */
const ofGates: ReadonlySet<FlagName> = new Set(['verify-timeout', 'baseline', 'on-missing-signal']);

/** The flags of what counts as done that a person gave for this run, or for one before that it goes by: not those of a settings file. */
export const proofTyped = ({ origins, values }: Pick<Intention, 'origins' | 'values'>): TypedWord[] =>
  proofFlags.flatMap(name => {
    const origin = origins[name];
    return origin === 'flag' || origin === 'env' || origin === 'last' ? wordsOfFlag(name, values) : [];
  });

/** What of the last run the next one goes by. */
type LastRun = Pick<NonNullable<State['run']>, 'words'> & { policy: Pick<Policy, 'proofTyped'> };

/** The words of the last run that hold: what counts as done, and a command of its own, which no agent's name stands for. */
const wordsThatHold = ({ policy, words }: LastRun): TypedWord[] => [
  ...(policy.proofTyped ?? []),
  ...words.filter(({ flag }) => flag === 'command'),
];

const flagsThatHold: readonly FlagName[] = [...proofFlags, 'command'];

/**
 * The intention with what the last run was given and this call, its environment and its config file say nothing about. A failure (64)
 * where the two cannot be meant together.
 */
export const asLastTime = (intention: Intention, last: LastRun | null): Intention | Failure => {
  const { origins } = intention;
  const values: Record<string, unknown> = { ...intention.values };
  const taken: Partial<Intention['origins']> = {};
  const closed = (name: FlagName) =>
    EXCLUSIVE.some(([a, b]) => (name === a && origins[b] !== undefined) || (name === b && origins[a] !== undefined));
  for (const { flag, value } of last ? wordsThatHold(last) : []) {
    const name = flagsThatHold.find(one => one === flag);
    if (name === undefined || origins[name] !== undefined || closed(name)) continue;
    const reading = readValue(flagOf(name), value ?? 'true');
    if (!reading.ok) continue;
    const more = taken[name] !== undefined && Array.isArray(reading.value);
    values[name] = more ? [...(values[name] as unknown[]), ...(reading.value as unknown[])] : reading.value;
    taken[name] = 'last';
  }
  const merged = values as Values;
  if (merged.verify?.length === 0 && origins.verify !== undefined && !merged['allow-task-commands']) {
    withoutGates(merged, taken);
  }
  if (Object.keys(taken).length === 0) return intention;
  const [found] = requirementFailures(merged);
  if (found) {
    const { about: _, ...wrong } = found;
    return { ...wrong, where: { name: `the last run, which had ${shown(merged, taken)}` } };
  }
  const { opencodeAgent: agent, opencodeModel: model } = intention.settings;
  return {
    ...intention,
    values: merged,
    origins: { ...origins, ...taken },
    settings: settingsOf(merged, { agent, model }),
  };
};

/** Whoever drops the gates drops what was said of them. */
const withoutGates = (values: Values, taken: Partial<Intention['origins']>): void => {
  for (const name of ofGates) {
    if (taken[name] === undefined) continue;
    delete values[name];
    delete taken[name];
  }
  if (taken.require === undefined || !values.require?.includes('verify')) return;
  values.require = ['signal', ...values.require.filter(one => one !== 'verify' && one !== 'signal')];
};

const shown = (values: Values, taken: Partial<Intention['origins']>): string =>
  (Object.keys(taken) as FlagName[])
    .flatMap(name => wordsOfFlag(name, values))
    .map(({ flag, value }) => `--${flag}${value === null ? '' : ` ${value}`}`)
    .join(' ');

/** A word for each gate that the last run had and this one has not: that must not go unseen. */
export const droppedGates = (last: Pick<Policy, 'gates'> | null, now: Pick<Policy, 'gates'>): string[] => {
  const kept = new Set((now.gates ?? []).map(({ command }) => command));
  return (last?.gates ?? [])
    .filter(({ command }) => !kept.has(command))
    .map(({ name, command }) => `the last run of this spec had gate ${name} (${command}), this one has not`);
};
