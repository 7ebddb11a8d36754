// How long to wait before trying again. Pure arithmetic on defaults.
import { defaults } from './defaults.ts';
import type { Policy } from './policy.ts';

/** The delay before the next start with its part by chance: between `delayMs` and (1 + `jitter`) times that. `chance` is in [0, 1). */
export const drawnDelayMs = ({ delayMs, jitter = 0 }: Pick<Policy, 'delayMs' | 'jitter'>, chance: number): number =>
  Math.round(delayMs * (1 + jitter * chance));

/** Wait after the k-th failure in a row (k from 1): max(delay, 1 s), doubled each time, at most 10 min. */
export const failureBackoffMs = (k: number, delayMs: number): number =>
  Math.min(defaults.backoffMaxMs, Math.max(delayMs, defaults.backoffMinMs) * 2 ** Math.max(0, k - 1));

/**
 * When a limited agent may be tried again, epoch ms. A known reset waits for it plus the margin; an unknown one backs off
 * 5, 10, 20 … 60 min; the third and later limited starts in a row without any work wait an hour at least.
 */
export const limitUntilMs = (limit: {
  nowMs: number;
  resetAtMs: number | null;
  marginMs: number;
  /** Limited starts in a row without work, this one included. */
  inRow: number;
  /** Limited starts in a row with or without work, this one included. */
  inAll: number;
}): number => {
  const { nowMs, resetAtMs, marginMs, inRow, inAll } = limit;
  const unknown =
    nowMs + Math.min(defaults.limitUnknownMaxMs, defaults.limitUnknownMinMs * 2 ** Math.max(0, inAll - 1));
  // A reset that has passed and still limits tells nothing: only its first sighting is believed.
  const known = resetAtMs === null || (resetAtMs <= nowMs && inAll > 1) ? null : Math.max(resetAtMs, nowMs) + marginMs;
  const until = known ?? unknown;
  return inRow >= defaults.limitedInRowLong ? Math.max(until, nowMs + defaults.limitedLongMs) : until;
};
