// Keeps a working tree as it is, byte for byte, as a commit under a ref of its own; nothing the user sees of git changes.
import type { BigIntStats } from 'node:fs';
import { lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeptTree, LeftOut } from '../../core/tree.ts';
import { outputOf, wordOf } from './call.ts';
import { type KeptName, refFor } from './kept-refs.ts';
import { byName, isOwn, type Name, notForGit, onDisk, shown, textOf } from './names.ts';
import { createWays, isReadable, modeOf, type RawFiles, type Recorded } from './raw-files.ts';
import type { Repo, Repos } from './repos.ts';
import { statusOf } from './status.ts';

const MB = 1024 * 1024;

/** Bytes of an untracked file, of a tracked one, and number of untracked files (a forgotten .gitignore), up to which they are kept. */
const untrackedMax = 10 * MB;
const trackedMax = 100 * MB;
const untrackedFilesMax = 20_000;

/** Left-out paths that the commit message names. */
const leftOutNamed = 50;

/** How often a tree is read again that changes while it is read. */
const tries = 3;

const person = { NAME: 'seqrun', EMAIL: 'seqrun@localhost' };
const identity = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap(role => Object.entries(person).map(([key, value]) => [`GIT_${role}_${key}`, value])),
);

/**
 * Keeps one repository. Its own index, no lock, no hook, no signature; the user's
 * index, stash, branches, HEAD and files stay as they are. The same name with the same tree again changes nothing. Throws `Trouble`.
 */
export const keepRepo = async (
  repo: Repo,
  raw: RawFiles,
  name: KeptName,
  repos: Repos,
): Promise<KeptTree & { leftOut: LeftOut[] }> => {
  const { entries, leftOut } = await recordTree(repo, raw, repos);
  leftOut.sort((one, other) => byName(one.path, other.path));
  const tree = await withTemp(async temp => {
    const env = { GIT_INDEX_FILE: join(temp, 'index') };
    const lines = [...entries].map(([path, { mode, oid }]) => `${mode} ${oid}\t${path}\0`);
    const input = Buffer.from(lines.join(''), 'latin1');
    await outputOf(repo.root, ['update-index', '-z', '--index-info'], { input, env });
    return wordOf(repo.root, ['write-tree'], { env });
  });
  const ref = refFor(repo, name);
  const asked = await outputOf(repo.root, ['cat-file', '--batch-check'], { input: `HEAD\n${ref}\n${ref}^{tree}\n` });
  const [head, old, oldTree] = asked.toString().split('\n').map(foundId);
  if (old && oldTree === tree) return { repo: repo.path, ref, commit: old, tree, leftOut };
  const parent = head ? ['-p', head] : [];
  const message = messageFor(name, leftOut);
  const commit = await wordOf(repo.root, ['commit-tree', tree, ...parent, '-F', '-'], {
    input: message,
    env: identity,
  });
  // Only if nobody moved it meanwhile.
  await outputOf(repo.root, ['update-ref', '--no-deref', ref, commit, old ?? '0'.repeat(commit.length)]);
  return { repo: repo.path, ref, commit, tree, leftOut };
};

/** `<id> <type> <size>` → the id; `<name> missing` → null. */
const foundId = (line: string): string | null => /^([0-9a-f]{40,64}) (?:commit|tree) /.exec(line)?.[1] ?? null;

