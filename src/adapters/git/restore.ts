// Puts the files of one repository back to a kept tree: only what the safety copy holds is ever replaced or removed.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { relative } from 'node:path';
import type { LeftOut, RepoRestore } from '../../core/tree.ts';
import { type Blobs, openBlobs } from './blobs.ts';
import { outputOf, runGit, Trouble } from './call.ts';
import { byName, folderOf, isOwn, type Name, nameOf, namesBelow, notForGit, onDisk, shown } from './names.ts';
import { createWays, type RawFiles, type Recorded, type Ways } from './raw-files.ts';
import type { Repo } from './repos.ts';

export interface RestoreOrder {
  repo: Repo;
  raw: RawFiles;
  /** Commits: what is to be there, and what was kept of the present state just before. */
  to: string;
  safety: string;
  /** The workdir: a folder that stays, also when it gets empty. */
  workdir: string;
  /** Absolute paths that are left alone. */
  without: readonly string[];
  /** false: only say what would be done. */
  perform: boolean;
}

type Tree = Map<Name, Recorded>;

interface Steps {
  write: Map<Name, Recorded>;
  remove: Set<Name>;
  skipped: LeftOut[];
}

/** Says or does it. HEAD, index and branches stay; ignored files too, and what neither tree records. Throws `Trouble`. */
export const restoreRepo = async (order: RestoreOrder): Promise<RepoRestore> => {
  const { repo, raw } = order;
  const [target, safety] = [await treeOf(repo.root, order.to), await treeOf(repo.root, order.safety)];
  const alone = namesBelow(repo.root, order.without);
  const steps = stepsFor(repo.root, raw, target, safety, alone);
  const result = { repo: repo.path, written: [] as string[], removed: [] as string[], skipped: steps.skipped };
  if (order.perform) await perform(order, safety, steps, result);
  else {
    result.written.push(...[...steps.write.keys()].map(shown));
    result.removed.push(...[...steps.remove].map(shown));
  }
  result.written.sort(byName);
  result.removed.sort(byName);
  result.skipped.sort((one, other) => byName(one.path, other.path));
  return result;
};

const treeOf = async (root: string, commit: string): Promise<Tree> => {
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw new Trouble(`${JSON.stringify(commit)} is no id of a commit`);
  const output = await outputOf(root, ['ls-tree', '-r', '-z', '--full-tree', commit]);
  const tree: Tree = new Map();
  for (const line of output.toString('latin1').split('\0')) {
    const [, mode, oid, name] = /^(\d+) \w+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    if (name !== undefined) tree.set(name, { mode: mode!, oid: oid! });
  }
  return tree;
};

const same = (one: Recorded | null | undefined, other: Recorded | null | undefined): boolean =>
  one?.mode === other?.mode && one?.oid === other?.oid;

const stepsFor = (root: string, raw: RawFiles, target: Tree, safety: Tree, alone: ReadonlySet<Name>): Steps => {
  const steps: Steps = { write: new Map(), remove: new Set(), skipped: [] };
  const ways = createWays(root);
  const leave = (name: Name, because: string) => steps.skipped.push({ path: shown(name), because });
  const leftAlone = (name: Name) => isOwn(name) || alone.has(name);
  for (const [name, recorded] of safety) {
    if (target.has(name) || leftAlone(name)) continue;
    if (recorded.mode === '160000') {
      leave(name, 'it is a submodule; it was none');
      continue;
    }
    const way = ways.to(name);
    if (way !== 'folder') continue;
    const now = raw.recordOf(name, recorded.oid.length);
    if (now === null) continue;
    if (same(now, recorded)) steps.remove.add(name);
    else leave(name, 'it has changed since the safety copy');
  }
  for (const [name, recorded] of target) {
    if (leftAlone(name)) continue;
    const never = notForGit(name, recorded.mode === '120000') ?? whyNotWritable(recorded, safety.get(name));
    if (never !== null) {
      leave(name, never);
      continue;
    }
    if (recorded.mode === '160000') continue;
    const because = obstacle(root, raw, ways, name, recorded, safety, steps.remove);
    if (because === null) steps.write.set(name, recorded);
    else if (because !== 'done') leave(name, because);
  }
  return steps;
};

