// Order, levels and cycles on small and random graphs.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cycles, levels, lowestFirst } from '../../src/core/graph.ts';

/** Graphs without cycles: a node needs only nodes of a hidden earlier rank. */
const acyclic = fc
  .integer({ min: 1, max: 12 })
  .chain(size =>
    fc.tuple(
      fc.shuffledSubarray([...Array(size).keys()], { minLength: size }),
      fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 30 }),
    ),
  )
  .map(([rank, edges]) => {
    const needs: number[][] = rank.map(() => []);
    for (const [a, b] of edges) if (rank[b]! < rank[a]!) needs[a]!.push(b);
    return needs;
  });

const anyGraph = fc
  .integer({ min: 1, max: 8 })
  .chain(size => fc.array(fc.array(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size }));

describe('lowestFirst', () => {
  it('takes the lowest ready node each time', () => {
    expect(lowestFirst([[2], [], [], [0]])).toEqual({ order: [1, 2, 0, 3], stuck: [] });
  });

  it('is topological and greedy on every graph without cycles', () => {
    fc.assert(
      fc.property(acyclic, needs => {
        const { order, stuck } = lowestFirst(needs);
        expect(stuck).toEqual([]);
        const done = new Set<number>();
        for (const node of order) {
          const ready = needs.map((_, i) => i).filter(i => !done.has(i) && needs[i]!.every(need => done.has(need)));
          expect(node).toBe(Math.min(...ready));
          done.add(node);
        }
        expect(done.size).toBe(needs.length);
      }),
    );
  });

  it('leaves out what stands on a cycle or behind one', () => {
    expect(lowestFirst([[], [2], [1], [2], [0]])).toEqual({ order: [0, 4], stuck: [1, 2, 3] });
  });
});

describe('levels', () => {
  it('count the longest way', () => {
    const needs = [[], [0], [0, 1], []];
    expect(levels(needs, lowestFirst(needs).order)).toEqual([0, 1, 2, 0]);
  });
});

describe('cycles', () => {
  it('gives one short path for each tangle', () => {
    expect(cycles([[1], [2], [0, 1], [], [5], [4], [6]])).toEqual([
      [0, 1, 2, 0],
      [4, 5, 4],
      [6, 6],
    ]);
  });

  it('finds one exactly when something is stuck, and each is a real path', () => {
    fc.assert(
      fc.property(anyGraph, needs => {
        const found = cycles(needs);
        expect(found.length > 0).toBe(lowestFirst(needs).stuck.length > 0);
        for (const path of found) {
          expect(path[0]).toBe(path.at(-1));
          for (let i = 1; i < path.length; i++) expect(needs[path[i - 1]!]).toContain(path[i]);
        }
      }),
    );
  });

  it('bears a chain of a hundred thousand', () => {
    const chain = Array.from({ length: 100_000 }, (_, i) => [(i + 1) % 100_000]);
    expect(cycles(chain)[0]).toHaveLength(100_001);
  });
});
