// The text of src/api/options.ts as it follows from the table of flags.
import { optionNames } from '../../src/api/call.ts';
import type { Flag } from '../../src/cli/flag.ts';
import { configKeyOf, type FlagName, flagOf } from '../../src/cli/flags.ts';

/** As the config file takes it. */
const typeOf = (flag: Flag): string => {
  const words = (flag.choices ?? []).map(word => `'${word}'`).join(' | ');
  switch (flag.kind) {
    case 'switch':
      return 'boolean';
    case 'count':
    case 'seconds':
      return 'number';
    case 'duration':
      return 'DurationSetting';
    case 'ids':
    case 'paths':
    case 'argv':
      return 'string | readonly string[]';
    case 'choice':
      // The names that are known are still proposed.
      return flag.ownAgents ? `${words} | (string & {})` : words;
    case 'choices':
      return `string | readonly (${words})[]`;
    case 'gates':
      return 'GatesSetting';
    case 'modes':
      return `{ readonly [agent: string]: 'safe' | 'full' }`;
    case 'agents':
      return '{ readonly [name: string]: AgentSetting }';
    case 'text':
    case 'clock':
    case 'path':
      return 'string';
  }
};

const rowOf = (name: FlagName): string => {
  const flag = flagOf(name);
  const fallback = flag.fallback === undefined ? '' : ` Default: ${flag.fallback}.`;
  const help = flag.help.replaceAll('*/', '*\\/');
  const line = `  ${configKeyOf(name)}?: ${typeOf(flag)};`;
  // As the formatter breaks it.
  const type =
    line.length > 120 ? line.replace(': ', ' | ').replaceAll(' | ', '\n    | ').replace('?\n', '?:\n') : line;
  return `  /** ${help}${help.endsWith('.') ? '' : '.'}${fallback} */\n${type}\n`;
};

/** All of the file. */
export const optionsText = (): string => {
  const lasting = optionNames({ run: false });
  const ofRuns = optionNames({ run: true }).filter(name => !lasting.includes(name));
  return `// The options of the library: what the config file takes, key by key. Made from the table of flags by test/api/options.test.ts.
import type { AgentSetting, DurationSetting, GatesSetting, Surroundings } from './settings.ts';

/** Which spec, and how it is run. What is not given comes from \`SEQRUN_\` variables, the config file, and the defaults. */
export interface SpecOptions extends Surroundings {
${lasting.map(rowOf).join('')}}

/** Of a run: also what is decided for it alone. */
export interface RunOptions extends SpecOptions {
${ofRuns.map(rowOf).join('')}  /** Aborted: as one Ctrl-C. What runs is ended, its state is saved, and the run resolves with 130. */
  signal?: AbortSignal;
}
`;
};