const whyNotWritable = (recorded: Recorded, inSafety: Recorded | undefined): string | null => {
  if (recorded.mode !== '160000') return null;
  return same(recorded, inSafety) ? null : `it is a submodule; it was at ${recorded.oid}`;
};

/** Why a path cannot be written; null: it can; `done`: it holds these bytes already. */
const obstacle = (
  root: string,
  raw: RawFiles,
  ways: Ways,
  name: Name,
  recorded: Recorded,
  safety: Tree,
  remove: ReadonlySet<Name>,
): string | null => {
  const way = ways.to(name);
  if (way !== 'folder' && way !== 'missing') {
    // A file or link in the place of a folder goes away first, if it is in the safety copy.
    for (let folder = folderOf(name); folder !== ''; folder = folderOf(folder)) if (remove.has(folder)) return null;
    return way;
  }
  if (way === 'missing') return null;
  const info = lstatSync(onDisk(root, name), { throwIfNoEntry: false });
  if (!info) return null;
  if (info.isDirectory()) {
    return emptyWithout(root, name, remove)
      ? null
      : 'a folder is in its place, with files that the safety copy does not hold';
  }
  const now = raw.recordOf(name, recorded.oid.length);
  if (now !== null && same(now, recorded)) return 'done';
  const kept = safety.get(name);
  if (now === null || !kept) return 'what is there now is not in the safety copy';
  return same(now, kept) ? null : 'it has changed since the safety copy';
};

/** Whether a folder would hold no file when those were gone. */
const emptyWithout = (root: string, folder: Name, remove: ReadonlySet<Name>): boolean =>
  readdirSync(onDisk(root, folder), { encoding: 'latin1' }).every(entry => {
    const name = `${folder}/${entry}`;
    if (remove.has(name)) return true;
    const info = lstatSync(onDisk(root, name), { throwIfNoEntry: false });
    return info?.isDirectory() === true && entry !== '.git' && emptyWithout(root, name, remove);
  });

const perform = async (
  { repo, raw, workdir }: RestoreOrder,
  safety: Tree,
  steps: Steps,
  result: RepoRestore,
): Promise<void> => {
  const { root } = repo;
  const ways = createWays(root);
  const stays = nameOf(relative(root, workdir));
  const blobs = openBlobs(root);
  /** Each step on its own: one that fails is reported and the others go on. */
  const each = async (name: Name, list: string[], work: () => Promise<string | null> | string | null) => {
    let because: string | null;
    try {
      because = await work();
    } catch (error) {
      if (error instanceof Trouble) throw error;
      because = (error as Error).message;
    }
    ways.forget();
    if (because === null) list.push(shown(name));
    else if (because !== 'done') result.skipped.push({ path: shown(name), because });
  };
  const write = (name: Name, recorded: Recorded) =>
    each(name, result.written, () => {
      const because = obstacle(root, raw, ways, name, recorded, safety, new Set());
      return because ?? put(root, name, recorded, raw, blobs);
    });
  const remove = (name: Name) =>
    each(name, result.removed, () => {
      if (ways.to(name) !== 'folder') return 'it cannot be reached any more';
      if (!same(raw.recordOf(name, safety.get(name)!.oid.length), safety.get(name)))
        return 'it has changed since the safety copy';
      unlinkSync(onDisk(root, name));
      removeEmpty(root, folderOf(name), stays);
      return null;
    });
  try {
    // The rules about ignored files first: what they cover then is not removed.
    const rules = (name: Name) => name === '.gitignore' || name.endsWith('/.gitignore');
    const early = [...steps.write].filter(
      ([name, recorded]) => rules(name) && obstacle(root, raw, ways, name, recorded, safety, new Set()) === null,
    );
    for (const [name, recorded] of early) await write(name, recorded);
    for (const name of [...steps.remove].filter(rules)) await remove(name);
    const others = [...steps.remove].filter(name => !rules(name));
    const rulesChanged = [...steps.write.keys(), ...steps.remove].some(rules);
    const ignored = rulesChanged ? await ignoredOf(root, others) : new Set<Name>();
    for (const name of others) {
      if (ignored.has(name)) result.skipped.push({ path: shown(name), because: 'it is ignored there' });
      else await remove(name);
    }
    const done = new Set(early.map(([name]) => name));
    for (const [name, recorded] of steps.write) if (!done.has(name)) await write(name, recorded);
  } finally {
    blobs.close();
  }
};

