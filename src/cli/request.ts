// The command among the words, and what it is asked about.
import { defaults } from '../core/defaults.ts';
import { COMMAND_NAMES, type CommandName, commandRow, type Takes, usageOf } from './command-table.ts';
import type { Shell } from './completion/scripts.ts';
import { type Failure, quote, usageFailure } from './errors.ts';
import type { Values } from './flags.ts';
import type { CheckpointRequest, Request } from './intention.ts';
import { nearest } from './nearest.ts';
import { isPlaceholder } from './placeholder.ts';
import { shellWord } from './spec-words.ts';

/** The command and the words after it. */
export const readRequest = (words: string[], values: Values): { command: CommandName; args: string[] } | Failure => {
  const [first, ...args] = words;
  if (first === undefined) return { command: 'run', args };
  const command = COMMAND_NAMES.find(name => name === first);
  if (command === undefined) {
    const near = nearest(first, [...COMMAND_NAMES, 'help']);
    const path = /[/\\.]/.test(first);
    if (path || near === null) {
      const next = path ? `seqrun --spec ${first}` : 'seqrun --help lists all commands';
      return usageFailure(`there is no command ${quote(first)}`, {
        expected: `one of ${COMMAND_NAMES.join(', ')}`,
        next,
      });
    }
    return usageFailure(`there is no command ${quote(first)}`, { next: `did you mean ${near}?` });
  }
  const { actions } = commandRow(command);
  if (actions && !Object.hasOwn(actions, args[0] ?? '')) return unknownAction(command, Object.keys(actions), args[0]);
  const action = actions ? args[0]! : null;
  const takes = action === null ? commandRow(command).takes : actions![action]!;
  const after = action === null ? args : args.slice(1);
  const usage = `seqrun ${usageOf(command, action)} --spec <dir>`;
  const empty = args.findIndex(word => word.trim() === '');
  if (empty >= 0) {
    const id = empty === 0 || args[0]!.trim() === '' ? '2' : shellWord(args[0]!);
    const next = takes.startsWith('unit ') ? `seqrun ${command} ${id} "${exampleText(command)}" --spec <dir>` : null;
    return usageFailure(`${command} got an empty word`, { expected: usage, next });
  }
  if (takes === 'path' && after.length === 0) {
    const next = `seqrun ${command} ${action} todos.json`;
    return usageFailure(`${command} ${action} needs a file`, { expected: usage, next });
  }
  if (takes === 'id' && after.length === 0) {
    const next = `seqrun ${command} list --spec <dir>`;
    return usageFailure(`${command} ${action} needs the id of a ${command}, or latest`, { expected: usage, next });
  }
  if (takes === 'maybe text' && after.length > 1) {
    const next = `seqrun ${command} ${action} ${shellWord(after.join(' '))} --spec <dir>`;
    return usageFailure(`${command} ${action} got its note in several words`, { expected: 'the note in quotes', next });
  }
  const example = `seqrun ${command} ${takes.startsWith('unit ') ? `2 "${exampleText(command)}"` : '2'} --spec <dir>`;
  // Which units wait for a review is known when the state has been read.
  if (command === 'approve' && args.length === 0) return { command, args: [''] };
  if (takes.startsWith('unit') && args.length === 0) {
    return usageFailure(`${command} needs the id of a unit`, { expected: usage, next: example });
  }
  if (takes === 'unit text' && args.length === 1) {
    const next = example.replace(' 2 ', ` ${shellWord(args[0]!)} `);
    return usageFailure(`${command} needs words for the agent`, { expected: usage, next });
  }
  const said = takes === 'unit text' || takes === 'unit maybe text' ? args[1] : undefined;
  if (said !== undefined && args.length === 2 && isPlaceholder(said)) {
    const next = example.replace(' 2 ', ` ${shellWord(args[0]!)} `);
    return usageFailure(`${command} got ${quote(said)}, which tells the agent nothing`, { expected: usage, next });
  }
  const most = mostWords[takes];
  if (after.length > most) {
    if (takes.startsWith('unit ')) {
      const next = `seqrun ${command} ${shellWord(args[0]!)} ${shellWord(args.slice(1).join(' '))} --spec <dir>`;
      return usageFailure(`${command} got its text in several words`, { expected: 'the text in quotes', next });
    }
    const next = command === 'run' ? runWith(args) : null;
    return usageFailure(`${command} got ${quote(after[most]!)}, which it does not take`, { expected: usage, next });
  }
  if (takes === 'maybe path' && after.length === 1 && values.spec !== undefined && values.spec !== after[0]) {
    return usageFailure(`${command} got two specs`, {
      expected: 'either --spec or a path',
      next: `seqrun ${command} ${args.join(' ')}`,
    });
  }
  return { command, args };
};

