// The checkpoints of a spec: one JSON file each in its folder of the state home, and `latest`, a link to the newest.
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  type Checkpoint,
  type CheckpointKind,
  checkpointId,
  checkpointKinds,
  checkpointOrder,
  surplus,
} from '../../core/checkpoint.ts';
import { codeOf, syncFolder, tempNameFor } from './atomic.ts';
import { removeTempsOfTheDead } from './litter.ts';

/** One that is there: read, or why it cannot be. */
export type FoundCheckpoint =
  | { kind: 'read'; checkpoint: Checkpoint; path: string }
  | { kind: 'damaged'; id: string; path: string; because: string };

export interface CheckpointStore {
  folder: string;
  /** Newest first. Temp files and names that are no ids are passed over. Throws what the disk says, but for a folder that is missing. */
  list(): FoundCheckpoint[];
  /** The next id of that second: numbers of removed ones below it are not given again, or the newest would seem the oldest. */
  freeId(atMs: number): string;
  /**
   * Writes one, whole or not at all (0600). `false`: somebody else has just taken its id. `lasting`: flushed to the disk. Throws what
   * the disk says.
   */
  add(checkpoint: Checkpoint, options: { lasting: boolean }): Promise<boolean>;
  /** Removes the files of those ids; `latest` never points to nothing afterwards. */
  remove(ids: readonly string[]): void;
  /** Removes what is beyond the newest `keep` of each kind, and says what that was. Damaged ones stay: only a person can tell what they were. */
  prune(keep: number): { id: string; kind: CheckpointKind }[];
  /** Removes temp files that a crash has left. */
  tidy(): void;
}

/** `specFolder`: the spec's folder in the state home. Nothing is made before the first `add`. */
export const openCheckpoints = (specFolder: string): CheckpointStore => {
  const folder = join(specFolder, 'checkpoints');
  const pathOf = (id: string) => join(folder, `${id}.json`);

  const ids = (): string[] => {
    let names: string[];
    try {
      names = readdirSync(folder);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
    return names
      .flatMap(name => {
        const id = name.endsWith('.json') ? name.slice(0, -'.json'.length) : '';
        const order = checkpointOrder(id);
        return order === null ? [] : [{ id, order }];
      })
      .sort((one, other) => (one.order < other.order ? 1 : -1))
      .map(({ id }) => id);
  };

  const list = (): FoundCheckpoint[] =>
    ids().flatMap(id => {
      const path = pathOf(id);
      try {
        const checkpoint = readCheckpoint(readFileSync(path, 'utf8'), id);
        return typeof checkpoint === 'string'
          ? { kind: 'damaged' as const, id, path, because: checkpoint }
          : { kind: 'read' as const, checkpoint, path };
      } catch (error) {
        return codeOf(error) === 'ENOENT' ? [] : { kind: 'damaged' as const, id, path, because: String(error) };
      }
    });

  /** The newest that is no safety copy: going back to that one again must mean the same one. */
  const setLatest = (): void => {
    const newest = ids().find(id => kindOf(pathOf(id)) !== 'safety');
    const link = join(folder, 'latest');
    if (newest === undefined) {
      rmSync(link, { force: true });
      return;
    }
    const temp = tempNameFor(link);
    symlinkSync(`${newest}.json`, temp);
    renameSync(temp, link);
  };

  const add = async (checkpoint: Checkpoint, { lasting }: { lasting: boolean }): Promise<boolean> => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = pathOf(checkpoint.id);
    const temp = tempNameFor(path);
    try {
      writeFileSync(temp, `${JSON.stringify(checkpoint, null, 1)}\n`, { mode: 0o600, flag: 'wx' });
      chmodSync(temp, 0o600);
      if (lasting) flush(temp);
      // Not a rename: that would replace one of the same second.
      linkSync(temp, path);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(temp, { force: true });
    }
    setLatest();
    if (lasting) await syncFolder(folder);
    return true;
  };

  const remove = (gone: readonly string[]): void => {
    for (const id of gone) rmSync(pathOf(id), { force: true });
    if (gone.length > 0 && !existsSync(join(folder, 'latest'))) setLatest();
  };

  return {
    folder,
    list,
    freeId: atMs => {
      const first = checkpointId(atMs);
      const taken = ids().flatMap(id =>
        id === first ? 1 : id.startsWith(`${first}-`) ? Number(id.slice(first.length + 1)) : [],
      );
      return checkpointId(atMs, Math.max(0, ...taken) + 1);
    },
    add,
    remove,
    prune: keep => {
      const known = ids().flatMap(id => {
        const kind = kindOf(pathOf(id));
        return kind === null ? [] : [{ id, kind }];
      });
      const gone = new Set(surplus(known, keep));
      remove([...gone]);
      return known.filter(({ id }) => gone.has(id));
    },
    tidy: () => {
      removeTempsOfTheDead(folder);
    },
  };
};

const flush = (path: string): void => {
  const fd = openSync(path, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

/** It stands in the second line of what is written here: saved ones of large specs are large. null: it cannot be told. */
const kindOf = (path: string): CheckpointKind | null => {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const head = Buffer.alloc(200);
    const text = head.toString('utf8', 0, readSync(fd, head, 0, head.length, 0));
    const word = /"kind":\s*"(\w+)"/.exec(text)?.[1];
    return checkpointKinds.find(kind => kind === word) ?? null;
  } finally {
    closeSync(fd);
  }
};

/** The checkpoint of a file's text, or what is wrong with it: only what others go by is looked at. */
const readCheckpoint = (text: string, id: string): Checkpoint | string => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text.trim() === '' ? 'the file is empty' : 'it is no JSON';
  }
  const found = value as Partial<Checkpoint> | null;
  const { version, kind, timestamp, seq, journal, todos, git, trees } = (typeof found === 'object' && found) || {};
  if (found?.id !== id) return 'its id is not its name';
  if (version !== 1) return `it has version ${String(version)}, this seqrun reads 1`;
  const isList = (one: unknown): boolean => Array.isArray(one) && one.every(item => typeof item === 'string');
  const ok =
    checkpointKinds.includes(kind as CheckpointKind) &&
    typeof timestamp === 'string' &&
    !Number.isNaN(Date.parse(timestamp)) &&
    Number.isSafeInteger(seq) &&
    (journal === null || typeof journal === 'string') &&
    isList(todos?.completed) &&
    (git === null || Array.isArray(git?.repos)) &&
    (trees === undefined ||
      (Array.isArray(trees) &&
        trees.every(tree => typeof tree?.repo === 'string' && typeof tree.ref === 'string' && 'commit' in tree)));
  return ok ? (found as Checkpoint) : 'it is not what seqrun writes';
};
