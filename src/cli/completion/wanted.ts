// What may stand at the place of the cursor: from the words before it and the tables of commands and flags. Pure.
import { flagsOf } from '../command-help.ts';
import { COMMAND_NAMES, type CommandName, commandRow, type Takes } from '../command-table.ts';
import { FLAG_NAMES, type FlagName, flagOf } from '../flags.ts';

/** A word that fits, and what it means. */
export interface Candidate {
  word: string;
  help: string;
}

/** What the tables do not know: it has to be looked up. */
export type Lookup = 'specs' | 'units' | 'agents' | 'checkpoints' | 'files' | 'folders';

export interface Wanted {
  candidates: Candidate[];
  lookup: Lookup | null;
  /** What of the word at the cursor is settled and stands before each candidate: `--only=`, `2,3,`. */
  prefix: string;
  /** What is typed of the rest. */
  begun: string;
  /** Of `--spec` and the like, where they were typed. */
  typed: { spec: string | null; workdir: string | null; config: string | null };
}

/** `words` are those after `seqrun`, the last one is the one at the cursor, which may be empty. Nothing is said of what does not fit. */
export const wantedAt = (words: readonly string[]): Wanted => {
  const before = words.slice(0, -1);
  const at = words.at(-1) ?? '';
  const { positional, flags, pending } = readBefore(before);
  const typed = {
    spec: flags.get('spec') ?? null,
    workdir: flags.get('workdir') ?? null,
    config: flags.get('config') ?? null,
  };
  const said = (more: Partial<Wanted>): Wanted => ({
    candidates: [],
    lookup: null,
    prefix: '',
    begun: at,
    typed,
    ...more,
  });
  if (before.includes('--')) return said({});
  const [first, ...rest] = positional;
  const command = first === undefined ? 'run' : COMMAND_NAMES.find(name => name === first);

  if (pending !== null) return said(valueFor(pending, at, ''));
  const withValue = /^--([a-z-]+)=(.*)$/s.exec(at);
  if (withValue) {
    const name = flagNamed(withValue[1]!);
    return name === null ? said({}) : said(valueFor(name, withValue[2]!, `--${name}=`));
  }
  if (at.startsWith('-')) return said({ candidates: command === undefined ? [] : flagsFor(command, flags) });
  if (first === undefined) {
    return said({ candidates: COMMAND_NAMES.map(name => ({ word: name, help: commandRow(name).help })) });
  }
  if (command === undefined) return said({});
  const { takes, actions } = commandRow(command);
  if (!actions) return said(after(takes, rest.length, at));
  const [action, ...more] = rest;
  if (action === undefined) return said({ candidates: Object.keys(actions).map(word => ({ word, help: '' })) });
  return said(Object.hasOwn(actions, action) ? after(actions[action]!, more.length, at) : {});
};

interface Before {
  positional: string[];
  flags: Map<FlagName, string>;
  /** A flag whose value comes next. */
  pending: FlagName | null;
}

const readBefore = (words: readonly string[]): Before => {
  const read: Before = { positional: [], flags: new Map(), pending: null };
  for (const word of words) {
    if (read.pending !== null) {
      read.flags.set(read.pending, word);
      read.pending = null;
    } else if (word.startsWith('--')) {
      const [name, value] = cut(word.slice(2), '=');
      const flag = flagNamed(name);
      if (flag !== null && value === null && flagOf(flag).kind !== 'switch') read.pending = flag;
      else if (flag !== null) read.flags.set(flag, value ?? '');
    } else if (!word.startsWith('-')) read.positional.push(word);
  }
  return read;
};

const cut = (text: string, sign: string): [string, string | null] => {
  const at = text.indexOf(sign);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
};

const flagNamed = (name: string): FlagName | null => FLAG_NAMES.find(one => one === name) ?? null;

/** Flags of a command, without those that are there and count once. */
const flagsFor = (command: CommandName, given: ReadonlyMap<FlagName, string>): Candidate[] => {
  const own = flagsOf[command];
  const fits = (name: FlagName): boolean => {
    const { where, commands } = flagOf(name);
    if (name === 'spec') return true;
    return own === null ? where !== 'config' && (!commands || commands.includes(command)) : own.includes(name);
  };
  const again = (name: FlagName) => ['ids', 'choices', 'gates'].includes(flagOf(name).kind);
  return [
    ...FLAG_NAMES.filter(name => fits(name) && (!given.has(name) || again(name))).map(name => ({
      word: `--${name}`,
      help: flagOf(name).help,
    })),
    { word: '--help', help: 'The help of this command' },
  ];
};

/** What stands behind a flag. */
const valueFor = (name: FlagName, at: string, prefix: string): Partial<Wanted> => {
  const { kind, choices = [], hint, ownAgents } = flagOf(name);
  const plain = choices.map(word => ({ word, help: '' }));
  const listed = (): Partial<Wanted> => {
    const end = at.lastIndexOf(',') + 1;
    return { prefix: prefix + at.slice(0, end), begun: at.slice(end) };
  };
  if (name === 'spec') return { lookup: 'specs', prefix, begun: at };
  if (ownAgents) return { candidates: plain, lookup: 'agents', prefix, begun: at };
  if (kind === 'choice') return { candidates: plain, prefix, begun: at };
  if (kind === 'choices') return { candidates: plain, ...listed() };
  if (kind === 'ids') return { lookup: 'units', ...listed() };
  if (name === 'from' || name === 'until') return { lookup: 'units', prefix, begun: at };
  if (kind === 'path') return { lookup: hint === '<dir>' ? 'folders' : 'files', prefix, begun: at };
  return { prefix, begun: at };
};

/** What stands behind a command that has `count` words behind it already. */
const after = (takes: Takes, count: number, at: string): Partial<Wanted> => {
  switch (takes) {
    case 'units': {
      const end = at.lastIndexOf(',') + 1;
      return { lookup: 'units', prefix: at.slice(0, end), begun: at.slice(end) };
    }
    case 'unit':
    case 'maybe unit':
    case 'unit text':
    case 'unit maybe text':
      return count === 0 ? { lookup: 'units' } : {};
    case 'path':
    case 'maybe path':
      return count === 0 ? { lookup: 'files' } : {};
    case 'id':
    case 'maybe id':
      return count === 0 ? { lookup: 'checkpoints' } : {};
    case 'nothing':
    case 'maybe text':
      return {};
  }
};
