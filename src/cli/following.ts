// Follows what the agent of a unit says, over its starts, until the unit is settled or its run is over.
import type { StartRecord, State } from '../core/state.ts';
import { isDone, unitProgress } from '../core/units.ts';
import { beforeWhat, outcomeWords } from '../core/words.ts';
import type { Failure } from './errors.ts';
import { findUnit, lastStartOf } from './which-unit.ts';

/** What following needs of the world. */
export interface FollowWorld {
  /** The state now, and whether a runner is alive. */
  look(): Promise<{ state: State; alive: boolean } | Failure>;
  /** The rendering of a start from this byte on, whole lines only unless `all`, and where it ends; null = there is none. */
  read(start: StartRecord, from: number, all: boolean): Promise<{ text: string; next: number } | null>;
  /** Until something may have happened; false = the person has had enough. */
  pause(): Promise<boolean>;
  out(text: string): void;
  say(line: string): void;
}

/** How a start is called in the line above its text. */
export const startWords = (state: State, { n, kind, unit, gate, agent }: StartRecord): string => {
  if (kind === 'baseline') return `gate ${gate?.name} ${beforeWhat(state, n)}`;
  return `${unit === null ? 'the assignment' : `unit ${unit}`}, on ${agent}`;
};

/** Shows the last start that `typed` means, and those after it. 0 = nothing more comes; 130 = the person had enough; or a failure. */
export const followLogs = async (typed: string, world: FollowWorld): Promise<0 | 130 | Failure> => {
  let shown = { n: 0, at: 0, ended: '' };
  let waits = '';
  const wait = async (why: string): Promise<boolean> => {
    if (why !== waits) world.say(why);
    waits = why;
    return world.pause();
  };
  const show = async (start: StartRecord, all: boolean) => {
    const more = await world.read(start, shown.at, all);
    if (!more) return;
    if (more.text !== '') world.out(more.text);
    shown.at = more.next;
  };
  for (;;) {
    const looked = await world.look();
    if ('exit' in looked) return looked;
    const { state, alive } = looked;
    const found = lastStartOf(state, typed);
    if ('exit' in found) {
      const unit = findUnit(state, typed);
      if (!alive || 'exit' in unit) return found;
      if (!(await wait(`unit ${unit.unit.id} has had no start yet: waiting for it`))) return 130;
      continue;
    }
    const { start } = found;
    if (start.n !== shown.n) {
      shown = { n: start.n, at: 0, ended: '' };
      world.say(`start ${start.n}, ${startWords(state, start)}; raw files in ${start.folder}`);
    }
    // Looked at before it is read: what had ended then is read to its end.
    const { outcome } = start;
    await show(start, outcome !== null);
    if (outcome === null) {
      if (!alive) {
        world.say('its runner is gone: nothing more is rendered until seqrun goes on with it');
        return 0;
      }
      if (!(await world.pause())) return 130;
      continue;
    }
    // Its gates decide what it has come to.
    const ended = `${outcomeWords(outcome)}${sinceWords(state, start)}`;
    if (ended !== shown.ended) world.say(`start ${start.n} ended: ${ended}`);
    shown.ended = ended;
    const next = alive ? furtherWords(state, start) : null;
    if (next === null) return 0;
    if (!(await wait(next))) return 130;
  }
};

/** Why another start of the same unit may come, or null when none will without a person. */
const furtherWords = (state: State, start: StartRecord): string | null => {
  const { unit } = start;
  const planned = state.plan?.units.find(one => one.id === unit);
  const standing = unit === null ? undefined : state.units.get(unit)?.standing;
  if (!planned || !standing || state.lastEnd) return null;
  const { kind } = unitProgress(state, planned);
  if (kind === 'checking') return `the gates of unit ${unit} are run`;
  if (kind === 'running') {
    const gate = state.open?.gate;
    return gate ? `gate ${gate.name} of unit ${unit} is at work` : `unit ${unit} is at work`;
  }
  if (isForgotten(state, start)) return `unit ${unit} has had no start since: waiting for it`;
  return kind === 'ready' && standing.kind === 'again' ? `unit ${unit} is tried again: ${standing.because}` : null;
};

/** That what a start has come to holds no more: its unit was begun anew. */
const sinceWords = (state: State, start: StartRecord): string => {
  if (!isForgotten(state, start)) return '';
  const { undone } = state.units.get(start.unit!)!;
  return `; that does not hold any more: ${undone?.because ?? `unit ${start.unit} was begun anew`}`;
};

const isForgotten = (state: State, { unit }: StartRecord): boolean => {
  const planned = state.plan?.units.find(one => one.id === unit);
  return planned !== undefined && state.units.get(planned.id)?.standing.kind === 'fresh' && !isDone(state, planned);
};
