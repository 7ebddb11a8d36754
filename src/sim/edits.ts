// What agents do to files that are not theirs, and persons to their own: task file, state file, config, locks.
import { hashTitle } from '../core/hash.ts';
import { sumOf } from '../core/project-state.ts';
import type { Edit } from './acts.ts';
import type { SpecPlace } from './place.ts';
import {
  leavesOfText,
  renumbered,
  type SeenLeaf,
  seenUnits,
  setBoxes,
  withoutUnit,
  withTitle,
  withUnitAtEnd,
  withUnitInFront,
} from './task-text.ts';
import type { World } from './world.ts';

/** Words that no task had before. */
export const newTitle = (world: World, words: string): string => `${words} ${++world.workspace.titles}`;

const change = (spec: SpecPlace, edit: (text: string) => string): void => {
  const { text } = spec.tasks;
  if (text !== null) spec.tasks.replace(edit(text));
};

const leavesOfUnit = (text: string, id: string | null) => seenUnits(text).find(unit => unit.id === id)?.leaves ?? [];

/** Edits of the spec's entry in STATE.json; `sealed` = with a sum that fits. */
const changeEntry = (
  world: World,
  spec: SpecPlace,
  sealed: boolean,
  edit: (entry: Record<string, unknown>) => void,
): void => {
  const { state } = world.workspace;
  if (state.text === null) return;
  let parsed: { specs?: Record<string, Record<string, unknown>> };
  try {
    parsed = JSON.parse(state.text);
  } catch {
    return;
  }
  const entry = parsed.specs?.[spec.name];
  if (!entry) return;
  edit(entry);
  if (sealed) {
    delete entry.sum;
    entry.sum = sumOf(entry);
  }
  state.replace(`${JSON.stringify(parsed, null, 2)}\n`);
};

const forge = (spec: SpecPlace) => (entry: Record<string, unknown>) => {
  const leaves = leavesOfText(spec.tasks.text ?? '');
  entry.completed = leaves.map(({ id }) => id);
  entry.title_hashes = Object.fromEntries(leaves.map(({ id, hash }) => [id, hash]));
  entry.units = {};
  entry.claimed = [];
};

/** By an agent, while it works. */
export const agentEdits: Record<string, Edit> = {
  'ticks its own boxes': (_, spec, start) =>
    change(spec, text =>
      setBoxes(
        text,
        leavesOfUnit(text, start.job?.unit ?? null).map(({ line }) => line),
        'x',
      ),
    ),
  'ticks all boxes': (_, spec) =>
    change(spec, text =>
      setBoxes(
        text,
        leavesOfText(text).map(({ line }) => line),
        'x',
      ),
    ),
  'ticks another box': (_w, spec, _s, random) =>
    change(spec, text => {
      const leaves = leavesOfText(text);
      return leaves.length === 0 ? text : setBoxes(text, [random.pick(leaves).line], 'x');
    }),
  'opens all boxes': (_, spec) =>
    change(spec, text =>
      setBoxes(
        text,
        leavesOfText(text).map(({ line }) => line),
        ' ',
      ),
    ),
  'puts a unit in front': (world, spec) =>
    change(spec, text => withUnitInFront(text, newTitle(world, 'Found on the way'))),
  'adds a unit at the end': (world, spec) =>
    change(spec, text => withUnitAtEnd(text, newTitle(world, 'Left for later'))),
  'removes a unit': (_w, spec, _s, random) =>
    change(spec, text => {
      const units = seenUnits(text);
      return units.length < 2 ? text : renumbered(withoutUnit(text, random.pick(units).id));
    }),
  'renames a leaf': (world, spec, _s, random) =>
    change(spec, text => {
      const leaves = leavesOfText(text);
      return leaves.length === 0
        ? text
        : withTitle(text, random.pick(leaves).line, newTitle(world, 'Put in other words'));
    }),
  'edits a gate': (_w, spec) => change(spec, text => text.replaceAll(/_verify: .*_/g, '_verify: true_')),
  'forges the state file': (world, spec) => changeEntry(world, spec, false, forge(spec)),
  'forges the state file with its sum': (world, spec) => changeEntry(world, spec, true, forge(spec)),
  'forges a later state file': (world, spec) =>
    changeEntry(world, spec, true, entry => {
      forge(spec)(entry);
      entry.seq = 100_000;
    }),
  'forges the state file of another journal': (world, spec) =>
    changeEntry(world, spec, true, entry => {
      forge(spec)(entry);
      entry.journal = 'another';
    }),
  'breaks the state file': world => world.workspace.state.replace('{'),
  'removes the state file': world => world.workspace.state.replace(null),
  'checks out the first task file': (_, spec) => spec.tasks.replace(spec.firstTasks),
  'checks out an older state file': (world, _s, _t, random) => {
    const { olderStates, state } = world.workspace;
    if (olderStates.length > 0) state.replace(random.pick(olderStates));
  },
  'removes the lock of the specs': world => {
    world.workspace.specsLock.highest = null;
  },
  'edits the config': (world, _s, start) => world.workspace.config.replace(`{"verify": [], "by": ${start.n}}`),
};

/** By a person, while no job is open. What is ticked then is done. Returns hashes of titles that were ticked. */
export const personTicks = (spec: SpecPlace, random: { pick<T>(list: readonly T[]): T }): string[] => {
  const leaves = leavesOfText(spec.tasks.text ?? '').filter(({ ticked }) => !ticked);
  if (leaves.length === 0) return [];
  const leaf = random.pick(leaves);
  change(spec, text => setBoxes(text, [leaf.line], 'x'));
  return [leaf.hash];
};

/** A person opens a box that is ticked. Returns the hash of its title. */
export const personOpens = (spec: SpecPlace, random: { pick<T>(list: readonly T[]): T }): string[] => {
  const leaves = leavesOfText(spec.tasks.text ?? '').filter(({ ticked }) => ticked);
  if (leaves.length === 0) return [];
  const leaf = random.pick(leaves);
  change(spec, text => setBoxes(text, [leaf.line], ' '));
  return [leaf.hash];
};

export const personAdds = (spec: SpecPlace, title: string): void => change(spec, text => withUnitAtEnd(text, title));

/** Returns the hash of the new title when its box is ticked: whoever writes the words leaves it so. */
export const personRenames = (spec: SpecPlace, random: { pick<T>(list: readonly T[]): T }, title: string): string[] => {
  const leaves = leavesOfText(spec.tasks.text ?? '');
  if (leaves.length === 0) return [];
  const leaf = random.pick(leaves);
  change(spec, text => withTitle(text, leaf.line, title));
  return leaf.ticked ? [hashTitle(title)] : [];
};

export const personReorders = (spec: SpecPlace, title: string): void =>
  change(spec, text => withUnitInFront(text, title));

/** Adds a completion by hand. Returns the leaf that is meant, and of which plan the entry is. */
export const personCompletes = (
  world: World,
  spec: SpecPlace,
  random: { pick<T>(list: readonly T[]): T },
): { leaf: SeenLeaf; tasksHash: string }[] => {
  const leaves = leavesOfText(spec.tasks.text ?? '');
  if (leaves.length === 0) return [];
  const leaf = random.pick(leaves);
  let tasksHash = '';
  changeEntry(world, spec, false, entry => {
    tasksHash = String(entry.tasks_hash);
    entry.completed = [...((entry.completed as string[]) ?? []), leaf.id];
  });
  return [{ leaf, tasksHash }];
};