const withTemp = async <T>(work: (temp: string) => Promise<T>): Promise<T> => {
  const temp = mkdtempSync(join(tmpdir(), 'seqrun-keep-'));
  try {
    return await work(temp);
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
};

const messageFor = ({ spec, start, moment }: KeptName, leftOut: readonly LeftOut[]): string => {
  const named = leftOut.slice(0, leftOutNamed).map(({ path, because }) => `- ${JSON.stringify(path)}: ${because}`);
  const more = leftOut.length > leftOutNamed ? [`- and ${leftOut.length - leftOutNamed} more`] : [];
  const title = `seqrun: ${spec.replace(/[\x00-\x1f\x7f]+/g, ' ')}, start ${start}, ${moment}`;
  const missing = leftOut.length === 0 ? [] : ['', 'Left out:', ...named, ...more];
  return [title, '', 'The working tree as it was, byte for byte.', ...missing, ''].join('\n');
};

interface Record {
  entries: Map<Name, Recorded>;
  leftOut: LeftOut[];
}

/** Everything in the work tree that can be recorded, with its objects written; again when files vanish meanwhile. */
const recordTree = async (repo: Repo, raw: RawFiles, repos: Repos): Promise<Record> => {
  for (let left = tries; ; left--) {
    try {
      return await recordOnce(repo, raw, repos);
    } catch (error) {
      if (left <= 1) throw error;
    }
  }
};

const recordOnce = async (repo: Repo, raw: RawFiles, repos: Repos): Promise<Record> => {
  const { root } = repo;
  const paths = await listPaths(root);
  const ways = createWays(root);
  const leftOut: LeftOut[] = [];
  const leave = (name: Name, because: string) => leftOut.push({ path: shown(name), because });
  const files = new Map<Name, BigIntStats>();
  const huge = new Map<Name, BigIntStats>();
  const submodules: { name: Name; oid: string }[] = [];
  let untracked = 0;
  for (const [name, index] of paths) {
    if (isOwn(name)) continue;
    if (name.endsWith('/')) {
      // Kept by itself, when git accepts it as one.
      if ((await repos.inside(repo, name)) === null) leave(name, 'it is a repository of its own');
      continue;
    }
    const info =
      ways.to(name) === 'folder' ? lstatSync(onDisk(root, name), { bigint: true, throwIfNoEntry: false }) : null;
    if (!info) continue;
    const mode = modeOf(info);
    if (info.isDirectory()) {
      // A tracked file that is a folder now: what is in it is listed by itself.
      if (index?.mode === '160000') submodules.push({ name, oid: index.oid });
      continue;
    }
    const never = notForGit(name, info.isSymbolicLink());
    if (never !== null) leave(name, never);
    else if (mode === null) leave(name, 'it is no file and no link');
    else if (info.isFile() && raw.known(name, info) === null && !isReadable(root, name))
      leave(name, 'it cannot be read');
    else if (index === null && info.size > untrackedMax)
      leave(name, `it is not tracked and larger than ${untrackedMax / MB} MB`);
    else if (index === null && ++untracked > untrackedFilesMax)
      leave(name, `there are more than ${untrackedFilesMax} untracked files`);
    else (info.size > trackedMax ? huge : files).set(name, info);
  }
  return withTemp(async temp => {
    const entries = new Map<Name, Recorded>();
    const ids = await raw.idsOf(files, { write: true, temp });
    for (const [name, info] of files) entries.set(name, { mode: modeOf(info)!, oid: ids.get(name)! });
    // Not stored a second time: they are recorded when git has these very bytes already.
    const hugeIds = huge.size === 0 ? new Map<Name, string>() : await raw.idsOf(huge, { write: false, temp });
    for (const [name, info] of huge) {
      if (hugeIds.get(name) === paths.get(name)?.oid)
        entries.set(name, { mode: modeOf(info)!, oid: hugeIds.get(name)! });
      else leave(name, `it is larger than ${trackedMax / MB} MB and changed`);
    }
    for (const { name, oid } of submodules) entries.set(name, await recordSubmodule(root, name, oid, leave));
    return { entries, leftOut };
  });
};

/** Tracked paths with what the index says of them, and untracked ones (null). A folder with its own repository ends with `/`. */
const listPaths = async (root: string): Promise<Map<Name, Recorded | null>> => {
  const output = await outputOf(root, ['ls-files', '-z', '-t', '-s', '-c', '-o', '--exclude-standard']);
  const paths = new Map<Name, Recorded | null>();
  for (const line of output.toString('latin1').split('\0')) {
    if (line.startsWith('? ')) paths.set(line.slice(2), null);
    const [, mode, oid, name] = /^\S (\d+) ([0-9a-f]+) \d\t(.*)$/s.exec(line) ?? [];
    if (name !== undefined) paths.set(name, { mode: mode!, oid: oid! });
  }
  return paths;
};

/** A submodule is recorded with the commit it is at; its own files are not. */
const recordSubmodule = async (
  root: string,
  name: Name,
  staged: string,
  leave: (name: Name, because: string) => void,
): Promise<Recorded> => {
  const recorded = { mode: '160000', oid: staged };
  const path = textOf(name);
  if (!lstatSync(onDisk(root, `${name}/.git`), { throwIfNoEntry: false })) return recorded;
  if (path === null) {
    leave(name, 'its name is no UTF-8, so that it cannot be looked into');
    return recorded;
  }
  const { head, differences } = await statusOf(join(root, path));
  const dirty = differences.length;
  if (dirty > 0) leave(name, `it is a submodule with ${dirty} changed ${dirty === 1 ? 'file' : 'files'} of its own`);
  return head === null ? recorded : { ...recorded, oid: head };
};
