// Each setting with its value and where it came from, for people and as JSON. Pure.

import { defaultOf, writtenValue } from './config-values.ts';
import { placeOf, type Where } from './errors.ts';
import type { Flag, Group } from './flag.ts';
import { configKeyOf, envNameOf, FLAG_NAMES, type FlagName, flagOf, GROUPS } from './flags.ts';
import { hideSecrets } from './hidden-values.ts';
import type { Intention, Origin } from './intention.ts';
import { bold, dim, type Piece } from './text.ts';

/** One setting, as `seqrun config --json` prints it. */
export interface SettingView {
  /** Its key in the config file. */
  key: string;
  group: Group;
  /** How it is typed and the variable that says the same; null where only the config file can. */
  flag: string | null;
  env: string | null;
  /** As the config file would hold it, secrets named; null where nothing is set and `note` tells what happens then. */
  value: unknown;
  origin: Origin;
  /** `--delay`, `SEQRUN_DELAY`, `seqrun.config.yaml:3:1`, `the last run`, or null for a default. */
  from: string | null;
  note: string | null;
}

/** What `seqrun config --json` prints. */
export interface ConfigView {
  /** Absolute; null when none is meant. */
  spec: string | null;
  /** Absolute. */
  workdir: string;
  /** The file with settings, absolute; null when there is none. */
  config: string | null;
  /** All, in the order of the help; with what a next run would take over from the last one of the spec. */
  settings: SettingView[];
}

/** What the view rests on beside the intention. */
export interface ViewInput {
  spec: string | null;
  workdir: string;
  /** Variables by the flag they speak for. */
  variables: Partial<Record<FlagName, string>>;
  env: Readonly<Record<string, string | undefined>>;
  /** A path as it is shown. */
  shown(path: string): string;
}

export const configView = (intention: Intention, input: ViewInput): ConfigView => ({
  spec: input.spec,
  workdir: input.workdir,
  config: intention.config?.path ?? null,
  settings: FLAG_NAMES.filter(name => flagOf(name).where !== 'call').map(name => settingView(name, intention, input)),
});

const settingView = (name: FlagName, intention: Intention, input: ViewInput): SettingView => {
  const flag = flagOf(name);
  const typed = flag.where !== 'config';
  const meant = effective(name, intention, input) ?? { value: intention.values[name], by: name };
  const origin = meant.value === undefined ? 'default' : (intention.origins[meant.by] ?? 'default');
  const value = meant.value === undefined ? defaultOf(flag) : writtenValue(flag, meant.value);
  return {
    key: configKeyOf(name),
    group: flag.group,
    flag: typed ? `--${name}` : null,
    env: typed ? envNameOf(name) : null,
    value: hideSecrets(value ?? null, input.env),
    origin,
    from: fromOf(origin, meant.by, intention, input),
    note: value === undefined ? noteOf(flag) : null,
  };
};

/** Where another setting decides, or the value is made of several: what a run would take, and which setting says so. */
const effective = (
  name: FlagName,
  { values, settings, origins }: Intention,
  input: ViewInput,
): { value: unknown; by: FlagName } | null => {
  switch (name) {
    case 'assign':
      return values['no-assign'] ? { value: settings.assign, by: 'no-assign' } : null;
    case 'backend':
      return values.command === undefined ? null : { value: settings.backend, by: 'command' };
    case 'require': {
      const by = (['require', 'on-missing-signal', 'verify', 'allow-task-commands'] as const).find(one => origins[one]);
      return { value: settings.require, by: by ?? 'require' };
    }
    case 'spec':
      return { value: input.spec ?? undefined, by: 'spec' };
    case 'workdir':
      return { value: input.workdir, by: 'workdir' };
    default:
      return null;
  }
};

const noteOf = (flag: Flag): string => flag.fallback ?? 'not set';

const fromOf = (origin: Origin, name: FlagName, { config }: Intention, input: ViewInput): string | null => {
  switch (origin) {
    case 'flag':
      return `--${name}`;
    case 'env':
      return input.variables[name] ?? envNameOf(name);
    case 'last':
      return 'the last run';
    case 'config':
      return config && placeShown(config.at(configKeyOf(name)), input);
    default:
      return null;
  }
};

const placeShown = ({ name, line }: Where, { shown }: ViewInput): string => placeOf({ name: shown(name), line });

/** For people: grouped and named as in the help. What was set stands out. */
export const configLines = (view: ConfigView, shown: (path: string) => string): Piece[][] => {
  const width = Math.max(...view.settings.map(({ key }) => key.length));
  const lines: Piece[][] = [
    [bold('Settings'), view.spec === null ? '' : ` for ${shown(view.spec)}`, `, workdir ${shown(view.workdir)}, `],
  ];
  lines[0]!.push(view.config === null ? 'no config file' : `config file ${shown(view.config)}`);
  for (const group of Object.keys(GROUPS) as Group[]) {
    const settings = view.settings.filter(one => one.group === group);
    if (settings.length === 0) continue;
    lines.push([''], [bold(GROUPS[group][0])]);
    for (const setting of settings) {
      const name = `  ${setting.key.padEnd(width)}  `;
      const text = valueText(setting);
      lines.push(setting.from === null ? [dim(`${name}${text}`)] : [name, text, dim(`  (${setting.from})`)]);
    }
  }
  return lines;
};

const valueText = ({ value, note }: SettingView): string => {
  if (note !== null) return note;
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return typeof value === 'string' ? value : JSON.stringify(value);
};
