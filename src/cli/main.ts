// argv and environment → exit code. The one catch is here, and nobody else exits.
import { resolve } from 'node:path';
import { withinStart } from '../compose/within.ts';
import { withSpec } from '../core/with-spec.ts';
import { type CommandName, HIDDEN_COMMANDS } from './command-table.ts';
import { completed } from './completed.ts';
import { readConfigFile } from './config-file.ts';
import { type Console, createConsole, type Sink } from './console.ts';
import { crashFailure } from './crash.ts';
import type { Failure } from './errors.ts';
import type { Intention } from './intention.ts';
import { placesOf, specsNearby } from './places.ts';
import { bothWords } from './spec-words.ts';
import { version } from './version.ts';
import { type Parsed, parseWords, type WordsWorld } from './words.ts';

/** What a command is given beside its intention. */
export interface Io {
  console: Console;
  env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  cwd: string;
}

/** One file of `commands/`. Expected trouble is printed and returned as its exit code; only bugs throw. */
export interface CommandModule {
  run(intention: Intention, io: Io): Promise<number>;
}

/** One file of `commands/` that reads the words after its name itself. */
export interface HiddenCommandModule {
  runWords(words: readonly string[], io: Io): Promise<number>;
}

/** What `main` is told about the process. */
export interface Process {
  stdout: Sink;
  stderr: Sink;
  cwd: string;
}

/** Only the file of the command that was typed is loaded. */
const load = (name: CommandName): Promise<CommandModule> => import(`./commands/${name}.ts`);

const loadHidden = (name: (typeof HIDDEN_COMMANDS)[number]): Promise<HiddenCommandModule> =>
  import(`./commands/${name}.ts`);

/** Runs one call of seqrun. Resolves with the exit code when everything is printed; never throws. */
export const main = async (argv: readonly string[], env: Io['env'], world: Process): Promise<number> => {
  const { stdout, stderr, cwd } = world;
  const early = { stdout, stderr, env, quiet: false, verbose: false, noColor: argv.includes('--no-color') };
  let console = await createConsole(early);
  try {
    const hidden = HIDDEN_COMMANDS.find(name => name === argv[0]);
    if (hidden) {
      const { runWords } = await loadHidden(hidden);
      return await finished(console, await runWords(argv.slice(1), { console, env, cwd }));
    }
    const parsed = await parse(argv, env, {
      readConfigFile: asked =>
        readConfigFile(
          asked.config && resolve(cwd, asked.config),
          placesOf(asked.spec ?? cwd, asked.workdir ?? (asked.spec ? null : cwd), cwd).workdir,
        ),
      specsNearby: () => specsNearby(cwd),
      withinStart,
    });
    switch (parsed.kind) {
      case 'help': {
        if (parsed.command !== null) console.text((await import('./command-help.ts')).commandHelp(parsed.command));
        else console.text(await (await import('./help.ts')).helpText());
        return await finished(console, 0);
      }
      case 'version':
        console.out(version);
        return await finished(console, 0);
      case 'refused':
        for (const failure of parsed.failures) console.fail(failure);
        return await finished(console, parsed.failures[0]!.exit);
      case 'intention': {
        const { intention } = parsed;
        const { quiet, verbose, noColor } = intention.settings;
        console = completing(await createConsole({ ...early, quiet, verbose, noColor }), intention);
        for (const note of intention.notes) console.say(note);
        // A run outlives its terminal; everything else may end with it.
        if (intention.command === 'run' || intention.command === 'resume') process.on('SIGHUP', () => console.off());
        const command = await load(intention.command);
        return await finished(console, await command.run(intention, { console, env, cwd }));
      }
    }
  } catch (error) {
    console.fail(crashFailure(error, argv, env, Date.now()));
    return await finished(console, 70);
  }
};

/** As `parseWords`. The library for YAML costs as much as all the rest: it is loaded where a file needs it. */
const parse = async (
  argv: readonly string[],
  env: Io['env'],
  world: WordsWorld,
): Promise<Exclude<Parsed, { kind: 'yaml' }>> => {
  const parsed = parseWords(argv, env, world);
  if (parsed.kind !== 'yaml') return parsed;
  const { readYaml } = await import('./config-yaml.ts');
  const again = parseWords(argv, env, { ...world, readYaml });
  if (again.kind === 'yaml') throw new Error('Internal error: YAML can be read, and is asked for again');
  return again;
};

/** The console for a call whose spec is known: commands that a failure or a warning names are completed with it. */
const completing = (console: Console, intention: Intention): Console => {
  if (intention.origins.spec === undefined) return console;
  const words = bothWords(intention, []);
  const said = (text: string): string => withSpec(text, words);
  const whole = (failure: Failure): Failure => completed(failure, words);
  return {
    ...console,
    fail: failure => console.fail(whole(failure)),
    report: (severity, failure) => console.report(severity, whole(failure)),
    warn: (...pieces) => console.warn(...pieces.map(one => (typeof one === 'string' ? said(one) : one))),
  };
};

const finished = async (console: Console, exit: number): Promise<number> => {
  await console.flush();
  return exit;
};