const ignoredOf = async (root: string, names: readonly Name[]): Promise<Set<Name>> => {
  if (names.length === 0) return new Set();
  // One that begins with a colon would be taken for a pattern; what is asked comes back as it was written.
  const input = Buffer.from(names.map(name => `./${name}\0`).join(''), 'latin1');
  const ran = await runGit(root, ['check-ignore', '-z', '--stdin'], { input });
  if (ran.code !== 0 && ran.code !== 1) throw new Trouble(`git check-ignore in ${root} says: ${ran.stderr.trim()}`);
  return new Set(
    ran.stdout
      .toString('latin1')
      .split('\0')
      .map(line => line.slice(2)),
  );
};

/** Folders that have become empty go, up to the top level or the workdir. */
const removeEmpty = (root: string, from: Name, stays: Name): void => {
  for (let folder = from; folder !== '' && !`${stays}/`.startsWith(`${folder}/`); folder = folderOf(folder)) {
    try {
      rmdirSync(onDisk(root, folder));
    } catch {
      return;
    }
  }
};

/** Writes one path: temp file beside it, then rename, which replaces a link instead of following it. */
const put = async (root: string, name: Name, recorded: Recorded, raw: RawFiles, blobs: Blobs): Promise<null> => {
  const path = onDisk(root, name);
  const folder = folderOf(name);
  if (folder !== '') mkdirSync(onDisk(root, folder), { recursive: true });
  const old = lstatSync(path, { throwIfNoEntry: false });
  if (old?.isDirectory()) removeEmptyTree(root, name);
  const executable = recorded.mode === '100755';
  const oldMode = old?.isFile() ? old.mode & 0o777 : null;
  const mode = oldMode === null ? null : (oldMode & ~0o111) | (executable ? (oldMode & 0o444) >> 2 : 0);
  if (mode !== null && raw.recordOf(name, recorded.oid.length)?.oid === recorded.oid) {
    chmodSync(path, mode);
    return null;
  }
  const temp = onDisk(root, `${folder === '' ? '' : `${folder}/`}.seqrun-${randomBytes(6).toString('hex')}.tmp`);
  try {
    if (recorded.mode === '120000') {
      const pieces: Buffer[] = [];
      await blobs.read(recorded.oid, piece => pieces.push(piece));
      symlinkSync(Buffer.concat(pieces), temp);
    } else {
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
      const fd = openSync(temp, flags, executable ? 0o777 : 0o666);
      try {
        await blobs.read(recorded.oid, piece => writeWhole(fd, piece));
        if (mode !== null) fchmodSync(fd, mode);
      } finally {
        closeSync(fd);
      }
    }
    renameSync(temp, path);
  } catch (error) {
    try {
      unlinkSync(temp);
    } catch {
      // It was never made.
    }
    throw error;
  }
  return null;
};

const writeWhole = (fd: number, piece: Buffer): void => {
  for (let at = 0; at < piece.length; ) at += writeSync(fd, piece, at);
};

/** A folder that holds nothing but empty folders. */
const removeEmptyTree = (root: string, folder: Name): void => {
  for (const entry of readdirSync(onDisk(root, folder), { encoding: 'latin1' }))
    removeEmptyTree(root, `${folder}/${entry}`);
  rmdirSync(onDisk(root, folder));
};
