// `seqrun config`: each setting with its value and where it came from. Starts nothing and writes nothing.
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { asLastTime } from '../as-last-time.ts';
import { configLines, configView } from '../config-view.ts';
import type { Failure } from '../errors.ts';
import type { Intention } from '../intention.ts';
import { readEnv } from '../layers.ts';
import type { CommandModule, Io } from '../main.ts';
import { checkPlaces, placesOf, type TypedPlaces } from '../places.ts';

/**
 * 0 = shown; 64 = settings that contradict what the last run was given; 65, 66 = no such spec, or damaged: what is known of the settings
 * is shown all the same.
 */
export const run: CommandModule['run'] = async (intention, io) => {
  const { console, cwd, env } = io;
  const named = intention.command === 'config' && intention.named;
  const places = placesOf(intention.spec, intention.settings.workdir ?? (named ? null : cwd), cwd);
  const last = named ? await withLastRun(intention, io, places) : intention;
  const meant = 'exit' in last ? intention : last;
  const shown = (path: string): string => {
    const way = relative(cwd, path) || '.';
    return way.startsWith('..') ? path : way;
  };
  const view = configView(meant, {
    spec: named ? places.spec : null,
    workdir: places.workdir,
    variables: readEnv(env).variables,
    env,
    shown,
  });
  if (intention.settings.json) console.json(view, 2);
  else for (const line of configLines(view, shown)) console.out(...line);
  if (!('exit' in last)) return 0;
  console.fail(last);
  return last.exit;
};

/** With what a next run would take over from the last one of the spec. */
const withLastRun = async (intention: Intention, io: Io, places: TypedPlaces): Promise<Intention | Failure> => {
  const wrong = checkPlaces(places, io.cwd);
  if (wrong) return wrong;
  // Every run leaves this file.
  if (!existsSync(join(dirname(places.spec), 'SEQUENTIAL_STATE.json'))) return intention;
  const { lookAt } = await import('../look.ts');
  const looked = await lookAt(intention, io);
  return 'exit' in looked ? looked : asLastTime(intention, looked.state.run);
};
