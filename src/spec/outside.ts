// What stands outside every task, line by line, with the headings that it stands under.
import { type Bodies, bodiesOf } from './body.ts';
import type { Placed, Section } from './collect.ts';
import { type DependencyText, readDependencyRest } from './dependencies.ts';

/** A line that belongs to no task. */
export interface OutsideLine {
  /** 0-based in the file. */
  line: number;
  text: string;
  /** The headings above it, outermost first. */
  under: readonly Section[];
  /** It is a dependency line: what it says. null: a line of prose. */
  dependency: DependencyText | null;
}

/** The same, with lists that a dependency line opens in one piece and that stand in the next: a paragraph, then bullets. */
export function* outsideLines(
  placed: readonly Placed[],
  bodies: ReadonlyMap<Placed, Bodies>,
  sections: readonly Section[],
): Generator<OutsideLine> {
  let open: OutsideLine | null = null;
  let last = 0;
  for (const one of eachLine(placed, bodies, sections)) {
    if (open !== null) {
      const more =
        one.dependency === null && one.line <= last + 2 && BULLET.test(one.text) ? readDependencyRest(one.text) : null;
      if (more !== null && more.references.length > 0) {
        open = goOn(open, more);
        last = one.line;
        continue;
      }
      yield open;
      open = null;
    }
    if (one.dependency?.open && one.dependency.references.length === 0) {
      open = one;
      last = one.line;
    } else yield one;
  }
  if (open !== null) yield open;
}

const goOn = (open: OutsideLine, more: DependencyText): OutsideLine => {
  const { references, unread } = open.dependency!;
  const dependency = { ...more, references: [...references, ...more.references], unread: unread ?? more.unread };
  return { ...open, dependency };
};

const BULLET = /^[ \t]*[-*+][ \t]/;

/** All of them in file order. `bodies` = the pieces that hold tasks; in the others everything is outside. */
function* eachLine(
  placed: readonly Placed[],
  bodies: ReadonlyMap<Placed, Bodies>,
  sections: readonly Section[],
): Generator<OutsideLine> {
  let next = 0;
  let under: readonly Section[] = [];
  for (const at of placed) {
    const { loose, prose } = bodies.get(at) ?? bodiesOf(at.piece, []);
    const dependencies = new Map(loose.map(found => [found.line, found]));
    for (const own of [...dependencies.keys(), ...prose].sort((a, b) => a - b)) {
      const line = at.base + own;
      for (; next < sections.length && sections[next]!.line <= line; next++) {
        const section = sections[next]!;
        under = [...under.filter(({ depth }) => depth < section.depth), section];
      }
      yield { line, text: at.piece.lines[own]!, under, dependency: dependencies.get(own) ?? null };
    }
  }
}

/** By section: the headings around it, outermost first. */
export const sectionsAround = (sections: readonly Section[]): Map<Section, readonly Section[]> => {
  const around = new Map<Section, readonly Section[]>();
  let under: readonly Section[] = [];
  for (const section of sections) {
    under = under.filter(({ depth }) => depth < section.depth);
    around.set(section, under);
    under = [...under, section];
  }
  return around;
};
