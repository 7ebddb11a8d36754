// Order, levels and cycles of a graph whose nodes are numbered by preference: 0 is wanted first.

/** `needs[i]` holds the nodes that must come before node i. Unknown numbers are not allowed. */
export type Needs = readonly (readonly number[])[];

/**
 * Takes again and again the lowest node whose needs have all been taken, so the result is a topological order.
 * Nodes on a cycle, or behind one, are in `stuck`, lowest first.
 */
export const lowestFirst = (needs: Needs): { order: number[]; stuck: number[] } => {
  const waitsFor = needs.map(list => new Set(list).size);
  const neededBy: number[][] = needs.map(() => []);
  needs.forEach((list, node) => {
    for (const need of new Set(list)) neededBy[need]!.push(node);
  });
  const heap: number[] = [];
  waitsFor.forEach((count, node) => {
    if (count === 0) push(heap, node);
  });
  const order: number[] = [];
  while (heap.length > 0) {
    const node = pop(heap);
    order.push(node);
    for (const next of neededBy[node]!) {
      waitsFor[next]!--;
      if (waitsFor[next] === 0) push(heap, next);
    }
  }
  const taken = new Set(order);
  return { order, stuck: needs.map((_, node) => node).filter(node => !taken.has(node)) };
};

/** Longest way from a node without needs, 0 for such a node itself. `order` must be topological; nodes outside it get 0. */
export const levels = (needs: Needs, order: readonly number[]): number[] => {
  const level = needs.map(() => 0);
  for (const node of order) {
    for (const need of needs[node]!) level[node] = Math.max(level[node]!, level[need]! + 1);
  }
  return level;
};

/**
 * One shortest cycle for each tangle of nodes that need each other, as a path that ends where it began
 * (`[1, 2, 1]`: 1 needs 2, 2 needs 1). Begins with the lowest node of the tangle. A node that needs itself is `[1, 1]`.
 */
export const cycles = (needs: Needs): number[][] => {
  const found: number[][] = [];
  for (const tangle of tangles(needs)) {
    const start = tangle.reduce((lowest, node) => Math.min(lowest, node));
    const path = wayBack(needs, new Set(tangle), start);
    if (path) found.push(path);
  }
  return found.sort((x, y) => x[0]! - y[0]!);
};

/** Shortest path from `start` over `inside` back to `start`, or null. */
const wayBack = (needs: Needs, inside: ReadonlySet<number>, start: number): number[] | null => {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (const need of needs[node]!) {
      if (need === start) {
        const path = [start];
        for (let at = node; at !== start; at = cameFrom.get(at)!) path.unshift(at);
        return [start, ...path];
      }
      if (inside.has(need) && !cameFrom.has(need)) {
        cameFrom.set(need, node);
        queue.push(need);
      }
    }
  }
  return null;
};

/** Strongly connected components (Tarjan, with an own stack: plans may be ten thousand nodes deep). */
const tangles = (needs: Needs): number[][] => {
  const index = needs.map(() => -1);
  const low = needs.map(() => 0);
  const onStack = needs.map(() => false);
  const stack: number[] = [];
  const found: number[][] = [];
  let counter = 0;
  for (let root = 0; root < needs.length; root++) {
    if (index[root] !== -1) continue;
    const work: { node: number; next: number }[] = [{ node: root, next: 0 }];
    while (work.length > 0) {
      const frame = work[work.length - 1]!;
      const { node } = frame;
      if (frame.next === 0) {
        index[node] = low[node] = counter++;
        stack.push(node);
        onStack[node] = true;
      }
      const need = needs[node]![frame.next++];
      if (need !== undefined) {
        if (index[need] === -1) work.push({ node: need, next: 0 });
        else if (onStack[need]) low[node] = Math.min(low[node]!, index[need]!);
        continue;
      }
      work.pop();
      const above = work[work.length - 1];
      if (above) low[above.node] = Math.min(low[above.node]!, low[node]!);
      if (low[node] === index[node]) {
        const tangle: number[] = [];
        let member: number;
        do {
          member = stack.pop()!;
          onStack[member] = false;
          tangle.push(member);
        } while (member !== node);
        found.push(tangle);
      }
    }
  }
  return found;
};

const push = (heap: number[], value: number): void => {
  let at = heap.push(value) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (heap[above]! <= heap[at]!) return;
    [heap[above], heap[at]] = [heap[at]!, heap[above]!];
    at = above;
  }
};

const pop = (heap: number[]): number => {
  const lowest = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return lowest;
  heap[0] = last;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    let least = at;
    if (left < heap.length && heap[left]! < heap[least]!) least = left;
    if (right < heap.length && heap[right]! < heap[least]!) least = right;
    if (least === at) return lowest;
    [heap[least], heap[at]] = [heap[at]!, heap[least]!];
    at = least;
  }
};
