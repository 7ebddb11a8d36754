// Keeps the task file, its plan and the state in step: what changed becomes one event, what is done is ticked.
import { isSameBelow, readBelow } from '../core/below-titles.ts';
import type { BoxChanges, EventBody, ReadLeaf } from '../core/events.ts';
import { makePlan } from '../core/plan.ts';
import type { PlanOptions } from '../core/plan-types.ts';
import { isSameReading, readAgain } from '../core/read-again.ts';
import type { State } from '../core/state.ts';
import { strictly } from '../core/strict.ts';
import type { Diagnostic, Spec } from '../core/task.ts';
import { opensDue, readLeaves, sameButForBoxes, tickedLeaves, ticksDue } from '../core/ticks.ts';
import type { Publisher, SpecFile } from './ports.ts';

export interface DeskReading {
  event: EventBody | null;
  /** The event came from elsewhere, or more may be due: read once more before anything is decided on the plan. */
  again: boolean;
  warnings: string[];
}

export interface SpecDesk {
  /** Reads STATE.json's entry and tasks.md, ticks what is due; at most one event. Only while no start is open. */
  read(state: State, publisher: Publisher): Promise<DeskReading>;
  /** Ticks that differ from the last reading, or null when the file cannot be read. Changes nothing. */
  boxChanges(state: State): Promise<BoxChanges | null>;
  /**
   * Opens the boxes of leaves that were ticked while a job ran and are not done: in a commit nothing would tell them from a person's.
   * Gives what is to be told. Without `writeTasks`, and of a file that cannot be read, nothing is done.
   */
  openClaims(state: State): Promise<string[]>;
  /** The spec as last read, or null before the first reading. */
  spec(): Spec | null;
}

/**
 * Makes the desk of one spec. `name` is the task file as messages say it; `writeTasks: false` leaves the user's file alone, and what
 * was only rehearsed is ticked only with `tickRehearsed`.
 */
