// What really happened, whatever the journal says: every process that ran, every word of a person. Finds broken promises.
import type { Action } from '../core/decide.ts';
import type { Command, JournalEvent } from '../core/events.ts';
import type { State } from '../core/state.ts';
import { type Chronicle, chronicleOf, observe, observeLife } from './chronicle.ts';
import { loseJournal } from './lost-journal.ts';
import type { SpecPlace } from './place.ts';
import { livingMembers, type Start } from './start.ts';
import { seenUnits } from './task-text.ts';
import type { World } from './world.ts';

export interface Violation {
  checker: string;
  message: string;
}

/** A process of a start that really ran. */
export interface Begun {
  spec: SpecPlace;
  start: Start;
  n: number;
  kind: string;
  unit: string | null;
  /** Title of its unit when it began; null: none, or not in the file. */
  unitTitle: string | null;
  /** Hashes of the titles of its unit's leaves when it began. */
  leaves: Set<string>;
  gate: string | null;
  beganMonoMs: number;
  /** null: it still runs. */
  endedMonoMs: number | null;
  /** It came to its last word. */
  said: boolean;
  /** Its end was written down as it was. */
  exitCode: number | null | 'none';
}

export class Truth {
  readonly violations: Violation[] = [];
  readonly begun: Begun[] = [];
  waits = 0;
  /** Working time at which the run that lives was told to stop at once. */
  private stopNowMs: number | null = null;
  private readonly marks = new Set<string>();
  private readonly chronicles = new Map<SpecPlace, Chronicle>();
  private world!: World;
  private readonly granularity: Chronicle['granularity'];

  constructor(granularity: Chronicle['granularity']) {
    this.granularity = granularity;
  }

  attach(world: World): void {
    this.world = world;
  }

  broken(checker: string, message: string): void {
    this.violations.push({ checker, message });
    this.world.tell(() => `VIOLATION ${checker}: ${message}`);
  }

  of(spec: SpecPlace): Chronicle {
    let found = this.chronicles.get(spec);
    if (!found) {
      found = chronicleOf(spec, this.granularity);
      this.chronicles.set(spec, found);
    }
    return found;
  }

  began(spec: SpecPlace, start: Start): void {
    const chronicle = this.of(spec);
    const units = seenUnits(chronicle.readText, this.granularity);
    const { job } = start;
    const unit = units.find(({ id }) => id === job?.unit);
    for (const other of this.begun) {
      const alive = livingMembers(other.start);
      if (other.start !== start && alive.length > 0) {
        this.broken('one at a time', `start ${start.n} began while ${alive[0]!.process.name} lived`);
      }
    }
    if (this.marks.has(start.mark)) this.broken('mark twice', `${start.mark} was begun a second time`);
    this.marks.add(start.mark);
    this.begun.push({
      spec,
      start,
      n: start.n,
      kind: job?.kind ?? 'agent',
      unit: job?.unit ?? null,
      unitTitle: unit?.title ?? null,
      leaves: new Set(unit?.leaves.map(({ hash }) => hash) ?? []),
      gate: job?.kind === 'gate' || job?.kind === 'baseline' ? job.title : null,
      beganMonoMs: this.world.time.monoMs,
      endedMonoMs: null,
      said: false,
      exitCode: 'none',
    });
    if (job?.kind === 'agent') this.beganAgent(chronicle, start, units);
  }

  ended(start: Start): void {
    const one = this.recordOf(start);
    if (one) one.endedMonoMs = this.world.time.monoMs;
  }

  said(start: Start): void {
    const one = this.recordOf(start);
    if (one) one.said = true;
  }

  exited(start: Start): void {
    const one = this.recordOf(start);
    if (one) one.exitCode = start.exit?.code ?? null;
  }

  recordOf(start: Start): Begun | undefined {
    return this.begun.findLast(one => one.start === start);
  }

  /** A person does something that a later event may rest on. */
  person(spec: SpecPlace, what: { ticks?: string[]; opens?: string[]; command?: Command }): void {
    const chronicle = this.of(spec);
    for (const hash of what.ticks ?? []) {
      chronicle.byPerson.add(hash);
      // It may be what had halted: then that is the answer.
      chronicle.haltedBy = null;
    }
    for (const hash of what.opens ?? []) chronicle.opened.add(hash);
    if (what.command) chronicle.given.push(what.command);
  }

  /** A runner has folded an event. */
  observe(spec: SpecPlace, event: JournalEvent, state: State): void {
    const { monoMs } = this.world.time;
    if (event.type === 'run.started') this.stopNowMs = null;
    if (event.type === 'command' && event.command.kind === 'stop' && event.command.now) this.stopNowMs ??= monoMs;
    // TERM, 5 s, KILL, and the time that launch.sh takes.
    if (event.type === 'start.ended' && this.stopNowMs !== null && monoMs - this.stopNowMs > 30_000) {
      this.broken(
        'stop',
        `start ${event.n} went on for ${Math.round((monoMs - this.stopNowMs) / 1000)} s after stop --now`,
      );
    }
    observe(this.of(spec), event, state, this);
  }

