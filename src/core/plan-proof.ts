// What a unit's tasks together say about how it is proved to be done.
import type { Unit } from './plan-types.ts';
import type { Task } from './task.ts';

/** The fields of a unit that are about proof; what is not said is absent. */
export type Proof = Pick<Unit, 'verify' | 'noChange' | 'expects' | 'checkpoint' | 'docs'>;

/** A parent or a heading that speaks for all below it. */
export type Whole = Pick<Task, 'verify' | 'noChange' | 'expects'> & Partial<Pick<Task, 'title'>>;

/** `wholes` = outermost first; `tasks` = those that name commands; `leaves` = those to be done. All in file order. */
export const proofOf = (wholes: readonly Whole[], tasks: readonly Task[], leaves: readonly Task[]): Proof => {
  const verify = [...new Set([...wholes, ...tasks].flatMap(one => one.verify ?? []))];
  const every = (holds: (task: Task) => unknown): boolean => leaves.length > 0 && leaves.every(holds);
  const expects = expectedOf(wholes, leaves);
  return {
    ...(verify.length > 0 && { verify }),
    ...((every(leaf => leaf.noChange) || wholes.some(one => one.noChange)) && { noChange: true }),
    ...(expects && { expects }),
    ...(every(leaf => leaf.checkpoint) && { checkpoint: true }),
    ...(every(leaf => leaf.docs) && { docs: true }),
  };
};

/**
 * `green` where the whole or a leaf wants tests to pass. `red` only where no leaf behind could have mended what the test shows: what
 * fails by mistake would be taken for the failure that is meant. A leaf that says nothing may mend, unless it writes tests too.
 */
const expectedOf = (wholes: readonly Whole[], leaves: readonly Task[]): Unit['expects'] => {
  const all = [...wholes, ...leaves];
  if (all.some(one => one.expects === 'green')) return 'green';
  const mends = ({ title }: Task): boolean => MENDS.test(title);
  if (wholes.some(one => one.expects === 'red')) return leaves.some(mends) ? undefined : 'red';
  const last = leaves.findLastIndex(leaf => leaf.expects === 'red');
  return last >= 0 && leaves.slice(last + 1).every(leaf => leaf.writesTests) ? 'red' : undefined;
};

/** Whether a unit writes tests and nothing else: each of its leaves says so, and no whole is to mend anything. */
export const onlyWritesTests = (wholes: readonly Whole[], leaves: readonly Task[]): boolean =>
  leaves.length > 0 &&
  leaves.every(leaf => leaf.writesTests || leaf.expects === 'red') &&
  !wholes.some(({ title }) => title !== undefined && MENDS.test(title));

/**
 * Marks, in place, the units that may leave a gate as red as they found it: those behind one that leaves a failing test, while all between
 * only write tests (`writers`, by id) too. Whatever comes behind another kind of unit finds the gate green.
 */
export const markRed = (units: readonly Unit[], writers: ReadonlySet<string>): void => {
  let isRed = false;
  for (const unit of units) {
    if (unit.expects === 'red') isRed = true;
    else if (unit.expects === 'green' || !writers.has(unit.id)) isRed = false;
    else if (isRed) unit.mayStayRed = true;
  }
};

const MENDS = /^(?:implement|fix|build|make|apply|refactor)\b/i;