export const createDesk = (options: {
  name: string;
  specFile: SpecFile;
  plan: PlanOptions;
  writeTasks: boolean;
  tickRehearsed?: boolean;
  /** A file that is warned of is not run; absent: it is. */
  strict?: boolean;
}): SpecDesk => {
  const { name, specFile, writeTasks, tickRehearsed: rehearsed = false } = options;
  let spec: Spec | null = null;
  let below: Record<string, string> = {};
  let made: (ReturnType<typeof makePlan> & { leaves: ReadLeaf[] }) | null = null;
  const warned = new Set<string>();
  const unwritable = new Set<string>();
  /** By the first line: the source below it changes when its box is ticked. */
  const once = (messages: readonly string[]): string[] =>
    messages.filter(message => {
      const [first] = message.split('\n');
      return !warned.has(first!) && warned.add(first!);
    });

  const readPlan = async (): Promise<{ event: EventBody } | { warnings: string[] }> => {
    const reading = await specFile.read();
    if (reading.kind === 'missing') return { event: { type: 'spec.unreadable', exit: 66, message: reading.message } };
    if (reading.kind === 'unreadable')
      return { event: { type: 'spec.unreadable', exit: reading.exit, message: reading.message } };
    // Each unit ticks a box: that is no reason to plan again.
    if (made === null || spec === null || !(reading.spec === spec || sameButForBoxes(reading.spec, spec))) {
      made = { ...makePlan(reading.spec, options.plan), leaves: readLeaves(reading.spec) };
    }
    if (reading.spec !== spec) below = readBelow(reading.spec);
    spec = reading.spec;
    // What was not understood of the file comes first: a plan of nothing has no errors of its own.
    const diagnostics = strictly(options.strict ?? false, spec, [...spec.diagnostics, ...made.diagnostics]);
    const said = (severity: Diagnostic['severity']) =>
      diagnostics.filter(one => one.severity === severity).map(one => diagnosticLine(one, name));
    const errors = said('error');
    if (errors.length > 0) return { event: { type: 'spec.unreadable', exit: 65, message: errors.join('\n') } };
    return { warnings: said('warning') };
  };

  return {
    spec: () => spec,

    async read(state, publisher) {
      const finding = await publisher.inspect(state);
      if (finding.kind === 'foreign')
        return { event: { type: 'entry.merged', entry: finding.entry }, again: true, warnings: [] };
      if (finding.kind === 'edited') {
        if (finding.completedAdded.length > 0) {
          return { event: { type: 'completed.edited', ids: finding.completedAdded }, again: true, warnings: [] };
        }
        const changed = Object.entries(finding.assignments).filter(
          ([unit, given]) => state.assignments.get(unit)?.owner !== given.owner,
        );
        if (changed.length > 0) {
          return {
            event: { type: 'assignments.edited', assignments: Object.fromEntries(changed) },
            again: true,
            warnings: [],
          };
        }
        await publisher.publish(state);
      }

      const read = await readPlan();
      // Read for the first time since a job wrote it: as at the end of a job.
      if (state.tickedUnread) await specFile.settle();
      if ('event' in read) return { event: read.event, again: false, warnings: [] };
      const warnings = once(read.warnings);
      const changed = changeEvent(state);
      // Ticking waits for the next reading: only the folded state knows which open boxes are disputed.
      if (changed) return { event: changed, again: true, warnings };
      if (!writeTasks) return { event: null, again: false, warnings };

      const due = ticksDue(spec!, state, { rehearsed }).filter(task => !unwritable.has(task.id));
      const opens = opensDue(spec!, state).filter(task => !unwritable.has(task.id));
      if (due.length + opens.length === 0) return { event: null, again: false, warnings };
      const refused = [
        ...(opens.length > 0 ? await specFile.untick(opens.map(task => task.id)) : []),
        ...(due.length > 0 ? await specFile.tick(due.map(task => task.id)) : []),
      ];
      for (const { id, reason } of refused) {
        unwritable.add(id);
        warnings.push(`the box of ${id} could not be written: ${reason}`);
      }
      const after = await readPlan();
      if ('event' in after) return { event: after.event, again: false, warnings };
      return { event: changeEvent(state), again: false, warnings };
    },

    async boxChanges(state) {
      const reading = await specFile.read();
      if (reading.kind !== 'spec' || reading.spec.diagnostics.some(one => one.severity === 'error')) return null;
      // Older than that after a power cut, the file could have ticks of that job that would look like a person's.
      await specFile.settle();
      return changesAtEnd(reading.spec, state);
    },

    async openClaims(state) {
      if (!writeTasks || state.claimed.size === 0) return [];
      const reading = await specFile.read();
      if (reading.kind !== 'spec') return [];
      const known = new Map(state.leaves.map(({ id, titleHash }) => [id, titleHash]));
      // A number may be another task's since the last reading.
      const same = new Set(readLeaves(reading.spec).flatMap(([id, hash]) => (known.get(id) === hash ? [id] : [])));
      const ids = tickedLeaves(reading.spec).filter(id => same.has(id) && state.claimed.has(id) && !state.done.has(id));
      if (ids.length === 0) return [];
      const refused = new Set((await specFile.untick(ids)).map(({ id }) => id));
      const opened = ids.filter(id => !refused.has(id));
      return [
        ...(opened.length > 0
          ? [`opened before the commit, ticked while a job ran and not done: ${opened.join(', ')}`]
          : []),
        ...(refused.size > 0 ? [`part of the commit though not done: the ticks of ${[...refused].join(', ')}`] : []),
      ];
    },
  };

  function changeEvent(state: State): EventBody | null {
    const { plan, leaves } = made!;
    const ticked = tickedLeaves(spec!);
    if (state.plan?.hash !== plan.hash || !isSameReading(leaves, state.leaves))
      return { type: 'plan.made', plan, ticked, leaves, below };
    const ids = leaves.map(([id]) => id);
    if (!isSameBelow(state, below, ids)) return { type: 'plan.made', plan, ticked, leaves, below, only: 'below' };
    const now = new Set(ticked);
    const opened = leaves.flatMap(([id]) => (state.ticked.has(id) && !now.has(id) ? [id] : []));
    const news = ticked.filter(id => !state.ticked.has(id));
    return news.length > 0 || opened.length > 0 ? { type: 'boxes.changed', ticked: news, opened } : null;
  }
};

/** Of leaves that have come in since the plan was made only `seen` tells: they have no number in it. */
const changesAtEnd = (spec: Spec, state: State): BoxChanges => {
  const leaves = readLeaves(spec);
  const ticked = tickedLeaves(spec);
  const changes: BoxChanges = { ticked: [], opened: [] };
  for (const one of readAgain(state, leaves, new Set(ticked))) {
    const id = one.was?.as?.id;
    if (id === undefined || one.ticked === one.wasTicked) continue;
    if (one.ticked) changes.ticked.push(id);
    else changes.opened.push(id);
  }
  const isSame = isSameReading(leaves, state.leaves) && state.leaves.every(({ id, as }) => as?.id === id);
  return { ...changes, seen: isSame ? 'same' : { leaves, ticked } };
};

/** One diagnostic as people read it: `file:line:column: what`, and the line itself below. */
export const diagnosticLine = ({ line, column, message, source }: Diagnostic, name: string): string =>
  `${[name, line, line === null ? null : column].filter(part => part !== null).join(':')}: ${message}${source === null ? '' : `\n    ${line} | ${source}`}`;
