// Task files of simulated specs: made, read by eye as it were (not by the parser that is tried), and edited.
import { hashTitle } from '../core/hash.ts';

export interface SeenLeaf {
  id: string;
  title: string;
  hash: string;
  ticked: boolean;
  line: number;
}

export interface SeenUnit {
  id: string;
  title: string;
  line: number;
  /** First line behind it. */
  endLine: number;
  leaves: SeenLeaf[];
  dependsOn: string[];
}

const item = /^( *)- \[([ xX])\] (\d+(?:\.\d+)*)\.? (.*)$/;

/** What stands in a task file that was made here; with `leaf` each leaf is a unit of its own. */
export const seenUnits = (text: string, granularity: 'group' | 'leaf' = 'group'): SeenUnit[] => {
  const groups = seenGroups(text);
  if (granularity === 'group') return groups;
  return groups.flatMap(({ leaves, dependsOn }) =>
    leaves.map(leaf => ({ ...leaf, endLine: leaf.line + 1, leaves: [leaf], dependsOn })),
  );
};

const seenGroups = (text: string): SeenUnit[] => {
  const units: SeenUnit[] = [];
  const lines = text.split('\n');
  lines.forEach((line, index) => {
    const found = item.exec(line);
    if (found) {
      const [, indent, mark, id, title] = found as unknown as [string, string, string, string, string];
      const leaf = { id, title, hash: hashTitle(title), ticked: mark !== ' ', line: index };
      if (indent === '') units.push({ id, title, line: index, endLine: lines.length, leaves: [leaf], dependsOn: [] });
      else {
        const unit = units.at(-1)!;
        if (unit.leaves[0]!.line === unit.line) unit.leaves = [];
        unit.leaves.push(leaf);
      }
      const before = units.at(-2);
      if (indent === '' && before) before.endLine = index;
    }
    const needs = /_depends: ([\d, ]+)_/.exec(line);
    if (needs && units.length > 0) units.at(-1)!.dependsOn.push(...needs[1]!.split(',').map(id => id.trim()));
  });
  return units;
};

export const leavesOfText = (text: string): SeenLeaf[] => seenUnits(text).flatMap(unit => unit.leaves);

/** Sets the boxes of these lines. */
export const setBoxes = (text: string, lines: readonly number[], mark: ' ' | 'x'): string => {
  const all = text.split('\n');
  for (const line of lines) all[line] = all[line]!.replace(/\[[ xX]\]/, `[${mark}]`);
  return all.join('\n');
};

/** The unit with this id goes, with all its lines. */
export const withoutUnit = (text: string, id: string): string => {
  const unit = seenUnits(text).find(one => one.id === id);
  if (!unit) return text;
  const all = text.split('\n');
  all.splice(unit.line, unit.endLine - unit.line);
  return all.join('\n');
};

/** Numbers all units anew, in the order in which they stand, with their dependencies. */
export const renumbered = (text: string): string => {
  const names = new Map(seenUnits(text).map((unit, index) => [unit.id, String(index + 1)]));
  const rename = (id: string): string => {
    const [top, ...rest] = id.split('.');
    return [names.get(top!) ?? top!, ...rest].join('.');
  };
  return text
    .split('\n')
    .map(line => {
      const found = item.exec(line);
      if (found) return line.replace(found[3]!, rename(found[3]!));
      return line.replace(/_depends: ([\d, ]+)_/, (_, ids: string) => {
        const known = ids
          .split(',')
          .map(id => id.trim())
          .filter(id => names.has(id));
        return known.length > 0 ? `_depends: ${known.map(rename).join(', ')}_` : '_note: none_';
      });
    })
    .join('\n');
};

/** A new unit in front of the others, which are numbered anew. */
export const withUnitInFront = (text: string, title: string): string => {
  const [first] = seenUnits(text);
  const all = text.split('\n');
  all.splice(first?.line ?? all.length, 0, `- [ ] 0. ${title}`);
  return renumbered(all.join('\n'));
};

export const withUnitAtEnd = (text: string, title: string): string => {
  const last = seenUnits(text).at(-1);
  return `${text.trimEnd()}\n- [ ] ${Number(last?.id ?? 0) + 1}. ${title}\n`;
};

/** The leaf in this line gets another title. */
export const withTitle = (text: string, line: number, title: string): string => {
  const all = text.split('\n');
  all[line] = all[line]!.replace(
    item,
    (_, indent: string, mark: string, id: string) => `${indent}- [${mark}] ${id} ${title}`,
  );
  return all.join('\n');
};
