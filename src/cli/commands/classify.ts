// `seqrun classify`, hidden: the verdict on a run that was recorded, as JSON. Starts nothing and writes nothing.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Temporal } from 'temporal-polyfill';
import { agentNamed, agentNames, processEndOf, readLastText, readRecordedRun } from '../../compose/recorded.ts';
import { type Failure, quote, usageFailure } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { HiddenCommandModule } from '../main.ts';
import { nearest } from '../nearest.ts';

const HELP = `Usage: seqrun classify <agent> --stdout <file> --stderr <file> --exit <code>
       [flags]

Prints the verdict on a recorded run of an agent CLI as JSON on stdout:
{"class": …, "resetAt": epoch ms or null, "sessionId": … or null,
 "signal": "TASK_DONE", "COMPLETE", "HALT" or null, "usage": … or null}

Agents: ${agentNames.join(', ')}

  --stdout <file>     What the CLI wrote to stdout
  --stderr <file>     What it wrote to stderr
  --exit <code>       Its exit code; 128 + n = ended by signal n (137: KILL)
  --at <instant>      When it ended, 2026-11-20T08:10:00Z (now)
  --started <instant> When it began. Unknown, it is taken for the first run of
                      its session, or for the newest one in --rollout
  --interrupt         Ctrl-C was pressed while it ran
  --tz <zone>         Its time zone, Europe/Berlin (that of this process)
  --rollout <file>    The session file of Codex`;

/** What the words mean, checked but for the files. */
interface Asked {
  agent: string;
  stdout: string;
  stderr: string;
  rollout: string | null;
  code: number;
  interrupt: boolean;
  endedAtMs: number;
  startedAtMs: number | null;
  zone: string;
}

/** 0 = a verdict was printed, whatever it is; 64 = wrong words; 66 = a file that cannot be read. */
export const runWords: HiddenCommandModule['runWords'] = async (words, { console, cwd }) => {
  if (words.includes('--help') || words.includes('-h')) {
    console.text(HELP);
    return EXIT.done;
  }
  const asked = readWords(words);
  const read = Array.isArray(asked) ? asked : classify(asked, cwd);
  if (Array.isArray(read)) {
    for (const failure of read) console.fail(failure);
    return read[0]!.exit;
  }
  console.json(read, 2);
  return EXIT.done;
};

const classify = (asked: Asked, cwd: string): Record<string, unknown> | Failure[] => {
  const failures: Failure[] = [];
  const opened = (path: string): Iterable<Uint8Array> => {
    const pieces = piecesOf(resolve(cwd, path));
    if (typeof pieces !== 'string') return pieces;
    failures.push(unreadable(path, pieces));
    return [];
  };
  const stdout = opened(asked.stdout);
  const stderr = opened(asked.stderr);
  const file = asked.rollout === null ? null : readLastText(resolve(cwd, asked.rollout));
  if (asked.rollout !== null && file === null) failures.push(unreadable(asked.rollout, 'no text'));
  if (failures.length > 0) return failures;

  // Neither of the two is started, so what they would start does not matter.
  const agent = agentNamed(asked.agent, { rehearsal: { node: '', script: '' }, command: [asked.agent] })!;
  const { classification, facts, signal } = readRecordedRun(agent, {
    stdout,
    stderr,
    end: {
      exit: processEndOf(asked.code, asked.interrupt),
      file,
      startedAtMs: asked.startedAtMs,
      endedAtMs: asked.endedAtMs,
      zone: asked.zone,
    },
  });
  return {
    class: classification.class,
    resetAt: classification.resetAtMs,
    sessionId: facts.session,
    signal: signal?.kind ?? null,
    usage: facts.usage,
  };
};

const pieceBytes = 1_000_000;

/** The bytes of a file, read while they are asked for; or the code of the error why they cannot be. */
const piecesOf = (path: string): Iterable<Uint8Array> | string => {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown error';
  }
  if (fstatSync(fd).isDirectory()) {
    closeSync(fd);
    return 'EISDIR';
  }
  return (function* () {
    const buffer = Buffer.alloc(pieceBytes);
    for (;;) {
      const got = readSync(fd, buffer);
      if (got === 0) break;
      yield buffer.subarray(0, got);
    }
    closeSync(fd);
  })();
};

