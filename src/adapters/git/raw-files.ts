// Files of a work tree as git objects of exactly their bytes: no clean filter, no line ends changed, whatever attributes say.
import { createHash } from 'node:crypto';
import {
  accessSync,
  type BigIntStats,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { outputOf, Trouble } from './call.ts';
import { folderOf, type Name, onDisk } from './names.ts';

/** What a tree says of one path. */
export interface Recorded {
  /** `100644`, `100755`, `120000` (link) or `160000` (submodule). */
  mode: string;
  /** Id of the object with the bytes, the link's target, or the submodule's commit. */
  oid: string;
}

/** Whether every folder above `name` is one and no link. `.git` in one of them: the path is in a repository of its own. */
export const createWays = (root: string) => {
  const seen = new Map<Name, 'folder' | 'missing' | string>();
  const way = (folder: Name): 'folder' | 'missing' | string => {
    if (folder === '') return 'folder';
    const old = seen.get(folder);
    if (old !== undefined) return old;
    const above = way(folderOf(folder));
    const here = above === 'folder' ? look(folder) : above;
    seen.set(folder, here);
    return here;
  };
  const look = (folder: Name) => {
    const info = lstatSync(onDisk(root, folder), { throwIfNoEntry: false });
    if (!info) return 'missing';
    if (info.isSymbolicLink()) return 'a folder above it is a link';
    if (!info.isDirectory()) return 'a folder above it is a file';
    const inner = lstatSync(onDisk(root, `${folder}/.git`), { throwIfNoEntry: false });
    return inner ? 'it is inside another repository or a submodule' : 'folder';
  };
  return {
    /** `folder`: it can be reached; `missing`: a folder has to be made; else the reason why it is out of bounds. */
    to: (name: Name) => way(folderOf(name)),
    /** To be called when folders were made, removed or replaced. */
    forget: () => seen.clear(),
  };
};

export type Ways = ReturnType<typeof createWays>;

/** Mode as git records it, or null for what it cannot hold. The x of the owner decides, as in git, whatever core.fileMode says. */
export const modeOf = (info: BigIntStats): string | null => {
  if (info.isSymbolicLink()) return '120000';
  if (!info.isFile()) return null;
  return info.mode & 0o100n ? '100755' : '100644';
};

/** Everything about a file that changes when its bytes do. */
const signatureOf = (info: BigIntStats): string =>
  `${info.dev}:${info.ino}:${info.mode}:${info.size}:${info.mtimeNs}:${info.ctimeNs}`;

/** A file that was changed so lately may change again without its times showing it (the coarsest clock of a file system: 2 s). */
const freshNs = 2_000_000_000n;

/** Object ids of files of one repository, remembered for as long as their inode and times stay. */
export const createRawFiles = (root: string) => {
  const ids = new Map<Name, { signature: string; oid: string }>();
  const remember = (name: Name, info: BigIntStats, oid: string, asOfNs: bigint) => {
    const settledNs = asOfNs - freshNs;
    if (info.mtimeNs < settledNs && info.ctimeNs < settledNs) ids.set(name, { signature: signatureOf(info), oid });
    else ids.delete(name);
  };
  /** The id it had when it was read last, or null when it has to be read. */
  const known = (name: Name, info: BigIntStats): string | null => {
    const old = ids.get(name);
    return old?.signature === signatureOf(info) ? old.oid : null;
  };

  /**
   * Ids of files; with `write` their objects are in the repository afterwards. Links are written through files in `temp`.
   * Throws `Trouble` when files vanish while they are read.
   */
  const idsOf = async (
    files: ReadonlyMap<Name, BigIntStats>,
    { write, temp }: { write: boolean; temp: string },
  ): Promise<Map<Name, string>> => {
    const asOfNs = BigInt(Date.now()) * 1_000_000n;
    const found = new Map<Name, string>();
    const asked: Name[] = [];
    const lines: string[] = [];
    for (const [name, info] of files) {
      const old = known(name, info);
      if (old !== null) {
        found.set(name, old);
        continue;
      }
      asked.push(name);
      lines.push(
        info.isSymbolicLink() ? quoted(linkText(root, name, join(temp, `link-${lines.length}`))) : quoted(name),
      );
    }
    if (asked.length === 0) return found;
    const args = ['hash-object', ...(write ? ['-w'] : []), '--no-filters', '--stdin-paths'];
    const output = await outputOf(root, args, { input: Buffer.from(lines.join(''), 'latin1'), limitMs: 600_000 });
    const oids = output.toString().split('\n').slice(0, -1);
    if (oids.length !== asked.length) throw new Trouble(`git hash-object gave ${oids.length} of ${asked.length} ids`);
    asked.forEach((name, at) => {
      found.set(name, oids[at]!);
      remember(name, files.get(name)!, oids[at]!, asOfNs);
    });
    return found;
  };

  /** What stands under a name now, compared with what a tree may say; null: nothing, or what git cannot hold. No process is started. */
  const recordOf = (name: Name, oidLength: number): Recorded | null => {
    const info = lstatSync(onDisk(root, name), { bigint: true, throwIfNoEntry: false });
    const mode = info ? modeOf(info) : null;
    if (!info || mode === null) return null;
    return { mode, oid: known(name, info) ?? ownIdOf(root, name, info, oidLength) };
  };

  return { idsOf, recordOf, known };
};

export type RawFiles = ReturnType<typeof createRawFiles>;

/** Whether its bytes may be read by this user. */
export const isReadable = (root: string, name: Name): boolean => {
  try {
    accessSync(onDisk(root, name), constants.R_OK);
    return true;
  } catch {
    return false;
  }
};

/** Writes the target of a link into a file and gives that file's name. */
const linkText = (root: string, name: Name, path: string): Name => {
  writeFileSync(path, readlinkSync(onDisk(root, name), { encoding: 'buffer' }));
  return Buffer.from(path).toString('latin1');
};

/** A line for --stdin-paths. git takes one that begins with `"` as quoted in the manner of C, and drops a CR at the end of others. */
const quoted = (name: Name): string => {
  if (!/[\x00-\x1f"\\\x7f]/.test(name)) return `${name}\n`;
  const escaped = name.replace(/[\x00-\x1f"\\\x7f]/g, byte => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return `"${escaped}"\n`;
};

/** The id that git would give these bytes (gitformat-object: `blob <size>\0` before them); 40 digits are SHA-1, 64 SHA-256. */
const ownIdOf = (root: string, name: Name, info: BigIntStats, oidLength: number): string => {
  const hash = createHash(oidLength === 64 ? 'sha256' : 'sha1');
  const path = onDisk(root, name);
  if (info.isSymbolicLink()) {
    const target = readlinkSync(path, { encoding: 'buffer' });
    return hash.update(`blob ${target.length}\0`).update(target).digest('hex');
  }
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    hash.update(`blob ${info.size}\0`);
    const piece = Buffer.allocUnsafe(1024 * 1024);
    for (;;) {
      const size = readSync(fd, piece);
      if (size === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, size));
    }
  } finally {
    closeSync(fd);
  }
};
