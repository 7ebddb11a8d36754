// One real commit of all that differs in a repository, as its user would make it; when it fails, the index is as it was.
import { copyFileSync, linkSync, mkdtempSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Committing } from '../../core/tree.ts';
import { becauseOf, outputOf, runGit, Trouble } from './call.ts';
import { isOwn, ownPathspecs, shown, textOf } from './names.ts';
import { busyWith } from './read-tree.ts';
import type { Repo, Repos } from './repos.ts';
import { type Difference, statusOf } from './status.ts';

/** Hooks may run whole test suites. */
const hooksMs = 15 * 60_000;

/** Lines of what git or a hook said that are kept. */
const linesKept = 10;

/** Commits that are looked through for a trailer. */
const lookedThrough = 50;

/** Why git does not know who commits, or null. */
export const nobodyCommits = async (repo: Repo): Promise<string | null> => {
  for (const role of ['AUTHOR', 'COMMITTER']) {
    const asked = await runGit(repo.root, ['var', `GIT_${role}_IDENT`], { asUser: true });
    if (asked.code !== 0) return `git does not know who commits: ${lastLines(asked.stderr)}`;
  }
  return null;
};

/** Commits one repository. `message`: whole text, trailers included. Expected trouble is `refused`; other `Trouble` is thrown. */
export const commitRepo = async (repo: Repo, repos: Repos, message: string): Promise<Committing> => {
  const refused = (because: string): Committing => ({ kind: 'refused', repo: repo.path, because });
  const busy = busyWith(repo.gitDir);
  if (busy !== null) return refused(`git is in the middle of a ${busy}`);
  const { head, differences } = await statusOf(repo.root);
  const unmerged = differences.find(one => one.kind === 'unmerged');
  if (unmerged) return refused(`${shown(unmerged.name)} is not merged`);
  const nested = await nestedIn(repo, repos, differences);
  const wanted = differences.filter(one => !(one.kind === 'untracked' && (isOwn(one.name) || nested.includes(one))));
  if (wanted.length === 0) return { kind: 'nothing', repo: repo.path };
  const nobody = await nobodyCommits(repo);
  if (nobody !== null) return refused(nobody);
  const saved = saveIndex(repo.gitDir);
  try {
    const attempt = await stageAndCommit(repo, message, wanted, nested).catch(becauseOf);
    const now = await headOf(repo.root);
    // Whatever was said of it: a commit is there.
    if (now !== null && now !== head) return { kind: 'committed', repo: repo.path, sha: now };
    const lost = saved.putBack();
    if (attempt === null && lost === null) return { kind: 'nothing', repo: repo.path };
    return refused([attempt, lost].filter(one => one !== null).join('\n'));
  } finally {
    saved.forget();
  }
};

const headOf = async (root: string): Promise<string | null> => {
  const { code, stdout } = await runGit(root, ['rev-parse', '--verify', '--quiet', 'HEAD']);
  return code === 0 ? stdout.toString().trim() : null;
};

/** Repositories inside that are no submodules: `git add` would record them as such. */
const nestedIn = async (repo: Repo, repos: Repos, differences: readonly Difference[]): Promise<Difference[]> => {
  const nested: Difference[] = [];
  for (const one of differences) {
    if (one.kind !== 'untracked' || !one.name.endsWith('/')) continue;
    if (textOf(one.name) === null) throw new Trouble(`${shown(one.name)} is a repository whose name is no UTF-8`);
    if (await repos.inside(repo, one.name)) nested.push(one);
  }
  return nested;
};

/** null: git committed, or there was nothing to commit after all; else why it failed. seqrun's own files only where they are tracked. */
const stageAndCommit = async (
  { root }: Repo,
  message: string,
  wanted: readonly Difference[],
  nested: readonly Difference[],
): Promise<string | null> => {
  const inner = nested.map(one => `:(exclude,literal)${textOf(one.name.slice(0, -1))}`);
  const own = wanted.filter(one => isOwn(one.name)).map(one => textOf(one.name));
  const literal = own.filter(name => name !== null).map(name => `:(literal)${name}`);
  const calls = [['add', '-A', '--', '.', ...ownPathspecs, ...inner]];
  if (literal.length > 0) calls.push(['add', '-u', '--', ...literal]);
  for (const args of calls) {
    const added = await runGit(root, args, { asUser: true, limitMs: hooksMs });
    if (added.code !== 0) return `git add failed: ${lastLines(added.stderr)}`;
  }
  const differs = await runGit(root, ['diff', '--cached', '--quiet', '--no-ext-diff', '--ignore-submodules=none']);
  if (differs.code === 0) return null;
  // Lines with a # at the beginning are text here.
  const args = ['commit', '--quiet', '--cleanup=whitespace', '-F', '-'];
  const { code, stdout, stderr } = await runGit(root, args, { asUser: true, input: message, limitMs: hooksMs });
  if (code === 0) return null;
  return `git commit failed (${code === null ? 'killed' : `exit ${code}`}): ${lastLines(`${stdout}\n${stderr}`)}`;
};

const lastLines = (text: string): string => {
  const lines = text.split('\n').map(line => line.trimEnd());
  const last = lines.filter(line => line !== '').slice(-linesKept);
  return last.length === 0 ? 'nothing was said' : last.join('\n').slice(-2000);
};

/** A copy of the index outside of the repository. */
const saveIndex = (gitDir: string) => {
  const temp = mkdtempSync(join(tmpdir(), 'seqrun-index-'));
  const [index, copy, lock] = [join(gitDir, 'index'), join(temp, 'index'), join(gitDir, 'index.lock')];
  let there = true;
  let keep = false;
  try {
    copyFileSync(index, copy);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // Nothing was ever added.
    there = false;
  }
  return {
    /** Through git's own lock. Null, or what a person has to do. */
    putBack(): string | null {
      const next = join(gitDir, `index.seqrun-${process.pid}`);
      try {
        if (there) {
          copyFileSync(copy, next);
          linkSync(next, lock);
          unlinkSync(next);
          renameSync(lock, index);
        } else rmSync(index, { force: true });
        return null;
      } catch (error) {
        rmSync(next, { force: true });
        keep = there;
        return `the index could not be put back (${(error as Error).message}); as it was it is in ${copy}`;
      }
    },
    forget: () => {
      if (!keep) rmSync(temp, { recursive: true, force: true });
    },
  };
};

/** The newest of the last 50 commits whose last paragraph has exactly this line, or null. */
export const commitWith = async (repo: Repo, trailer: string): Promise<string | null> => {
  if ((await headOf(repo.root)) === null) return null;
  const args = ['log', '-z', `-${lookedThrough}`, '--no-color', '--no-mailmap', '--format=%H%n%B'];
  for (const entry of (await outputOf(repo.root, args)).toString().split('\0')) {
    const [sha = '', ...body] = entry.trimEnd().split('\n');
    if (body.slice(body.lastIndexOf('') + 1).includes(trailer)) return sha;
  }
  return null;
};
