// Finds out whether the config file was changed while a job was open: an agent must not edit its own settings.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configName } from './config.ts';
import type { Failure } from './errors.ts';
import type { Intention } from './intention.ts';
import type { Taken } from './take.ts';

/** Hash of the config file as it is now: the same words as in the journal, `none` when there is no file. */
export const configHashOf = async (intention: Intention, workdir: string): Promise<string> => {
  const path = intention.config?.path ?? join(workdir, configName);
  const bytes = await readFile(path).catch(() => null);
  return bytes === null ? 'none' : `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
};

/**
 * A failure (2) that shows the difference when the config was changed while a job was open and nobody has accepted it; null
 * otherwise, and the file's text is then kept for the next comparison (`config.kept` in the spec's own folder).
 */
export const checkConfigChange = async (intention: Intention, taken: Taken): Promise<Failure | null> => {
  const { state, places } = taken;
  const kept = join(places.spec, 'config.kept');
  const now = intention.config?.hash ?? 'none';
  const before = state.run?.config ?? null;
  // An open start: whoever changed the file since did it while that job was open.
  const changed = before !== null && before !== now && (state.configChanged !== null || state.open !== null);
  if (changed && !intention.settings.acceptConfig) {
    const old = await readFile(kept, 'utf8').catch(() => '');
    const text = intention.config ? readFileSync(intention.config.path, 'utf8') : '';
    return {
      exit: 2,
      what: 'the config file was changed while an agent was running',
      where: { name: intention.config?.path ?? join(taken.workdir, configName) },
      expected: `a person who has looked at it:\n${difference(old, text)}`,
      next: 'put it back, or accept it: seqrun --accept-config …',
    };
  }
  const text = intention.config ? await readFile(intention.config.path, 'utf8').catch(() => '') : '';
  await writeFile(kept, text, { mode: 0o600 }).catch(() => undefined);
  return null;
};

/** Lines that only one of the texts has; enough for a settings file. */
const difference = (before: string, after: string): string => {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const gone = old.filter(line => line.trim() !== '' && !now.includes(line)).map(line => `    - ${line}`);
  const added = now.filter(line => line.trim() !== '' && !old.includes(line)).map(line => `    + ${line}`);
  return [...gone, ...added].slice(0, 20).join('\n') || '    (only blanks differ)';
};
