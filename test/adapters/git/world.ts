// Small real repositories for tests, out of reach of the user's git settings, and what stands in them byte for byte.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

Object.assign(process.env, {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'T',
  GIT_AUTHOR_EMAIL: 't@localhost',
  GIT_COMMITTER_NAME: 'T',
  GIT_COMMITTER_EMAIL: 't@localhost',
});

export const emptyFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'seqrun-git-')));

export const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'protocol.file.allow=always', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1e8,
  }).toString();

/** A name is text or bytes; folders are made. */
export const put = (root: string, name: string | Buffer, content: string | Buffer, mode?: number): void => {
  const path = Buffer.isBuffer(name) ? Buffer.concat([Buffer.from(`${root}/`), name]) : join(root, name);
  if (typeof path === 'string') mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
};

/** A repository with one commit of those files. */
export const repository = (files: Record<string, string> = { 'a.txt': 'one\n' }, folder = emptyFolder()): string => {
  git(folder, 'init', '-q', '-b', 'main');
  for (const [name, content] of Object.entries(files)) put(folder, name, content);
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '--allow-empty', '-m', 'first');
  return folder;
};

/** Every path but those in `.git`: kind, mode, bytes or target. Names as latin1. */
export const snapshot = (root: string): Record<string, string> => {
  const found: Record<string, string> = {};
  const walk = (folder: Buffer, prefix: string) => {
    for (const entry of readdirSync(folder, { encoding: 'buffer' })) {
      const [name, path] = [`${prefix}${entry.toString('latin1')}`, Buffer.concat([folder, Buffer.from('/'), entry])];
      if (entry.toString() === '.git') continue;
      const info = lstatSync(path);
      if (info.isDirectory()) walk(path, `${name}/`);
      else if (info.isSymbolicLink()) found[name] = `link ${readlinkSync(path, { encoding: 'latin1' })}`;
      else if (!info.isFile()) found[name] = 'special';
      else
        found[name] =
          `${(info.mode & 0o777).toString(8)} ${createHash('sha1').update(readFileSync(path)).digest('hex')}`;
    }
  };
  walk(Buffer.from(root), '');
  return found;
};

/** What a user sees of git beside the files: index, HEAD, branches, stash, logs, configuration. */
export const face = (root: string): Record<string, string> => {
  const gitDir = join(root, '.git');
  const bytes = (name: string) => {
    if (!statSync(join(gitDir, name), { throwIfNoEntry: false })) return 'none';
    return createHash('sha1')
      .update(readFileSync(join(gitDir, name)))
      .digest('hex');
  };
  return {
    ...Object.fromEntries(['index', 'HEAD', 'config', 'logs/HEAD', 'info/exclude'].map(name => [name, bytes(name)])),
    refs: git(root, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads', 'refs/tags', 'refs/stash'),
    entries: readdirSync(gitDir).sort().join(' '),
  };
};