/** What `run` with words after it must have meant: its units are named by --only, its spec by --spec. */
const runWith = (words: readonly string[]): string => {
  const isUnit = (word: string): boolean => /^#?[a-z]{0,6}[-_]?\d+(?:\.\d+)*[a-z]?(?:,.*)?$/i.test(word);
  const spec = words.find(word => !isUnit(word));
  const only = words.filter(isUnit).join(',');
  return `seqrun --spec ${spec === undefined ? '<dir>' : shellWord(spec)}${only === '' ? '' : ` --only ${only}`}`;
};

/** How many words may follow a command. */
const mostWords: Readonly<Record<Takes, number>> = {
  nothing: 0,
  'maybe unit': 1,
  unit: 1,
  units: Number.POSITIVE_INFINITY,
  'maybe path': 1,
  path: 1,
  'unit text': 2,
  'unit maybe text': 2,
  'maybe text': 1,
  id: 1,
  'maybe id': 1,
};

const exampleText = (command: CommandName): string =>
  command === 'reject' ? 'the error case has no test' : command === 'approve' ? 'looks right' : 'also add a test';

const unknownAction = (command: CommandName, actions: string[], typed: string | undefined): Failure => {
  const near = typed === undefined ? null : nearest(typed, actions);
  return usageFailure(
    typed === undefined
      ? `${command} needs a word that says what to do`
      : `${command} got ${quote(typed)}, which it does not know`,
    {
      expected: `one of ${actions.join(', ')}`,
      // A completion is of no spec.
      next:
        near === null
          ? `seqrun ${usageOf(command, actions[0]!)}${command === 'completion' ? '' : ' --spec <dir>'}`
          : `did you mean ${command} ${near}?`,
    },
  );
};

/** The spec, or the file to be read, that stands among the words after the command; undefined: `--spec` names it. */
export const specAmong = (command: CommandName, args: readonly string[]): string | undefined => {
  const { takes, actions } = commandRow(command);
  const [taken, word] = actions ? [actions[args[0] ?? ''], args[1]] : [takes, args[0]];
  return taken === 'maybe path' || taken === 'path' ? word : undefined;
};

/** A flag that equals a command is an alias of it. */
export const actualCommand = (command: CommandName, values: Values): CommandName => {
  if (command !== 'run') return command;
  return values['dry-run'] ? 'plan' : values.resume ? 'resume' : 'run';
};

/**
 * The request a command with its words and flags makes. `args` have been checked by `readRequest`. `typed` = the flags alone: what
 * is written into a folder must have been named in this call.
 */
export const requestOf = (command: CommandName, args: string[], values: Values, typed: Values): Request => {
  switch (command) {
    case 'run':
    case 'plan':
    case 'lint':
    case 'pause':
    case 'continue':
    case 'history':
    case 'handoff':
      return { command };
    case 'init':
      return { command, skill: values.skill ?? false };
    case 'completion':
      return { command, shell: args[0] as Shell };
    case 'doctor':
    case 'config':
      return { command, named: values.spec !== undefined };
    case 'todos':
      return args[0] === 'import'
        ? { command, action: 'import', into: typed.spec ?? null }
        : { command, action: 'export' };
    case 'why':
    case 'attach':
    case 'reset':
      return { command, unit: args[0] ?? null };
    case 'status':
      return { command, watch: values.watch ?? false };
    case 'logs':
      return { command, unit: args[0]!, follow: values.follow ?? false };
    case 'receipt':
    case 'retry':
    case 'skip':
      return { command, unit: args[0]! };
    case 'follow':
    case 'reject':
      return { command, unit: args[0]!, text: args[1]! };
    case 'approve':
      return { command, unit: args[0]!, text: args[1] ?? null };
    case 'accept':
      return { command, units: args.flatMap(word => word.split(',')).filter(id => id !== '') };
    case 'resume':
      return { command, answer: values.answer?.trim() ? values.answer : null };
    case 'checkpoint':
      return { command, ...checkpointRequest(args, typed) };
    case 'stop':
      return { command, now: values.now ?? false };
  }
};

/** What is decided in such a call must have been typed in it. */
const checkpointRequest = ([action, word]: string[], typed: Values): CheckpointRequest => {
  switch (action) {
    case 'save':
      return { action, note: word ?? null };
    case 'restore':
      return {
        action,
        id: word!,
        force: typed.force ?? false,
        stateOnly: typed['state-only'] ?? false,
        dryRun: typed['dry-run'] ?? false,
      };
    case 'show':
      return { action, id: word! };
    case 'clean':
      return { action, keep: typed.keep ?? defaults.checkpointsKept };
    default:
      return { action: 'list' };
  }
};
