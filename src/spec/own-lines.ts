// What a task's own dependency lines do to it, and what is said where they are not understood.
import type { Task } from '../core/task.ts';
import { counts, ID, type Reference, type Tone } from './dependencies.ts';
import { PHASE_NAME, type Phases } from './phases.ts';
import { type KnownNames, readPhaseNames } from './prose.ts';
import { quote, type Report } from './report.ts';
import type { TitleTargets } from './title-targets.ts';

/** What a line can name, and where to complain. */
export interface Targets {
  phases: Phases;
  names: KnownNames;
  titles: TitleTargets;
  report: Report;
}

/** `task` waits for the task `id`, as the line says (0-based). Nothing waits for itself. */
export const need = (task: Task, id: string, line: number): void => {
  if (task.id === id || task.dependsOn.includes(id)) return;
  task.dependsOn.push(id);
  task.dependsOnLines = { ...task.dependsOnLines, [id]: line + 1 };
};

/** Text of a task's own line that is no id: titles of tasks, phases, else it is told. `line` is 0-based. */
export const takeUnread = (task: Task, said: { text: string; tone: Tone; line: number }, targets: Targets): void => {
  const { phases, names, titles } = targets;
  const others = titles.find(said.text)?.filter(id => id !== task.id);
  if (others) {
    for (const id of others) need(task, id, said.line);
    return;
  }
  const before = readPhaseNames(said.text, names).flatMap(({ from, to }) => phases.named(from, to));
  const groups = before.filter(phase => !phases.holds(phase.id, task.id)).map(({ id }) => id);
  if (groups.length > 0) task.dependsOnGroups = [...new Set([...(task.dependsOnGroups ?? []), ...groups])];
  if (before.length === 0) unreadDependency(said, targets);
};

/** `#12` that is no task of this file. `line` is 0-based. */
export const tellUnknown = (
  references: readonly Reference[],
  line: number,
  known: ReadonlySet<string>,
  targets: Targets,
): void => {
  for (const reference of references)
    if (reference.ifKnown === 'told' && !counts(reference, known))
      unreadDependency({ text: `#${reference.from}`, tone: 'warning', line }, targets);
};

/** A dependency line that holds something else than ids. `line` is 0-based. */
export const unreadDependency = (
  { text, tone, line }: { text: string; tone: Tone; line: number },
  targets: Pick<Targets, 'names' | 'titles' | 'report'>,
): void => {
  if (tone === 'quiet') return;
  const isSure = tone === 'warning' || mentions(text, tone === 'info', targets);
  // Packages or files, or any sentence: nothing that could be waited for.
  if (!isSure && tone === 'maybe') return;
  targets.report.add(
    isSure ? 'warning' : 'info',
    'unread_dependency',
    `${quote(text)} names no task seqrun could wait for; expected ids, e.g. "depends on: 1, 2.1".`,
    line,
  );
};

const IDS = new RegExp(String.raw`(?<![\p{L}\p{N}.])${ID}`, 'giu');
const PHASE_LIKE = new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${PHASE_NAME})`, 'iu');

/** It holds an id of this file, the title of a task or what looks like a phase. `bare` = a number alone counts as an id. */
const mentions = (all: string, bare: boolean, { names, titles }: Pick<Targets, 'names' | 'titles'>): boolean => {
  const text = all.slice(0, 1_000);
  if ([...text.matchAll(IDS)].some(([id]) => (bare || !/^\d+$/.test(id)) && names.isTask(id))) return true;
  if (PHASE_LIKE.test(text)) return true;
  return text.split(/[,;，；、]|[ \t](?:and|und|y|e|et)[ \t]|和/).some(part => titles.find(part) !== null);
};
