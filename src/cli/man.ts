// The manual page seqrun(1), from the same tables as `--help`. Pure.
import { exampleOf } from './command-help.ts';
import { COMMAND_NAMES, commandRow, usageOf } from './command-table.ts';
import { EXIT_HELP } from './exit-codes.ts';
import type { Group } from './flag.ts';
import { envNameOf, FLAG_NAMES, type FlagName, flagOf, GROUPS } from './flags.ts';

/** Text of the page in the man macros, ending with a newline. No date is in it: the same source gives the same page. */
export const manText = (version: string): string =>
  [
    `.TH SEQRUN 1 "" "seqrun ${roff(version)}" "User Commands"`,
    '.SH NAME',
    roff('seqrun - run the tasks of a spec one at a time through a coding-agent CLI'),
    '.SH SYNOPSIS',
    '.B seqrun',
    '[\\fIcommand\\fR] \\fB\\-\\-spec\\fR \\fIdir\\fR [\\fIflags\\fR]',
    '.SH DESCRIPTION',
    ...paragraph(
      'Works through the units of a tasks.md, one after another, each in its own tmux window, with the coding agent that is there; checks what the agents claim, waits for usage limits, stops when a person is needed, and says in the end what is done and proven, what is not, and why.',
    ),
    '.PP',
    ...paragraph(
      'A unit is done when the success event of the agent, its exit code, its signal and all gates agree. Nothing else ticks a box.',
    ),
    '.SH COMMANDS',
    ...COMMAND_NAMES.flatMap(name => ['.TP', bold(usageOf(name)), ...paragraph(`${commandRow(name).help}.`)]),
    '.PP',
    ...paragraph('seqrun COMMAND --help tells more of one.'),
    '.SH OPTIONS',
    ...(Object.keys(GROUPS) as Group[]).flatMap(groupLines),
    '.SH ENVIRONMENT',
    ...paragraph(
      `Each option has a variable: ${envNameOf('max-iterations')} stands for --max-iterations. Options win over the environment, the environment over the settings file.`,
    ),
    '.SH FILES',
    ...FILES.flatMap(([name, about]) => ['.TP', `.I ${roff(name)}`, ...paragraph(about)]),
    '.SH EXIT STATUS',
    ...EXIT_HELP.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, ...paragraph(meaning)]),
    '.SH EXAMPLES',
    '.nf',
    ...COMMAND_NAMES.filter(name => exampleOf[name] !== '' && !commandRow(name).withoutSpec).map(name =>
      roff(`seqrun ${name === 'run' ? '' : `${name} `}${exampleOf[name]} --spec .kiro/specs/cart`),
    ),
    '.fi',
    '.SH SEE ALSO',
    '.BR tmux (1),',
    '.BR git (1)',
    '',
  ].join('\n');

const FILES = [
  ['seqrun.config.json, seqrun.config.yaml', 'Settings, in the workdir; or the key "seqrun" of package.json.'],
  ['SEQUENTIAL_STATE.json', 'Beside the specs: what is done, for programs.'],
  ['SEQUENTIAL_PROGRESS.md', 'Beside the specs: what happened, for people.'],
  ['$XDG_STATE_HOME/seqrun', 'Journals, start folders, checkpoints (else ~/.local/state/seqrun).'],
] as const;

const groupLines = (group: Group): string[] => {
  const [title, example] = GROUPS[group];
  const names = FLAG_NAMES.filter(name => flagOf(name).group === group && flagOf(name).where !== 'config');
  return [`.SS "${roff(title)}"`, '.nf', roff(example), '.fi', ...names.flatMap(flagLines)];
};

const flagLines = (name: FlagName): string[] => {
  const { hint, help, fallback } = flagOf(name);
  const value = hint === undefined ? '' : ` \\fI${roff(hint.replace(/^<(.*)>$/, '$1'))}\\fR`;
  return [
    '.TP',
    `\\fB${roff(`--${name}`)}\\fR${value}`,
    ...paragraph(`${help}.${fallback ? ` Default: ${fallback}.` : ''}`),
  ];
};

const bold = (text: string): string => `.B ${roff(text)}`;

/** A line that roff takes for text: no control character at its beginning, and hyphens that can be copied. */
const paragraph = (text: string): string[] => [roff(text).replace(/^[.']/, '\\&$&')];

const roff = (text: string): string =>
  text.replace(/\\/g, '\\e').replace(/-/g, '\\-').replace(/…/g, '...').replace(/"/g, '\\(dq');
