// Names of the refs under which working trees are kept, and those that are there.
import { createHash } from 'node:crypto';
import type { KeptList, KeptMoment, KeptTree } from '../../core/tree.ts';
import { outputOf, Trouble } from './call.ts';
import { type Repo, type Repos, worktreeAt } from './repos.ts';

export interface KeptName {
  /** Unique among the specs that use the repository. */
  spec: string;
  start: number;
  moment: KeptMoment;
  /** The checkpoint that it is kept for: a start can have several of them. */
  id?: string;
}

const base = 'refs/seqrun/';
const moments: readonly KeptMoment[] = ['before', 'after', 'saved', 'safety'];

/** One level of a ref from any text; another text gives another level. */
const safe = (text: string): string => {
  const slug = text.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60);
  if (slug === text && text !== '') return text;
  return `${slug.replace(/^-+|-+$/g, '') || 'spec'}.${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
};

/** Linked worktrees share their refs, and each has files of its own: theirs have the worktree's name in them. */
const folderFor = (repo: Pick<Repo, 'worktree'>, spec: string): string =>
  `${base}${safe(spec)}${repo.worktree === null ? '' : `+${safe(repo.worktree)}`}/`;

export const refFor = (repo: Pick<Repo, 'worktree'>, { spec, start, moment, id }: KeptName): string =>
  `${folderFor(repo, spec)}${start}/${moment}${id === undefined ? '' : `-${safe(id)}`}`;

/** The same for the repository with that top level. Looks at its `.git` alone: no process is started, nothing else is checked. */
export const refAt = (root: string, name: KeptName): string => refFor({ worktree: worktreeAt(root) }, name);

/** All that is kept of a spec in this workdir's repositories, by repository, start and moment. Throws `Trouble`. */
export const listRefs = async (repos: Repos, spec: string): Promise<KeptList> => {
  const refs: Extract<KeptList, { kind: 'listed' }>['refs'] = [];
  const format = '%(refname) %(objectname) %(tree) %(committerdate:unix)';
  for (const repo of await repos.all()) {
    const folder = folderFor(repo, spec);
    const lines = (await outputOf(repo.root, ['for-each-ref', `--format=${format}`, folder])).toString().split('\n');
    const here = lines.flatMap(line => {
      const [ref = '', commit = '', tree = '', seconds] = line.split(' ');
      const [, start, moment] = /^(\d+)\/([a-z]+)(?:-.*)?$/.exec(ref.slice(folder.length)) ?? [];
      const known = moments.find(one => one === moment);
      if (!ref.startsWith(folder) || known === undefined || tree === '') return [];
      return [
        { repo: repo.path, ref, commit, tree, start: Number(start), moment: known, atMs: Number(seconds) * 1000 },
      ];
    });
    here.sort((one, other) => one.start - other.start || moments.indexOf(one.moment) - moments.indexOf(other.moment));
    refs.push(...here);
  }
  return { kind: 'listed', refs };
};

/** Removes refs that still hold the commit they are known with; one that has moved or gone is left. Returns how many. */
export const dropRefs = async (repos: Repos, refs: readonly KeptTree[]): Promise<number> => {
  let dropped = 0;
  for (const repo of await repos.all()) {
    const here = refs.filter(one => one.repo === repo.path);
    for (const one of here) if (!one.ref.startsWith(base)) throw new Trouble(`${one.ref} is no ref of seqrun`);
    if (here.length === 0) continue;
    const listed = await outputOf(repo.root, ['for-each-ref', '--format=%(refname) %(objectname)', base]);
    const there = new Set(listed.toString().split('\n'));
    const gone = here.filter(one => there.has(`${one.ref} ${one.commit}`));
    const input = gone.map(one => `delete ${one.ref}\0${one.commit}\0`).join('');
    await outputOf(repo.root, ['update-ref', '--stdin', '-z'], { input });
    dropped += gone.length;
  }
  return dropped;
};
