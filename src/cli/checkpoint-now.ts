// What the commands about checkpoints share: a checkpoint of now, and what they do not do while a start is open.
import { basename, relative } from 'node:path';
import type { Places } from '../compose.ts';
import { type Checkpoint, type CheckpointFacts, checkpointOf } from '../core/checkpoint.ts';
import type { State } from '../core/state.ts';
import { count } from '../core/words.ts';
import type { Failure } from './errors.ts';
import type { Intention } from './intention.ts';
import { lookWords } from './spec-words.ts';

/** The checkpoint of a state at this moment; `description` says where it stands when nothing else is given. */
export const checkpointNow = (
  state: State,
  { places, workdir }: { places: Places; workdir: string },
  facts: Pick<CheckpointFacts, 'id' | 'kind' | 'git' | 'note' | 'trees' | 'seq'> & { description?: string },
): Checkpoint => {
  const made = checkpointOf(state, {
    description: '',
    ...facts,
    atMs: Date.now(),
    project: basename(workdir),
    spec: relative(workdir, places.specFolder) || '.',
    start: state.starts.at(-1)?.n ?? null,
  });
  return facts.description === undefined ? { ...made, description: standWords(made) } : made;
};

const standWords = ({ todos }: Checkpoint): string => {
  const { completed, remaining, inProgress } = todos;
  const all = completed.length + remaining.length;
  return `${completed.length} of ${count(all, 'unit')} done${inProgress === null ? '' : `, unit ${inProgress} at work`}`;
};

/** Git is left alone: said in this call, or by the last run. */
export const isGitOff = (intention: Intention, state: State): boolean =>
  (intention.origins.git ? intention.settings.git : state.run?.policy.git) === 'off';

/** A failure (75) while a start is open, else null: it may still be running. */
export const openStartFailure = (state: State, intention: Intention): Failure | null =>
  state.open === null
    ? null
    : {
        exit: 75,
        what: `start ${state.open.n}${state.open.unit === null ? '' : ` of unit ${state.open.unit}`} may still be running`,
        where: { name: state.open.folder },
        expected: 'no open start',
        next: `seqrun stop --now ${lookWords(intention)}`,
      };
