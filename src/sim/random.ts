// Seeded chance: the same seed gives the same numbers on every machine.

export interface Random {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole number, both ends included. */
  int(min: number, max: number): number;
  chance(p: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** By weight; weights are positive. */
  weighted<T>(list: readonly (readonly [number, T])[]): T;
}

/** Mulberry32 (public domain). `seed` is any text: streams of one run are told apart by name. */
export const randomOf = (seed: string): Random => {
  let state = 0x9e3779b9;
  for (let k = 0; k < seed.length; k++) {
    state = Math.imul(state ^ seed.charCodeAt(k), 0x85ebca6b);
    state ^= state >>> 13;
  }
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    int,
    chance: p => next() < p,
    pick: list => list[int(0, list.length - 1)]!,
    weighted: list => {
      let left = next() * list.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, value] of list) {
        left -= weight;
        if (left < 0) return value;
      }
      return list.at(-1)![1];
    },
  };
};
