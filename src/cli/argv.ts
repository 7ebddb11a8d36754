// Flags and words as typed, split by yargs and read one by one.
import yargs from 'yargs';
import { type Failure, quote, usageFailure } from './errors.ts';
import type { Kind } from './flag.ts';
import { type FlagName, flagOf, TYPED_FLAGS, type Values } from './flags.ts';
import { nearest } from './nearest.ts';
import { expectedOf, instead, readValue } from './values.ts';

/** Flags and words as typed. An array = nothing more can be said than this. */
export const readArgv = (
  argv: readonly string[],
): { values: Values; words: string[]; failures: Failure[] } | Failure[] => {
  let complaint: string | null = null;
  const parser = yargs([])
    .locale('en')
    .exitProcess(false)
    .help(false)
    .version(false)
    .parserConfiguration({
      // Ids are text (1.10 is not 1.1), and `--no-tmux` is a flag of its own.
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'short-option-groups': false,
    })
    .strictOptions()
    .fail(message => {
      complaint ??= message;
    });
  for (const name of TYPED_FLAGS) {
    if (flagOf(name).kind === 'switch') parser.option(name, { type: 'boolean' });
    else parser.option(name, { type: 'string', requiresArg: true });
  }
  const result = parser.parseSync([...argv]) as Record<string, unknown> & { _: (string | number)[] };
  if (complaint !== null) return complaints(complaint);

  const failures: Failure[] = [];
  const values: Record<string, unknown> = {};
  for (const name of TYPED_FLAGS) {
    const flag = flagOf(name);
    const given = result[name];
    if (given === undefined) continue;
    if (flag.kind === 'switch') {
      // yargs takes `--flag=anything` as false.
      const written = argv.filter(word => word.startsWith(`--${name}=`)).at(-1);
      const reading = written === undefined ? null : readValue(flag, written.slice(name.length + 3));
      if (reading === null || reading.ok) values[name] = given;
      else failures.push(invalid(name, written!.slice(name.length + 3), reading.expected));
      continue;
    }
    // Repeated: the last one counts, lists are collected.
    const all = (Array.isArray(given) ? given : [given]).map(String);
    if (flag.kind === 'gates' && all.length > 1 && all.some(text => text.trim() === 'none'))
      failures.push(
        usageFailure(`--${name} none and another --${name} contradict each other`, { next: 'leave one out' }),
      );
    for (const text of isCollected(flag.kind) ? all : all.slice(-1)) {
      const reading = readValue(flag, text);
      if (!reading.ok) failures.push(invalid(name, text, reading.expected));
      else if (isCollected(flag.kind))
        values[name] = [...((values[name] as unknown[]) ?? []), ...(reading.value as unknown[])];
      else values[name] = reading.value;
    }
  }
  return { values: values as Values, words: result._.map(String), failures };
};

const isCollected = (kind: Kind): boolean =>
  kind === 'ids' || kind === 'choices' || kind === 'gates' || kind === 'paths';

const invalid = (name: FlagName, text: string, expected: string): Failure =>
  usageFailure(`--${name} got ${quote(text)}`, {
    expected,
    next: `--${name} ${instead(flagOf(name), text)}`.trimEnd(),
  });

/** yargs' own words about options, as failures with the nearest flag. */
const complaints = (message: string): Failure[] => {
  const [, unknown] = /^Unknown arguments?: (.*)$/s.exec(message) ?? [];
  if (unknown !== undefined) {
    return unknown.split(', ').map(word => {
      const dashes = word.length === 1 ? '-' : '--';
      const near = word.length === 1 ? null : nearest(word, [...TYPED_FLAGS, 'help', 'version']);
      return usageFailure(`there is no flag ${dashes}${word}`, {
        next: near === null ? 'seqrun --help lists all flags' : `did you mean --${near}?`,
      });
    });
  }
  const [, missing] = /^Not enough arguments following: (.*)$/s.exec(message) ?? [];
  const name = TYPED_FLAGS.find(flag => flag === missing);
  if (name === undefined) return [usageFailure(message, { next: 'seqrun --help lists all flags' })];
  return [
    usageFailure(`--${name} has no value`, {
      expected: expectedOf(flagOf(name)),
      next: `--${name} ${instead(flagOf(name), '')}`,
    }),
  ];
};
