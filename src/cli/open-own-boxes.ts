// Before everything of a spec is forgotten: the boxes that seqrun's own completions ticked are opened, or they would pass for a person's.
import { openDesk } from '../compose.ts';
import type { EventBody } from '../core/events.ts';
import { isTickedByPerson } from '../core/records.ts';
import type { State } from '../core/state.ts';
import { count } from '../core/words.ts';
import type { Failure } from './errors.ts';
import type { Intention } from './intention.ts';
import { nothingPublished } from './look.ts';
import { planOptionsOf } from './plan-options.ts';
import { lookWords } from './spec-words.ts';
import { worded } from './worded.ts';

/**
 * Opens them, as `seqrun reset` does; those of a person stay. `append` folds into `state`. A failure when the task file cannot be read
 * (65, 66), or when a box stays ticked (2): nothing may be forgotten then.
 */
export const openOwnBoxes = async (
  intention: Intention,
  { tasksPath, state, append }: { tasksPath: string; state: State; append(body: EventBody): Promise<void> },
): Promise<Failure | null> => {
  if (![...state.done.keys()].some(id => !isTickedByPerson(state, id))) return null;
  const { settings } = intention;
  // What a selection leaves out is forgotten, too.
  const whole = { ...planOptionsOf(settings), only: null, from: null, until: null };
  const settle = async (writeTasks: boolean): Promise<Failure | null> => {
    const desk = openDesk(tasksPath, whole, { ...settings, writeTasks });
    for (let round = 0; round < 5; round++) {
      const { event } = await desk.read(state, nothingPublished);
      if (event === null) return null;
      if (event.type === 'spec.unreadable') return worded(event.exit, event.message);
      await append(event);
    }
    return null;
  };
  const unread = await settle(false);
  if (unread) return unread;
  const own = [...state.done.keys()].filter(id => state.ticked.has(id) && !isTickedByPerson(state, id));
  if (own.length === 0) return null;
  if (!settings.writeTasks) return stillTicked(own, 'and --no-write-tasks leaves them alone', intention);
  await append({
    type: 'command',
    id: `fresh-${crypto.randomUUID()}`,
    command: { kind: 'reset', unit: null, keepTicked: true },
  });
  const failed = await settle(true);
  if (failed) return failed;
  const left = own.filter(id => state.ticked.has(id));
  return left.length === 0 ? null : stillTicked(left, 'and could not be opened', intention);
};

const stillTicked = (ids: readonly string[], why: string, intention: Intention): Failure => ({
  exit: 2,
  what: `${count(ids.length, 'box', 'boxes')} that seqrun itself ticked would count as ticked by you, ${why}: ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? `, and ${ids.length - 5} more` : ''}`,
  where: null,
  expected: 'open boxes where everything is forgotten',
  next: `seqrun reset ${lookWords(intention)} opens them; then run again without --fresh`,
});
