// Checkpoints, and what going back to one does, as lines for people. Pure.
import type { FoundCheckpoint, Swept } from '../compose/checkpoints.ts';
import { type Checkpoint, type CheckpointKind, checkpointKinds } from '../core/checkpoint.ts';
import type { OwnCommits, Recheck, Restored } from '../core/checkpoint-recheck.ts';
import { defaults } from '../core/defaults.ts';
import type { State } from '../core/state.ts';
import type { RepoRestore } from '../core/tree.ts';
import { isDone } from '../core/units.ts';
import { count } from '../core/words.ts';

/** One line each, newest first. */
export const listLines = (known: readonly FoundCheckpoint[]): string[] => {
  const rows = known.map(found => {
    if (found.kind === 'damaged') return [found.id, '', '', '', `cannot be read: ${found.because}`];
    const { id, kind, phase, trees, notes, description, timestamp } = found.checkpoint;
    return [id, phase, kind, trees ? 'files' : '', `${notes ?? description}  ${timestamp}`];
  });
  const widths = [0, 1, 2, 3].map(k => Math.max(...rows.map(row => row[k]!.length)));
  return rows.map(row =>
    row
      .map((cell, k) => cell.padEnd(widths[k] ?? 0))
      .join('  ')
      .trimEnd(),
  );
};

/** What a clean-up has removed and dropped, by kind, and what stays for which reason. */
export const cleanLines = (
  removed: readonly { kind: CheckpointKind }[],
  left: readonly FoundCheckpoint[],
  { dropped, young, recent }: Swept,
): string[] => {
  const kinds = left.map(one => (one.kind === 'read' ? one.checkpoint.kind : one.kind));
  const stays = left.length === 0 ? '' : ` (${byKind(kinds)})`;
  const trees = [
    ...(dropped > 0 ? [`${dropped} dropped`] : []),
    ...(young === 1 ? ['1 is younger than an hour, a later clean drops it'] : []),
    ...(young > 1 ? [`${young} are younger than an hour, a later clean drops them`] : []),
    ...(recent > 0
      ? [`${recent} of the last ${defaults.unitsWithTrees} units ${recent === 1 ? 'stays' : 'stay'}`]
      : []),
  ];
  return [
    `removed: ${byKind(removed.map(one => one.kind)) || 'none'}; ${count(left.length, 'checkpoint')} left${stays}`,
    ...(trees.length > 0 ? [`kept trees: ${trees.join('; ')}`] : []),
  ];
};

const byKind = (kinds: readonly (CheckpointKind | 'damaged')[]): string =>
  [...checkpointKinds, 'damaged' as const]
    .map(kind => [kind, kinds.filter(one => one === kind).length] as const)
    .filter(([, many]) => many > 0)
    .map(([kind, many]) => `${many} ${kind}`)
    .join(', ');

/** Everything a person may want to know of one. */
export const showLines = (checkpoint: Checkpoint, path: string): string[] => {
  const { id, kind, description, notes, timestamp, phase, todos, git, verification, trees } = checkpoint;
  const lines = [`${id} (${kind}): ${description}`];
  const add = (name: string, words: string | null) => {
    if (words !== null && words !== '') lines.push(`  ${name}: ${words}`);
  };
  add('note', notes);
  add('made', timestamp);
  add('units', `${phase} done${todos.inProgress === null ? '' : `, ${todos.inProgress} at work`}`);
  add('completed', some(todos.completed));
  add('remaining', some(todos.remaining));
  add('blocked', some(todos.blocked));
  for (const repo of git?.repos ?? []) {
    const where = repo.path === '.' ? 'git' : `git in ${repo.path}`;
    const dirty = repo.dirty > 0 ? `, ${count(repo.dirty, 'file')} not committed` : '';
    add(where, `${repo.branch ?? 'no branch'} ${repo.head?.slice(0, 12) ?? 'no commit'}${dirty}`);
  }
  add(
    'gates',
    Object.entries(verification)
      .map(([name, result]) => `${name} ${result}`)
      .join(', '),
  );
  for (const { repo, ref } of trees ?? []) add(repo === '.' ? 'files' : `files of ${repo}`, ref);
  if (!trees) add('files', 'none are kept: only the state can be restored');
  add('at', path);
  return lines;
};

const noReceipts =
  'receipts, reviews and counters of that time do not come back: they are in a journal that was set aside, or is gone';

/** What going back does to the state: told before it is done. */
export const stateLines = (
  state: State,
  { journal }: Pick<Checkpoint, 'journal'>,
  { holds, fails, was }: Recheck,
  event: Restored,
): string[] => {
  const units = state.plan?.units ?? [];
  const kept = new Set(holds.map(({ id }) => id));
  const doneAfter = units.filter(unit => unit.leaves.every(leaf => kept.has(leaf.id)));
  const gone = units.filter(unit => isDone(state, unit) && !doneAfter.includes(unit)).map(({ id }) => id);
  const whole = new Set(gone.flatMap(id => units.find(unit => unit.id === id)!.leaves.map(leaf => leaf.id)));
  const parts = [...state.done.keys()].filter(id => !kept.has(id) && !whole.has(id));
  return [
    `units done: ${doneAfter.length} of ${units.length}`,
    ...(gone.length + parts.length > 0 ? [`not done any more: ${some([...gone, ...parts])}`] : []),
    ...(event.back.length > 0 ? [`done again: ${some(event.back)}`] : []),
    ...(journal !== null && was === null ? [noReceipts] : []),
    ...fails.map(({ id, because }) => `not done, although the checkpoint has it: ${id}: ${because}`),
  ];
};

/** What it means that HEAD is further on by commits of units, and stays: told before anything is done. `files`: they go back. */
export const headLines = (own: readonly OwnCommits[], files: boolean): string[] =>
  own.map(({ repo, count: many, units }) => {
    const where = repo === '.' ? 'HEAD' : `HEAD of ${repo}`;
    const whose = `${units.length === 1 ? 'unit' : 'units'} ${some(units)}`;
    const back = files ? `. The next commit of a unit takes ${many === 1 ? 'its' : 'their'} changes back` : '';
    return `${where} stays: ${count(many, 'commit')} of seqrun came after the checkpoint (${whose})${back}`;
  });

/** What was, or would be, done to files. */
export const fileLines = (repos: readonly RepoRestore[]): string[] =>
  repos.flatMap(({ repo, written, removed, skipped }) => {
    const where = repo === '.' ? '' : ` in ${repo}`;
    return [
      `files${where}: ${written.length} written${named(written)}, ${removed.length} removed${named(removed)}`,
      ...skipped.map(({ path, because }) => `left alone${where}: ${path} (${because})`),
    ];
  });

const named = (paths: readonly string[]): string => (paths.length === 0 ? '' : ` (${some(paths, 5)})`);

const some = (words: readonly string[], max = 12): string =>
  `${words.slice(0, max).join(', ')}${words.length > max ? `, … ${words.length - max} more` : ''}`;
