// Where seqrun keeps things: the state home, a workspace's folder and a spec's folder in it, the promised files beside a spec.
import { createHash } from 'node:crypto';
import { chmod, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { reasonOf } from './atomic.ts';
import { makeFolders } from './make-folders.ts';

/** Every path of one spec in one workspace, absolute. */
export interface Places {
  /** `$XDG_STATE_HOME/seqrun`. */
  home: string;
  /** `workspaces/<hash>`: holds `lock/` and `open`. */
  workspace: string;
  /** `specs/<slug>-<hash>`. */
  spec: string;
  journal: string;
  inbox: string;
  starts: string;
  /** Name of the spec: last part of its folder's real path; its key in the state file. */
  specName: string;
  /** Real path of the spec folder. */
  specFolder: string;
  /** Folder that holds the spec folder, the state file, the progress file and the lock beside them. */
  specsFolder: string;
  stateFile: string;
  progressFile: string;
}

/**
 * `$XDG_STATE_HOME/seqrun`, by default `~/.local/state/seqrun`. A relative XDG_STATE_HOME is ignored, as the XDG base directory
 * specification demands.
 */
export const stateHome = (env: Readonly<Record<string, string | undefined>>): string => {
  const xdg = env.XDG_STATE_HOME;
  const base =
    xdg && isAbsolute(xdg) ? xdg : join(env.HOME && isAbsolute(env.HOME) ? env.HOME : homedir(), '.local/state');
  return join(base, 'seqrun');
};

/**
 * Computes the places; touches nothing. Folders that do not exist (yet) are taken by their plain absolute path. `workspace` is
 * the git top level of the workdir, else the workdir.
 */
export const findPlaces = async (from: {
  env: Readonly<Record<string, string | undefined>>;
  specFolder: string;
  workspace: string;
}): Promise<Places> => {
  const home = stateHome(from.env);
  const specFolder = await real(from.specFolder);
  const workspace = await real(from.workspace);
  const specName = basename(specFolder);
  const specsFolder = dirname(specFolder);
  const spec = join(home, 'specs', `${slugOf(specName)}-${shortHash(specFolder)}`);
  return {
    home,
    workspace: join(home, 'workspaces', shortHash(workspace)),
    spec,
    journal: join(spec, 'journal.jsonl'),
    inbox: join(spec, 'inbox'),
    starts: join(spec, 'starts'),
    specName,
    specFolder,
    specsFolder,
    stateFile: join(specsFolder, 'SEQUENTIAL_STATE.json'),
    progressFile: join(specsFolder, 'SEQUENTIAL_PROGRESS.md'),
  };
};

export type Making = { kind: 'made' } | { kind: 'unwritable'; exit: 73; path: string; message: string };

/** Makes the folders of the state home, each 0700: prompts and environments of agents are kept in there. */
export const makePlaces = async (places: Places): Promise<Making> => {
  for (const path of [places.home, places.workspace, places.spec, places.inbox, places.starts]) {
    try {
      await makeFolders(path, 0o700);
      const { mode, uid } = await stat(path);
      if ((mode & 0o077) !== 0 && uid === process.getuid?.()) await chmod(path, 0o700);
    } catch (error) {
      return {
        kind: 'unwritable',
        exit: 73,
        path,
        message:
          `The folder for seqrun's own files cannot be made: ${reasonOf(error)}\n  at ${path}\n` +
          `Expected a folder that this user may write; in the sandbox of a coding agent, call seqrun outside it. ` +
          `Or choose another one: XDG_STATE_HOME=$HOME/.state seqrun …`,
      };
    }
  }
  return { kind: 'made' };
};

/** `a-zA-Z0-9._-` of a name, at most 40 characters, never empty and never beginning with a dot. */
export const slugOf = (name: string): string => {
  const slug = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[-.]+|-+$/g, '')
    .slice(0, 40);
  return slug === '' ? 'spec' : slug;
};

const shortHash = (path: string): string => createHash('sha256').update(path).digest('hex').slice(0, 16);

const real = (path: string): Promise<string> => realpath(path).catch(() => resolve(path));
