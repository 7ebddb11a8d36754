// Which part of a long list is shown around the item that matters, with a line at each end that says what is not. Pure.

export interface Span {
  /** Items from (inclusive) and to (exclusive) are shown. */
  from: number;
  to: number;
  /** How many are left out above and below where a line says so; 0 also where there is no room for that line. */
  above: number;
  below: number;
}

/** `current` is always shown; items and lines that say more together take at most `room` (at least 1) lines. */
export const spanAround = (total: number, current: number, room: number): Span => {
  if (total <= room) return { from: 0, to: total, above: 0, below: 0 };
  // No room for both.
  if (room < 3) {
    const to = current + 1;
    return { from: current, to, above: 0, below: room === 2 ? total - to : 0 };
  }
  // A third of what is behind, the rest of what is ahead.
  const from = current - Math.floor((room - 2) / 3);
  // A line that says "1 more" takes as much as the item.
  if (from <= 1) return { from: 0, to: room - 1, above: 0, below: total - (room - 1) };
  const to = from + room - 2;
  if (to >= total - 1) return { from: total - (room - 1), to: total, above: total - (room - 1), below: 0 };
  return { from, to, above: from, below: total - to };
};
