// The text of `--help`, laid out by yargs from the tables. Always 80 columns, so that it can be made at build time.
import yargs from 'yargs';
import { COMMAND_NAMES, commandRow, usageOf } from './command-table.ts';
import { EXIT_HELP } from './exit-codes.ts';
import type { Group } from './flag.ts';
import { FLAG_NAMES, flagOf, GROUPS } from './flags.ts';

/** Options of the help alone: yargs shows `--delay <s>` when the option itself is named so. */
const shownName = (name: string, hint?: string): string => (hint === undefined ? name : `${name} ${hint}`);

/** The whole help, ending without a newline. Every line fits 80 columns. */
export const helpText = async (): Promise<string> => {
  const parser = yargs([])
    .scriptName('seqrun')
    .locale('en')
    .exitProcess(false)
    .help(false)
    .version(false)
    .wrap(80)
    .usage(
      'Usage: seqrun [command] --spec <dir> [flags]\n\nRuns the tasks of a spec one at a time through a coding-agent CLI.',
    );
  for (const name of COMMAND_NAMES) parser.command(usageOf(name), commandRow(name).help);
  for (const group of Object.keys(GROUPS) as Group[]) {
    const [title, example] = GROUPS[group];
    const names: string[] = [];
    for (const name of FLAG_NAMES) {
      const flag = flagOf(name);
      if (flag.group !== group || flag.where === 'config') continue;
      const shown = shownName(name, flag.hint);
      names.push(shown);
      parser.option(shown, { describe: flag.fallback ? `${flag.help} (${flag.fallback})` : flag.help });
    }
    if (group === 'output') {
      parser.option('help', { alias: 'h', describe: 'This text' }).option('version', { describe: 'The version' });
      names.push('help', 'version');
    }
    parser.group(names, `${title}    ${example}`);
  }
  parser.epilogue(epilogue());
  return (await parser.getHelp()).trimEnd();
};

const epilogue = (): string => {
  const rows: string[] = [];
  for (const [code, meaning] of EXIT_HELP) {
    const piece = `${code} ${meaning}`;
    const last = rows.at(-1);
    if (last !== undefined && `${last} · ${piece}`.length <= 78) rows[rows.length - 1] = `${last} · ${piece}`;
    else rows.push(`  ${piece}`);
  }
  return [
    'Each flag has an environment variable (--max-iterations: SEQRUN_MAX_ITERATIONS)',
    'and a key in seqrun.config.json, seqrun.config.yaml or package.json ("seqrun"):',
    '"maxIterations"; also "limitMargin": "60s", "agentModes": { "claude": "full" },',
    'and "agents": programs of your own.',
    'Flags win over the environment, the environment over the file.',
    'Times are written 90s, 15m, 1h30m. Defaults are in brackets.',
    '',
    'Exit codes',
    ...rows,
  ].join('\n');
};
