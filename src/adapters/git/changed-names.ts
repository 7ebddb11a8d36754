// Names of the files that differ, for people: changed ones and new ones apart.
import { byName, isOwn, namesBelow, shown } from './names.ts';
import { createRepos } from './repos.ts';
import { statusOf } from './status.ts';

const namesMax = 200;

/**
 * Names relative to the workdir's repository (those of another one have its path before them), each list sorted and cut at 200.
 * `without`: absolute paths that do not count. Throws `Trouble`.
 */
export const changedNames = async (
  workdir: string,
  without: readonly string[],
): Promise<{ modified: string[]; untracked: string[] }> => {
  const found = { modified: [] as string[], untracked: [] as string[] };
  for (const repo of await createRepos(workdir).all()) {
    const left = namesBelow(repo.root, without);
    const prefix = repo.path === '.' ? '' : `${repo.path}/`;
    for (const { name, kind } of (await statusOf(repo.root)).differences) {
      if (isOwn(name) || left.has(name)) continue;
      found[kind === 'untracked' ? 'untracked' : 'modified'].push(`${prefix}${shown(name)}`);
    }
  }
  for (const list of Object.values(found)) list.sort(byName).splice(namesMax);
  return found;
};
