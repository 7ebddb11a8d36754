// Virtual time: a queue of what happens when, working time and wall time apart, and a pump that lets each thing settle.
import type { Clock } from '../engine/ports.ts';

interface Entry {
  atMs: number;
  order: number;
  run: (() => void) | null;
}

/** A sleeper of the real clock looks again at least so often. */
const recheckMs = 30_000;
const setBackMs = 5_000;

export class Time {
  /** Working time: stands still while the machine sleeps. */
  monoMs = 0;
  /** Everything that has happened, in order. */
  turns = 0;
  private offsetMs: number;
  private drift = 0;
  private driftFromMs = 0;
  private readonly heap: Entry[] = [];
  private order = 0;
  private readonly onShift = new Set<() => void>();

  constructor(wallMs: number) {
    this.offsetMs = wallMs;
  }

  /** Epoch ms, whole. */
  wallMs(): number {
    return Math.floor(this.offsetMs + this.monoMs + (this.monoMs - this.driftFromMs) * this.drift);
  }

  /** Calls back after so much working time. Returns how to call it off. */
  after(ms: number, run: () => void): () => void {
    const entry: Entry = { atMs: this.monoMs + Math.max(0, ms), order: this.order++, run };
    push(this.heap, entry);
    return () => {
      entry.run = null;
    };
  }

  /** The wall clock is set, or the machine slept: working time has not gone on. */
  shiftWall(ms: number): void {
    this.offsetMs += ms;
    for (const tell of [...this.onShift]) tell();
  }

  /** From now on the wall clock runs faster (or slower) by this share. */
  setDrift(share: number): void {
    this.offsetMs += (this.monoMs - this.driftFromMs) * this.drift;
    this.driftFromMs = this.monoMs;
    this.drift = share;
  }

  /** Working time until the wall shows `wallMs`, as things are now. */
  monoUntil(wallMs: number): number {
    return Math.max(0, (wallMs - this.wallMs()) / (1 + this.drift));
  }

  /** Calls back when the wall clock has been set. */
  watchShifts(tell: () => void): () => void {
    this.onShift.add(tell);
    return () => this.onShift.delete(tell);
  }

  /** The clock of a process; `alive` false: its timers never come. */
  clock(alive: () => boolean): Clock {
    return {
      nowMs: () => this.wallMs(),
      monotonicMs: () => this.monoMs,
      sleepUntil: (untilMs, signal) =>
        new Promise(resolve => {
          let cancel = () => {};
          let unwatch = () => {};
          let lastLeftMs = Number.POSITIVE_INFINITY;
          const finish = () => {
            cancel();
            unwatch();
            signal.removeEventListener('abort', finish);
            if (alive()) resolve();
          };
          // One long timer stands for many short ones: they differ only when the wall clock is set.
          const step = () => {
            const leftMs = untilMs - this.wallMs();
            if (leftMs > lastLeftMs + setBackMs || signal.aborted || !(leftMs > 0)) return finish();
            lastLeftMs = leftMs;
            cancel();
            if (untilMs !== Number.POSITIVE_INFINITY) cancel = this.after(Math.ceil(this.monoUntil(untilMs)) + 1, step);
          };
          signal.addEventListener('abort', finish, { once: true });
          unwatch = this.watchShifts(() => {
            cancel();
            cancel = this.after(recheckMs / 2, step);
          });
          step();
        }),
    };
  }

  /** Lets things happen, one after the other, each with all that follows at once, until `isOver`. Rejects with what is thrown. */
  drive(isOver: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = () => {
        try {
          if (isOver()) return resolve();
          const entry = pop(this.heap);
          if (entry === null) throw new Error('nothing more happens, and it is not over');
          if (entry.run) {
            this.turns++;
            this.monoMs = Math.max(this.monoMs, entry.atMs);
            entry.run();
          }
        } catch (error) {
          reject(error);
          return;
        }
        // A tick that is asked for by a microtask comes when no microtask is left.
        void Promise.resolve().then(() => process.nextTick(turn));
      };
      process.nextTick(turn);
    });
  }
}

const before = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

const push = (heap: Entry[], entry: Entry): void => {
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const up = (at - 1) >> 1;
    if (!before(entry, heap[up]!)) break;
    heap[at] = heap[up]!;
    at = up;
  }
  heap[at] = entry;
};

const pop = (heap: Entry[]): Entry | null => {
  const top = heap[0];
  const last = heap.pop();
  if (!top || !last) return null;
  if (heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let down = 2 * at + 1;
    if (down >= heap.length) break;
    if (down + 1 < heap.length && before(heap[down + 1]!, heap[down]!)) down++;
    if (!before(heap[down]!, last)) break;
    heap[at] = heap[down]!;
    at = down;
  }
  heap[at] = last;
  return top;
};
