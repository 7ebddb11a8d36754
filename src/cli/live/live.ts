// Keeps the live view on a screen up to date: when something happens, each second, and when the terminal changes.
import type { SpecWords } from '../../core/handoff.ts';
import type { State } from '../../core/state.ts';
import type { Waiting } from '../../core/why.ts';
import { withSpec } from '../../core/with-spec.ts';
import type { Screen } from '../console.ts';
import { localClock, localTimes } from '../local-time.ts';
import { lastSaid, type Said } from './feed.ts';
import { liveView } from './view.ts';

/** Where things stand. */
export interface LiveNow {
  state: State;
  /** What the run waits for, or null. */
  wait: Waiting | null;
  /** A runner is at work. */
  alive: boolean;
}

export interface Live {
  /** Something has happened: shown at once, or a little later when much happens. */
  update(now: LiveNow): void;
  /** Takes the view away, for good. */
  close(): void;
}

export interface LiveOptions {
  specName: string;
  /** How the commands that are named name the spec. */
  specWords: SpecWords;
  nowMs(): number;
  /** How many lines may be used of a terminal with so many. */
  rows(all: number): number;
}

/** Not more often than this, in ms, is anything drawn anew: nobody sees more. */
const shortestMs = 100;

/** Whatever goes wrong in it ends the view alone: it is a courtesy. */
export const createLive = (screen: Screen, { specName, specWords, nowMs, rows }: LiveOptions): Live => {
  let now: LiveNow | null = null;
  let said: Said & { folder: string | null } = { folder: null, line: null, atMs: null };
  let isLooking = false;
  let closed = false;
  let drawnMs = Number.NEGATIVE_INFINITY;
  let soon: NodeJS.Timeout | null = null;

  const close = () => {
    if (closed) return;
    closed = true;
    clearInterval(ticks);
    if (soon) clearTimeout(soon);
    process.off('SIGWINCH', request);
    process.off('SIGCONT', again);
    screen.close();
  };
  const draw = () => {
    soon = null;
    if (closed || now === null) return;
    drawnMs = nowMs();
    try {
      const { state, wait, alive } = now;
      const { line, atMs } = state.open?.folder === said.folder ? said : nothing;
      const size = screen.size();
      // The last cell of a line stays empty: some terminals wrap behind it.
      const room = { columns: size.columns - 1, rows: rows(size.rows), colour: screen.colour, unicode: screen.unicode };
      const local = (text: string): string => localTimes(withSpec(text, specWords));
      const clock = (text: string): string => localClock(withSpec(text, specWords));
      const facts = { specName, nowMs: drawnMs, alive, wait, line, lineAtMs: atMs, local, clock };
      screen.draw(liveView(state, facts, room));
    } catch {
      close();
    }
  };
  function request(): void {
    if (soon || closed) return;
    // A clock that was set back must not hold the view.
    const dueMs = Math.min(shortestMs, Math.max(0, drawnMs + shortestMs - nowMs()));
    if (dueMs === 0) draw();
    else soon = setTimeout(() => setImmediate(draw), dueMs).unref();
  }
  function again(): void {
    screen.forget();
    request();
  }
  const look = async () => {
    const folder = now?.state.open?.folder ?? null;
    if (folder !== null && !isLooking) {
      isLooking = true;
      said = { folder, ...(await lastSaid(folder)) };
      isLooking = false;
    }
    request();
  };
  // After a stop (Ctrl-Z) timers come before signals: SIGCONT must be heard before anything is drawn.
  const ticks = setInterval(() => setImmediate(look), 1000).unref();
  process.on('SIGWINCH', request);
  process.on('SIGCONT', again);
  return {
    update: next => {
      now = next;
      request();
    },
    close,
  };
};

const nothing: Said = { line: null, atMs: null };
