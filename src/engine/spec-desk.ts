// Keeps the task file, its plan and the state in step: what changed becomes one event, what is done is ticked.
import type { BoxChanges, EventBody } from '../core/events.ts';
import { hashTitle } from '../core/hash.ts';
import { makePlan } from '../core/plan.ts';
import type { PlanOptions } from '../core/plan-types.ts';
import type { State } from '../core/state.ts';
import type { Diagnostic, Spec } from '../core/task.ts';
import { leafIds, opensDue, sameButForBoxes, tickedLeaves, ticksDue } from '../core/ticks.ts';
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
  /** The spec as last read, or null before the first reading. */
  spec(): Spec | null;
}

/**
 * Makes the desk of one spec. `name` is the task file as messages say it; `writeTasks: false` leaves the user's file alone.
 */
export const createDesk = (options: {
  name: string;
  specFile: SpecFile;
  plan: PlanOptions;
  writeTasks: boolean;
}): SpecDesk => {
  const { name, specFile, writeTasks } = options;
  let spec: Spec | null = null;
  let made: ReturnType<typeof makePlan> | null = null;
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
      made = makePlan(reading.spec, options.plan);
    }
    spec = reading.spec;
    // What was not understood of the file comes first: a plan of nothing has no errors of its own.
    const diagnostics = [...spec.diagnostics, ...made.diagnostics];
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
      if ('event' in read) return { event: read.event, again: false, warnings: [] };
      const warnings = once(read.warnings);
      const changed = changeEvent(state);
      // Ticking waits for the next reading: only the folded state knows which open boxes are disputed.
      if (changed) return { event: changed, again: true, warnings };
      if (!writeTasks) return { event: null, again: false, warnings };

      const due = ticksDue(spec!, state).filter(task => !unwritable.has(task.id));
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
      const changes = difference(reading.spec, state);
      const ticked = new Set(changes.ticked);
      // Also of what was claimed before: a job puts it in other words.
      const claims = reading.spec.tasks.flatMap(({ id, title, state: box }) => {
        const hash = hashTitle(title);
        const renamed = box === 'done' && state.claimed.has(id) && state.claimedTitles.get(hash) !== id;
        return ticked.has(id) || renamed ? [[id, hash] as const] : [];
      });
      if (claims.length === 0) return changes;
      return { ...changes, titles: Object.fromEntries(claims) };
    },
  };

  function changeEvent(state: State): EventBody | null {
    const { plan } = made!;
    if (state.plan?.hash !== plan.hash) return { type: 'plan.made', plan, ticked: tickedLeaves(spec!) };
    const changes = difference(spec!, state);
    return changes.ticked.length > 0 || changes.opened.length > 0 ? { type: 'boxes.changed', ...changes } : null;
  }
};

const difference = (spec: Spec, state: State): BoxChanges => {
  const now = new Set(tickedLeaves(spec));
  const leaves = leafIds(spec);
  return {
    ticked: [...now].filter(id => !state.ticked.has(id)),
    opened: [...state.ticked].filter(id => leaves.has(id) && !now.has(id)),
  };
};

/** One diagnostic as people read it: `file:line:column: what`, and the line itself below. */
export const diagnosticLine = ({ line, column, message, source }: Diagnostic, name: string): string =>
  `${[name, line, line === null ? null : column].filter(part => part !== null).join(':')}: ${message}${source === null ? '' : `\n    ${line} | ${source}`}`;
