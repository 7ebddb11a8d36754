// `seqrun complete --shell NAME -- words…`: what the scripts of `seqrun completion` ask. Answers quickly, and never with an error.

import { readFile } from 'node:fs/promises';
import { makePlan } from '../../core/plan.ts';
import { readSpec } from '../../spec/read.ts';
import { type Candidate, type Lookup, type Wanted, wantedAt } from '../completion/wanted.ts';
import { agentChoices, parseConfig } from '../config.ts';
import { readConfigFile } from '../config-file.ts';
import { EXIT } from '../exit-codes.ts';
import type { HiddenCommandModule, Io } from '../main.ts';
import { placesOf, specsNearby } from '../places.ts';
import { planOptionsOf } from '../plan-options.ts';
import { settingsOf } from '../settings.ts';

/** One line for each word that fits, then one that says what the shell adds by itself. Exit 0, whatever happens. */
export const runWords: HiddenCommandModule['runWords'] = async (words, io) => {
  const split = words.indexOf('--');
  const bash = words[1] === 'bash' && words[0] === '--shell';
  const given = words.slice(split + 1);
  const wanted = wantedAt(bash ? joined(given) : given);
  const found = await lookUp(wanted, io).catch(() => []);
  // bash takes the part behind = for a word of its own.
  const prefix = bash ? wanted.prefix.replace(/^--[a-z-]+=/, '') : wanted.prefix;
  const fitting = [...wanted.candidates, ...found].filter(({ word }) => word.startsWith(wanted.begun));
  for (const { word, help } of fitting) io.console.cells(`${prefix}${word}`, help);
  // A spec may be any folder, but the one that is meant is mostly among those that are known.
  const folders = wanted.lookup === 'folders' || (wanted.lookup === 'specs' && fitting.length === 0);
  io.console.out(wanted.lookup === 'files' ? ':files' : folders ? ':folders' : ':');
  return EXIT.done;
};

/** `--only`, `=`, `2` as bash splits it is one word. */
const joined = (words: readonly string[]): string[] => {
  const whole: string[] = [];
  for (let k = 0; k < words.length; k++) {
    if (words[k] === '=' && whole.at(-1)?.startsWith('--')) whole[whole.length - 1] += `=${words[++k] ?? ''}`;
    else whole.push(words[k]!);
  }
  return whole;
};

const LOOKUPS: Record<Lookup, (wanted: Wanted, io: Io) => Promise<Candidate[]>> = {
  files: async () => [],
  folders: async () => [],
  specs: async (_, { cwd }) => specsNearby(cwd).map(word => ({ word, help: 'a spec' })),
  units: async (wanted, io) => {
    const spec = specOf(wanted, io);
    if (spec === null) return [];
    const { tasksPath } = placesOf(spec, wanted.typed.workdir, io.cwd);
    const { plan } = makePlan(readSpec(await readFile(tasksPath)), {
      ...planOptionsOf(settingsOf({}, { agent: null, model: null })),
      includeOptional: true,
    });
    return plan.units.map(({ id, title }) => ({ word: id, help: title }));
  },
  agents: async (wanted, io) => {
    const spec = specOf(wanted, io);
    const { workdir } = placesOf(spec ?? io.cwd, wanted.typed.workdir ?? (spec === null ? io.cwd : null), io.cwd);
    const file = readConfigFile(wanted.typed.config, workdir);
    if (file === null || 'what' in file) return [];
    const config = parseConfig(file);
    return Array.isArray(config)
      ? []
      : agentChoices(config.values).flatMap(word =>
          wanted.candidates.some(one => one.word === word) ? [] : { word, help: 'of your own' },
        );
  },
  checkpoints: async (wanted, io) => {
    const spec = specOf(wanted, io);
    if (spec === null) return [];
    return [{ word: 'latest', help: 'the newest one' }];
  },
};

const lookUp = (wanted: Wanted, io: Io): Promise<Candidate[]> =>
  wanted.lookup === null ? Promise.resolve([]) : LOOKUPS[wanted.lookup](wanted, io);

/** As the commands guess it: typed, in the environment, or the only one here. */
const specOf = ({ typed }: Wanted, { env, cwd }: Io): string | null => {
  if (typed.spec ?? env.SEQRUN_SPEC) return typed.spec ?? env.SEQRUN_SPEC!;
  const nearby = specsNearby(cwd);
  return nearby.length === 1 ? nearby[0]! : null;
};
