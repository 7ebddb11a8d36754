// Finds the spec folder whose rehearsal.json is played.
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Name of the script, beside tasks.md. */
export const scriptName = 'rehearsal.json';

export interface Clues {
  /** `SEQRUN_REHEARSAL`: a spec folder or the script in it; wins over everything when it is set. */
  named: string | undefined;
  /** Files that the prompt names, relative to the workspace. */
  files: readonly string[];
  /** Spec folder of the session that is gone on with, or null. */
  remembered: string | null;
  /** `SEQRUN_SPEC`: the spec's name. */
  spec: string | undefined;
  /** Absolute. */
  workspace: string;
}

export type Found = { ok: true; folder: string; tasksFile: string } | { ok: false; message: string };

/** The first folder that holds a script: named, in the prompt, remembered, at the usual place. Real paths. */
export const findSpec = (clues: Clues): Found => {
  const { named, files, remembered, spec, workspace } = clues;
  const looked: string[] = [];
  const look = (folder: string, tasks = 'tasks.md'): Found | null => {
    const script = join(folder, scriptName);
    if (!looked.includes(script)) looked.push(script);
    if (!existsSync(script)) return null;
    const real = realpathSync(folder);
    return { ok: true, folder: real, tasksFile: join(real, tasks) };
  };
  if (named) {
    const path = resolve(workspace, named);
    const found = look(basename(path) === scriptName ? dirname(path) : path);
    if (found) return found;
  } else {
    for (const file of files) {
      const path = resolve(workspace, file);
      const found = look(dirname(path), basename(path));
      if (found) return found;
    }
    const rest = [remembered, spec ? join(workspace, '.kiro', 'specs', spec) : null];
    for (const folder of rest) {
      const found = folder === null ? null : look(folder);
      if (found) return found;
    }
  }
  return {
    ok: false,
    message: `no ${scriptName} found (looked at: ${looked.slice(0, 5).join(', ') || 'nothing'}); lay one beside tasks.md, for example { "default": "done" }`,
  };
};
