// The help of one command: what may follow it, its flags, an example. Every line fits 80 columns. Pure.
import { type CommandName, commandRow, usageOf } from './command-table.ts';
import type { Group } from './flag.ts';
import { FLAG_NAMES, type FlagName, flagOf, GROUPS } from './flags.ts';

/** Flags that decide which plan is looked at. */
const planFlags: readonly FlagName[] = [
  'granularity',
  'order',
  'include-optional',
  'dialect',
  'lenient-deps',
  'workdir',
  'config',
];

/** Flags beside `--spec`; null = all that no other command has for itself. */
export const flagsOf: Readonly<Record<CommandName, readonly FlagName[] | null>> = {
  run: null,
  resume: null,
  plan: ['only', 'from', 'until', 'strict', ...planFlags, 'json', 'verbose'],
  lint: ['strict', 'dialect', 'json'],
  todos: [],
  doctor: ['backend', 'command', 'no-tmux', 'workdir', 'config', 'json'],
  config: ['workdir', 'config', 'json'],
  init: ['skill', 'workdir', 'json'],
  completion: [],
  status: ['watch', ...planFlags, 'json'],
  why: [...planFlags, 'json'],
  handoff: [...planFlags, 'json'],
  attach: ['workdir'],
  logs: ['follow', 'workdir'],
  receipt: [...planFlags, 'json'],
  retry: planFlags,
  skip: planFlags,
  follow: planFlags,
  approve: planFlags,
  reject: planFlags,
  accept: planFlags,
  reset: [...planFlags, 'no-write-tasks'],
  checkpoint: ['dry-run', 'state-only', 'force', 'keep', 'git', ...planFlags, 'json'],
  history: ['workdir', 'json'],
  pause: ['workdir'],
  continue: ['workdir'],
  stop: ['now', 'workdir'],
};

/** Words behind each command that work. */
export const exampleOf: Readonly<Record<CommandName, string>> = {
  run: '--delay 15 --verify "npm test"',
  plan: '--only 2,3.1',
  lint: '',
  todos: 'export',
  doctor: '',
  config: '',
  init: '',
  completion: 'zsh',
  status: '',
  why: '2',
  handoff: '',
  attach: '2',
  logs: '2',
  receipt: '2',
  resume: '--answer "Use SQLite"',
  retry: '2',
  skip: '2',
  follow: '2 "also add a test"',
  approve: '2 "looks right"',
  reject: '2 "the error case has no test"',
  accept: '2 3.1',
  reset: '2',
  checkpoint: 'restore latest --dry-run',
  history: '',
  pause: '',
  continue: '',
  stop: '--now',
};

const width = 80;
const indent = 26;

/** The help of a command, ending without a newline. */
export const commandHelp = (name: CommandName): string => {
  const { actions, help, decides, withoutSpec } = commandRow(name);
  const usages = (actions ? Object.keys(actions) : [null]).map(action => `seqrun ${usageOf(name, action)}`);
  const own = flagsOf[name];
  const example = [
    'seqrun',
    ...(name === 'run' ? [] : [name]),
    exampleOf[name],
    withoutSpec ? '' : '--spec .kiro/specs/cart',
  ];
  const refused = decides === true ? ' A decision of a person: refused inside a job.' : '';
  return [
    ...usages.map((usage, k) => `${k === 0 ? 'Usage: ' : '       '}${usage}${withoutSpec ? '' : ' --spec <dir>'}`),
    '',
    ...wrapped(`${help}.${refused}`, 0),
    '',
    ...(withoutSpec ? [] : flagLines('spec')),
    ...(own === null ? groupLines(name) : own.flatMap(flagLines)),
    '',
    ...wrapped(`Example: ${example.filter(word => word !== '').join(' ')}`, 9),
    'All commands and flags: seqrun --help',
  ].join('\n');
};

const flagLines = (name: FlagName): string[] => {
  const { hint, help, fallback } = flagOf(name);
  const shown = `  --${name}${hint === undefined ? '' : ` ${hint}`}`;
  const lines = wrapped(`${help}${fallback ? ` (${fallback})` : ''}`, indent, width - indent);
  if (shown.length >= indent) return [shown, `${' '.repeat(indent)}${lines[0]}`, ...lines.slice(1)];
  return [`${shown.padEnd(indent)}${lines[0]}`, ...lines.slice(1)];
};

/** Of a run: too many to explain each. */
const groupLines = (name: CommandName): string[] =>
  (Object.keys(GROUPS) as Group[]).flatMap(group => {
    const names = FLAG_NAMES.filter(flag => {
      const { group: its, where, commands } = flagOf(flag);
      return its === group && where !== 'config' && flag !== 'spec' && (!commands || commands.includes(name));
    });
    if (names.length === 0) return [];
    const [title] = GROUPS[group];
    const [first, ...rest] = wrapped(names.map(flag => `--${flag}`).join(' '), indent + 8, width - indent - 8);
    return [`  ${title.padEnd(indent + 6)}${first}`, ...rest];
  });

/** Lines of at most `max` characters; all but the first are indented by `by`. */
const wrapped = (text: string, by: number, max = width): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > max - (lines.length > 0 && max === width ? by : 0)) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one, k) => (k === 0 ? one : `${' '.repeat(by)}${one}`));
};
