// What has been committed since a commit.
import { outputOf, runGit } from './call.ts';
import type { Repo } from './repos.ts';

/** More than that came from somewhere else, whatever they are. */
const most = 10_000;

/** Ids of the commits that HEAD has and `base` has not, newest first; null: HEAD does not come from it, or there are too many. Throws `Trouble`. */
export const commitsSince = async ({ root }: Repo, base: string): Promise<string[] | null> => {
  if (!/^[0-9a-f]{40,64}$/.test(base)) return null;
  const asked = await runGit(root, ['merge-base', '--is-ancestor', base, 'HEAD']);
  if (asked.code !== 0) return null;
  const listed = await outputOf(root, ['rev-list', `--max-count=${most + 1}`, `${base}..HEAD`]);
  const ids = listed
    .toString()
    .split('\n')
    .filter(line => line !== '');
  return ids.length > most ? null : ids;
};
