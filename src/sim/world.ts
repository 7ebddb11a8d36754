// Everything of one simulated history, as its parts see it.
import type { Disk } from './disk.ts';
import type { Machine } from './machine.ts';
import type { SpecPlace, Workspace } from './place.ts';
import type { LaunchPlan, Script, Start } from './start.ts';
import type { Time } from './time.ts';
import type { Truth } from './truth.ts';

export interface World {
  time: Time;
  machine: Machine;
  disk: Disk;
  workspace: Workspace;
  truth: Truth;
  /** What the process of a start will do; asked once, when it begins. */
  scriptOf(spec: SpecPlace, start: Start): Script;
  launchPlanOf(spec: SpecPlace, start: Start): LaunchPlan;
  /** Who can be asked for a number that nobody depends on. */
  latencyMs(max: number): number;
  /** A line of the history, for people. */
  tell(text: () => string): void;
}
