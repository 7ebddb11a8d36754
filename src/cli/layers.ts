// The sources of settings and how they are laid over each other: flags over environment over config file.
import { type Failure, quote, usageFailure } from './errors.ts';
import { envNameOf, FLAG_NAMES, type FlagName, flagOf, TYPED_FLAGS, type Values } from './flags.ts';
import type { Origin } from './intention.ts';
import { nearest } from './nearest.ts';
import { durationText, expectedOf, instead, isOn, readValue } from './values.ts';

/** What one source says. */
export interface Layer {
  origin: Origin;
  values: Values;
}

/** Of each row one side at most can hold. A higher layer's word drops the other side from the layers below it. */
export const EXCLUSIVE: readonly (readonly [FlagName, FlagName])[] = [
  ['quiet', 'verbose'],
  ['resume', 'fresh'],
  ['fresh', 'adopt-state'],
  ['only', 'from'],
  ['only', 'until'],
  ['assign', 'no-assign'],
  ['command', 'backend'],
  ['review', 'stop-at-checkpoints'],
  ['strict', 'lenient-deps'],
];

const takesPart = (values: Values, name: FlagName, other: FlagName): boolean =>
  values[name] !== undefined && values[name] !== harmlessBeside(name, other);

/** The value with which a setting contradicts nothing of its other side: a switch that is off, and the word that agrees with it. */
export const harmlessBeside = (name: FlagName, other: FlagName): false | string | undefined => {
  if (flagOf(name).kind === 'switch') return false;
  if (name === 'assign' && other === 'no-assign') return 'none';
  return name === 'backend' && other === 'command' ? 'command' : undefined;
};

/** Lays the layers over each other, highest first. Contradictions inside one layer are failures. */
export const mergeLayers = (
  layers: readonly Layer[],
): { values: Values; origins: Partial<Record<FlagName, Origin>>; failures: Failure[] } => {
  const values: Record<string, unknown> = {};
  const origins: Partial<Record<FlagName, Origin>> = {};
  const failures: Failure[] = [];
  for (const layer of layers) {
    const closed = new Set<FlagName>();
    for (const [a, b] of EXCLUSIVE) {
      const [hasA, hasB] = [takesPart(layer.values, a, b), takesPart(layer.values, b, a)];
      if (hasA && hasB) {
        failures.push(
          usageFailure(`${nameIn(layer, a)} and ${nameIn(layer, b)} contradict each other`, { next: 'leave one out' }),
        );
      }
      if (a in values && takesPart(values as Values, a, b)) closed.add(b);
      if (b in values && takesPart(values as Values, b, a)) closed.add(a);
    }
    for (const name of FLAG_NAMES) {
      if (layer.values[name] === undefined || name in values || closed.has(name)) continue;
      values[name] = layer.values[name];
      origins[name] = layer.origin;
    }
  }
  return { values: values as Values, origins, failures };
};

const nameIn = (layer: Layer, name: FlagName): string =>
  layer.origin === 'env' ? envNameOf(name) : layer.origin === 'config' ? `"${name}" in the config file` : `--${name}`;

/** SEQRUN_ variables that are no settings: the marks of a job and switches of the test suite. */
const OTHER_VARIABLES = new Set(['START', 'UNIT', 'RUN_ID', 'RUN', 'ATTEMPT', 'GATE', 'TEST_LONG', 'STATE_DIR']);

/**
 * The environment as a layer: SEQRUN_* of each flag, then the names of older tools that are still honoured.
 * An empty variable is an unset one. CODEX_TIMEOUT is always milliseconds, at least 1 s. `variables` = which one spoke.
 */
export const readEnv = (
  env: Readonly<Record<string, string | undefined>>,
): {
  layer: Layer;
  variables: Partial<Record<FlagName, string>>;
  opencode: { agent: string | null; model: string | null };
  failures: Failure[];
  notes: string[];
} => {
  const values: Record<string, unknown> = {};
  const variables: Partial<Record<FlagName, string>> = {};
  const failures: Failure[] = [];
  const notes: string[] = [];
  for (const name of TYPED_FLAGS) {
    const text = env[envNameOf(name)];
    if (text === undefined || text === '') continue;
    const reading = readValue(flagOf(name), text);
    if (reading.ok) {
      values[name] = reading.value;
      variables[name] = envNameOf(name);
    } else {
      const next = `${envNameOf(name)}=${flagOf(name).kind === 'switch' ? '1' : instead(flagOf(name), text)}`;
      failures.push(usageFailure(`${envNameOf(name)} is ${quote(text)}`, { expected: reading.expected, next }));
    }
  }
  const known: string[] = TYPED_FLAGS.map(envNameOf);
  for (const variable of Object.keys(env)) {
    const [, rest] = /^SEQRUN_(.+)$/.exec(variable) ?? [];
    if (rest === undefined || known.includes(variable) || OTHER_VARIABLES.has(rest)) continue;
    const near = nearest(variable, known);
    if (near !== null) notes.push(`${variable} is no setting and was ignored; did you mean ${near}?`);
  }

  const timeout = env.CODEX_TIMEOUT;
  if (values.timeout === undefined && timeout !== undefined && timeout !== '') {
    const flag = flagOf('timeout');
    const ms = /^\d{1,15}$/.test(timeout) ? Math.max(1000, Number(timeout)) : Number.NaN;
    if (ms <= flag.max! && timeout !== '0') {
      values.timeout = ms;
      variables.timeout = 'CODEX_TIMEOUT';
      notes.push(`time limit ${durationText(ms)} from CODEX_TIMEOUT (always milliseconds; --timeout wins)`);
    } else {
      failures.push(
        usageFailure(`CODEX_TIMEOUT is ${quote(timeout)}`, {
          expected: `whole milliseconds, ${expectedOf(flag)} as a number`,
          next: 'CODEX_TIMEOUT=7200000, or --timeout 2h',
        }),
      );
    }
  }
  // As the older tools read it: anything but these words is off.
  if (values['no-tmux'] === undefined && isOn(env.CODEAGENT_NO_TMUX)) {
    values['no-tmux'] = true;
    variables['no-tmux'] = 'CODEAGENT_NO_TMUX';
  }
  return {
    layer: { origin: 'env', values: values as Values },
    variables,
    opencode: { agent: env.CODEAGENT_OPENCODE_AGENT || null, model: env.CODEAGENT_OPENCODE_MODEL || null },
    failures,
    notes,
  };
};
