// Finds out whether the settings in files were changed while a job was open: an agent must not edit its own settings.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hashText } from '../core/hash.ts';
import { configHashNow, configName, noConfig, readConfigFile, settingsText } from './config-file.ts';
import type { Failure } from './errors.ts';
import type { Intention } from './intention.ts';
import type { Taken } from './take.ts';

/** Where this call's settings come from: the file that was named, else the folder in which one was looked for. */
const placeOfConfig = ({ config, origins }: Intention, workdir: string): { asked: string | null; folder: string } => ({
  asked: origins.config === undefined ? null : (config?.path ?? null),
  // The file may have named another workdir.
  folder: config ? dirname(config.path) : workdir,
});

/** Hash of the settings as they are now, in whatever form: the same words as in the journal, `none` when there are none. */
export const configHashOf = async (intention: Intention, workdir: string): Promise<string> => {
  const { asked, folder } = placeOfConfig(intention, workdir);
  return configHashNow(asked, folder);
};

/**
 * A failure (2) that shows the difference when the settings were changed while a job was open and nobody has accepted it; null
 * otherwise, and their text is then kept for the next comparison (`config.kept` in the spec's own folder).
 */
export const checkConfigChange = async (intention: Intention, taken: Taken): Promise<Failure | null> => {
  const { state, places } = taken;
  const kept = join(places.spec, 'config.kept');
  const now = intention.config?.hash ?? noConfig;
  const before = state.run?.config ?? null;
  const text = textNow(intention, taken.workdir);
  // An open start: whoever changed the file since did it while that job was open.
  const changed = before !== null && before !== now && (state.configChanged !== null || state.open !== null);
  // Of a run that this journal does not know the workspace tells: another spec's, or one that was forgotten.
  const last = await lastInWorkspace(taken, placeName(intention, taken.workdir));
  const isForeign = last?.how === 'beside' || (last?.how === 'running' && last.run !== state.run?.id);
  const changedBy = isForeign && last !== null && last.hash !== now;
  if ((changed || changedBy) && !intention.settings.acceptConfig) {
    const old = changed ? await readFile(kept, 'utf8').catch(() => '') : last!.text;
    return {
      exit: 2,
      what: 'the config file was changed while an agent was running',
      where: { name: intention.config?.path ?? join(taken.workdir, configName) },
      expected: `a person who has looked at it:\n${difference(old, text)}`,
      next: 'put it back, or accept it: seqrun --accept-config …',
    };
  }
  await writeFile(kept, text, { mode: 0o600 }).catch(() => undefined);
  return null;
};

/**
 * Keeps, for whatever spec of the workspace is run next, with which settings this run began; `settled` when it is over and no job has
 * changed them: what changes from then on, a person changes. Where that cannot be written each spec knows of its own runs alone.
 */
export const rememberConfig = async (intention: Intention, taken: Taken, settled: boolean): Promise<void> => {
  const { id, config } = taken.state.run!;
  const place = placeName(intention, taken.workdir);
  const last = settled ? await lastInWorkspace(taken, place) : null;
  const text = last?.run === id ? last.text : textNow(intention, taken.workdir);
  await keepInWorkspace(taken, place, { how: settled ? 'settled' : 'running', run: id, hash: config, text });
  await rememberBeside(intention, taken, settled);
};

/**
 * The same for the settings of the workdir while a run goes by a file that was named: nobody reads them then, and the next run may.
 * What a job has left there, another run by a named file does not make good.
 */
const rememberBeside = async (intention: Intention, taken: Taken, settled: boolean): Promise<void> => {
  if (placeOfConfig(intention, taken.workdir).asked === null) return;
  const { id, config } = taken.state.run!;
  const place = taken.settingsFolder;
  const hash = configHashNow(null, place);
  const last = await lastInWorkspace(taken, place);
  const isChanged = last !== null && last.how !== 'settled' && last.hash !== hash;
  // The same words were accepted where they were named.
  const isAccepted = intention.settings.acceptConfig && hash === config;
  if (isChanged && (settled || !isAccepted)) return;
  if (settled && last?.run !== id) return;
  await keepInWorkspace(taken, place, {
    how: settled ? 'settled' : 'beside',
    run: id,
    hash,
    text: textIn(null, place),
  });
};

/** What is kept of the last run in the workspace that went by the settings in a place, or (`beside`) by others while they were there. */
interface Kept {
  how: 'running' | 'settled' | 'beside';
  run: string;
  hash: string;
  text: string;
}

const lastInWorkspace = async (taken: Taken, place: string): Promise<Kept | null> => {
  const kept = await readFile(keptFile(taken, place), 'utf8').catch(() => '');
  const [, how, run, hash, text] = /^(settled|running|beside) (\S+) (\S+)\n([\s\S]*)$/.exec(kept) ?? [];
  return how === undefined ? null : { how: how as Kept['how'], run: run!, hash: hash!, text: text! };
};

const keepInWorkspace = async (taken: Taken, place: string, { how, run, hash, text }: Kept): Promise<void> => {
  await writeFile(keptFile(taken, place), `${how} ${run} ${hash}\n${text}`, { mode: 0o600 }).catch(() => undefined);
};

const keptFile = ({ places }: Taken, place: string): string => join(places.workspace, `config-${hashText(place)}.kept`);

/** What tells places apart: the file that was named, else the folder. */
const placeName = (intention: Intention, workdir: string): string => {
  const { asked, folder } = placeOfConfig(intention, workdir);
  return asked ?? folder;
};

/** What the settings say now; empty when there are none. */
const textNow = (intention: Intention, workdir: string): string => {
  if (intention.config === null) return '';
  const { asked, folder } = placeOfConfig(intention, workdir);
  return textIn(asked, folder);
};

const textIn = (asked: string | null, folder: string): string => {
  const file = readConfigFile(asked, folder);
  return file === null || 'what' in file ? '' : (settingsText(file) ?? '');
};

/** Lines that only one of the texts has; enough for a settings file. */
const difference = (before: string, after: string): string => {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const gone = old.filter(line => line.trim() !== '' && !now.includes(line)).map(line => `    - ${line}`);
  const added = now.filter(line => line.trim() !== '' && !old.includes(line)).map(line => `    + ${line}`);
  return [...gone, ...added].slice(0, 20).join('\n') || '    (only blanks differ)';
};