const unreadable = (path: string, why: string): Failure => ({
  exit: EXIT.missingInput,
  what: `the recorded run cannot be read (${why})`,
  where: { name: path },
  expected: 'a file this user may read',
  next: `ls -l ${path}`,
});

const OPTIONS = {
  stdout: { type: 'string' },
  stderr: { type: 'string' },
  exit: { type: 'string' },
  at: { type: 'string' },
  started: { type: 'string' },
  interrupt: { type: 'boolean' },
  tz: { type: 'string' },
  rollout: { type: 'string' },
  'no-color': { type: 'boolean' },
} as const;
type Option = keyof typeof OPTIONS;

const EXAMPLE = 'seqrun classify codex --stdout run.jsonl --stderr run.stderr --exit 0';

const wrongWord = (what: string, expected: string | null, next: string): Failure =>
  usageFailure(what, { where: { name: 'command line' }, expected, next });

/** What was asked for, or everything that is wrong with the words (never empty). */
const readWords = (words: readonly string[]): Asked | Failure[] => {
  const failures: Failure[] = [];
  const wrong = (...failure: Parameters<typeof wrongWord>) => failures.push(wrongWord(...failure));
  const { given, agents } = typed(words, wrong);

  const agent = agents[0] ?? '';
  if (agents.length === 0) wrong('classify needs the name of an agent', `one of ${agentNames.join(', ')}`, EXAMPLE);
  else if (!agentNames.some(name => name === agent)) {
    const near = nearest(agent, agentNames);
    wrong(
      `there is no agent ${quote(agent)}`,
      `one of ${agentNames.join(', ')}`,
      near ? `did you mean ${near}?` : EXAMPLE,
    );
  }
  if (agents.length > 1) wrong(`classify got ${quote(agents[1]!)}, which it does not take`, 'one agent', EXAMPLE);

  const needed = (name: 'stdout' | 'stderr' | 'exit', expected: string): string => {
    if (given[name] === undefined) wrong(`--${name} is missing`, expected, EXAMPLE);
    return given[name] ?? '';
  };
  const codeText = 'a whole number from 0 to 255';
  const code = needed('exit', codeText);
  if (given.exit !== undefined && !(/^\d{1,3}$/.test(code) && Number(code) <= 255)) {
    wrong(`--exit got ${quote(code)}`, codeText, '--exit 0');
  }
  const instant = (name: 'at' | 'started'): number | null => {
    const text = given[name];
    const ms = text === undefined ? null : instantMs(text);
    if (text !== undefined && ms === null) {
      wrong(`--${name} got ${quote(text)}`, 'an instant with date, time and zone', `--${name} 2026-11-20T08:10:00Z`);
    }
    return ms;
  };
  const zone = given.tz ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!isZone(zone)) wrong(`--tz got ${quote(zone)}`, 'an IANA time zone', '--tz Europe/Berlin');
  const asked: Asked = {
    agent,
    stdout: needed('stdout', 'the file with what the CLI wrote to stdout'),
    stderr: needed('stderr', 'the file with what the CLI wrote to stderr'),
    rollout: given.rollout ?? null,
    code: Number(code),
    interrupt: given.interrupt !== undefined,
    endedAtMs: instant('at') ?? Date.now(),
    startedAtMs: instant('started'),
    zone,
  };
  return failures.length > 0 ? failures : asked;
};

/** Values by flag (the last one counts) and words beside them. */
const typed = (words: readonly string[], wrong: (...failure: Parameters<typeof wrongWord>) => void) => {
  const { tokens } = parseArgs({
    args: [...words],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given: Partial<Record<Option, string>> = {};
  const agents: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') agents.push(token.value);
    if (token.kind !== 'option') continue;
    const name = Object.keys(OPTIONS).find(one => one === token.name) as Option | undefined;
    if (name === undefined) {
      const near = nearest(token.name, Object.keys(OPTIONS));
      const next = near ? `did you mean --${near}?` : 'seqrun classify --help';
      wrong(`classify has no flag ${token.rawName}`, null, next);
    } else if (OPTIONS[name].type === 'boolean') given[name] = '';
    else if (token.value && !(token.inlineValue === false && token.value.startsWith('--'))) given[name] = token.value;
    else wrong(`--${name} has no value`, null, EXAMPLE);
  }
  return { given, agents };
};

const instantMs = (text: string): number | null => {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return null;
  }
};

const isZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};
