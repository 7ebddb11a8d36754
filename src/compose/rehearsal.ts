// Whether the script of a rehearsal can be played, looked at before a run begins: a part of its own, since only rehearsals need it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSpec, scriptName } from '../rehearsal/find-spec.ts';
import { readScript } from '../rehearsal/script.ts';

/** `path` is that of the script, absolute; `problems` are one line each, at least one. */
export type RehearsalLook =
  | { kind: 'playable' }
  | { kind: 'missing'; message: string }
  | { kind: 'wrong'; path: string; problems: string[] };

/**
 * Looks where the rehearsal agent itself will: in the folder that `named` ($SEQRUN_REHEARSAL) says, or else beside the task file. Both
 * other paths are absolute. A script that cannot be read is wrong.
 */
export const lookAtRehearsal = (
  tasksPath: string,
  { named, workdir }: { named: string | undefined; workdir: string },
): RehearsalLook => {
  const found = findSpec({ named, files: [tasksPath], remembered: null, spec: undefined, workspace: workdir });
  if (!found.ok) return { kind: 'missing', message: found.message };
  const path = join(found.folder, scriptName);
  try {
    const reading = readScript(readFileSync(path, 'utf8'));
    return reading.ok ? { kind: 'playable' } : { kind: 'wrong', path, problems: reading.problems };
  } catch (error) {
    return { kind: 'wrong', path, problems: [error instanceof Error ? error.message : String(error)] };
  }
};
