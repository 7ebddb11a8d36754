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
  const last = await lastInWorkspace(intention, taken);
  const changedBy = last !== null && last.run !== state.run?.id && !last.settled && last.hash !== now;
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
  const last = settled ? await lastInWorkspace(intention, taken) : null;
  const text = last?.run === id ? last.text : textNow(intention, taken.workdir);
  const kept = `${settled ? 'settled' : 'running'} ${id} ${config}\n${text}`;
  await writeFile(keptInWorkspace(intention, taken), kept, { mode: 0o600 }).catch(() => undefined);
};

/** What is kept of the last run in the workspace whose settings come from the same place; null = nothing. */
const lastInWorkspace = async (intention: Intention, taken: Taken) => {
  const kept = await readFile(keptInWorkspace(intention, taken), 'utf8').catch(() => '');
  const [, how, run, hash, text] = /^(settled|running) (\S+) (\S+)\n([\s\S]*)$/.exec(kept) ?? [];
  return how === undefined ? null : { settled: how === 'settled', run: run!, hash: hash!, text: text! };
};

const keptInWorkspace = (intention: Intention, { places, workdir }: Taken): string => {
  const { asked, folder } = placeOfConfig(intention, workdir);
  return join(places.workspace, `config-${hashText(asked ?? folder)}.kept`);
};

/** What the settings say now; empty when there are none. */
const textNow = (intention: Intention, workdir: string): string => {
  if (intention.config === null) return '';
  const { asked, folder } = placeOfConfig(intention, workdir);
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
