// Which checkpoint a typed id means: `latest`, an id, or the beginning of one.
import type { FoundCheckpoint } from '../compose/checkpoints.ts';
import type { Checkpoint } from '../core/checkpoint.ts';
import { type Failure, quote } from './errors.ts';

const idOf = (found: FoundCheckpoint): string => (found.kind === 'read' ? found.checkpoint.id : found.id);

/**
 * The checkpoint, or a failure: there is none (64), several begin so (64), it cannot be read (65). `known`: newest first. A safety copy is
 * never the latest: the same words again must mean the same checkpoint.
 */
export const findCheckpoint = (
  known: readonly FoundCheckpoint[],
  typed: string,
): { checkpoint: Checkpoint; path: string } | Failure => {
  const none = (what: string, expected: string | null): Failure => ({
    exit: 64,
    what,
    where: null,
    expected,
    next: known.length === 0 ? 'seqrun checkpoint save' : 'seqrun checkpoint list',
  });
  if (known.length === 0) return none('there are no checkpoints', 'one after each completed unit, or saved by you');
  const wanted = typed.replace(/\.json$/, '');
  const candidates =
    wanted === 'latest'
      ? known.filter(one => one.kind === 'read' && one.checkpoint.kind !== 'safety').slice(0, 1)
      : known.filter(one => idOf(one) === wanted);
  const begun = known.filter(one => [wanted, `chk-${wanted}`].some(start => idOf(one).startsWith(start)));
  const found = candidates.length > 0 || wanted === 'latest' ? candidates : begun;
  const [only, ...others] = found;
  if (!only) return none(`there is no checkpoint ${quote(typed)}`, someOf(known));
  if (others.length > 0) return none(`${found.length} checkpoints begin with ${quote(typed)}`, someOf(found));
  if (only.kind === 'read') return only;
  return {
    exit: 65,
    what: `the checkpoint cannot be read: ${only.because}`,
    where: { name: only.path },
    expected: 'the JSON that seqrun writes',
    next: 'take another one: seqrun checkpoint list',
  };
};

const someOf = (known: readonly FoundCheckpoint[]): string =>
  `one of ${known.slice(0, 5).map(idOf).join(', ')}${known.length > 5 ? ', …' : ''}`;