  /** A runner has read the journal at its start. */
  observeLife(spec: SpecPlace, read: { state: State; events: readonly JournalEvent[] }): void {
    observeLife(this.of(spec), read, this);
  }

  /** A journal is begun: what is known from now on stands in the entry of the state file, or nowhere. */
  journalLost(spec: SpecPlace, entry: Parameters<typeof loseJournal>[1]): void {
    loseJournal(this.of(spec), entry);
  }

  action(spec: SpecPlace, action: Action): void {
    const chronicle = this.of(spec);
    chronicle.actions++;
    if (chronicle.actions > 3000) this.broken('every run ends', 'more than 3000 actions in one run');
    if (action.kind === 'wait') {
      this.waits++;
      if (action.because === '') this.broken('reasons', 'a wait without a reason');
      if (!Number.isFinite(action.untilMs)) this.broken('reasons', `a wait until ${action.untilMs}`);
    }
    if (action.kind === 'paused' && action.because === '') this.broken('reasons', 'a pause without a reason');
    if (action.kind === 'finish' && action.because === '') this.broken('reasons', 'an end without a reason');
    if (action.kind === 'end' && !action.because) this.broken('reasons', 'a start is ended without a reason');
  }

  private beganAgent(chronicle: Chronicle, start: Start, units: ReturnType<typeof seenUnits>): void {
    const { time } = this.world;
    const { state } = chronicle;
    const id = start.job!.unit!;
    const index = units.findIndex(unit => unit.id === id);
    const unit = units[index];
    const { limit } = chronicle;
    if (limit && time.wallMs() < limit.untilMs) {
      this.broken(
        'limits',
        `start ${start.n} began ${Math.round((limit.untilMs - time.wallMs()) / 1000)} s before ${limit.because}`,
      );
    }
    if (chronicle.haltedBy !== null) {
      this.broken(
        'halt',
        `start ${start.n} began after start ${chronicle.haltedBy} had halted, and no person said a word`,
      );
    }
    if (chronicle.pausedAfter !== null && start.n > chronicle.pausedAfter)
      this.broken('pause', `start ${start.n} began though a person had paused the spec`);
    if (chronicle.stopped) this.broken('stop', `start ${start.n} began after a stop in the same run`);
    if (state?.run) {
      const { policy } = state.run;
      const dead = state.plan?.units.find(one => {
        const record = state.units.get(one.id);
        return record?.standing.kind === 'failed' && one.leaves.some(leaf => !state.done.has(leaf.id));
      });
      if (dead && policy.onFail !== 'skip') {
        this.broken(
          'after a failure',
          `start ${start.n} began though ${dead.id} had failed (--on-fail ${policy.onFail})`,
        );
      }
      if (chronicle.iterations >= policy.maxIterations) {
        this.broken('iterations', `start ${start.n} is one too many for ${policy.maxIterations}`);
      }
    }
    if (!unit) {
      this.broken('order', `start ${start.n} is for ${id}, which the file does not have`);
      return;
    }
    const isDone = (one: (typeof units)[number]) => one.leaves.every(({ hash }) => chronicle.done.has(hash));
    const openNeed = (one: (typeof units)[number]) =>
      one.dependsOn.find(need =>
        units.some(({ leaves }) =>
          leaves.some(({ id, hash }) => (id === need || id.startsWith(`${need}.`)) && !chronicle.done.has(hash)),
        ),
      );
    if (isDone(unit) && !unit.leaves.some(({ hash }) => chronicle.opened.has(hash)))
      this.broken('paid twice', `start ${start.n} is for ${id}, which is done`);
    const open = openNeed(unit);
    if (open !== undefined) this.broken('order', `start ${start.n} of ${id} began before ${open}, which it depends on`);
    for (const other of units.slice(0, index)) {
      const standing = state?.units.get(other.id)?.standing.kind ?? 'fresh';
      if (isDone(other) || openNeed(other) !== undefined) continue;
      if (standing === 'failed' || standing === 'skipped' || standing === 'halted') continue;
      this.broken('order', `start ${start.n} of ${id} began before ${other.id}, which was ready`);
    }
    const counted = [...chronicle.counted.values()].filter(title => title === unit.title).length;
    const granted = chronicle.granted.get(unit.title) ?? 0;
    const policy = state?.run?.policy;
    if (policy && counted >= policy.maxAttempts + policy.maxFollowUps + granted) {
      this.broken(
        'bounds',
        `start ${start.n} of ${id} is one more than its attempts and follow-ups (${counted} counted)`,
      );
    }
  }
}
