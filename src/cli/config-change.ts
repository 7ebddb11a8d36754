// Finds out whether the settings in files were changed while a job was open: an agent must not edit its own settings.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
  if (changed && !intention.settings.acceptConfig) {
    const old = await readFile(kept, 'utf8').catch(() => '');
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
