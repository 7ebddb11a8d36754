// `seqrun plan`: what would run, in which order, what is left out and why. Starts nothing and writes nothing.
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { defaults } from '../../core/defaults.ts';
import { makePlan } from '../../core/plan.ts';
import type { Leaf, Unit } from '../../core/plan-types.ts';
import { planView } from '../../core/plan-view.ts';
import type { Diagnostic } from '../../core/task.ts';
import { count } from '../../core/words.ts';
import { readSpec } from '../../spec/read.ts';
import type { Failure } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Intention } from '../intention.ts';
import type { CommandModule, Io } from '../main.ts';
import { checkPlaces, placesOf, type TypedPlaces } from '../places.ts';
import { planOptionsOf } from '../plan-options.ts';
import { isSelectionError, selectionNotes } from '../selection.ts';
import { bold, cyan, dim, green, type Piece } from '../text.ts';

/** 0 = there is a plan; 64 = it holds no unit of that name; 65 = tasks.md has errors (the plan is printed all the same); 66 = no such spec. */
export const run: CommandModule['run'] = async (intention, io) => {
  const { console, cwd } = io;
  const places = placesOf(intention.spec, intention.settings.workdir, cwd);
  const bytes = checkPlaces(places, cwd) ?? (await readTasks(places.tasksPath));
  if ('what' in bytes) {
    console.fail(bytes);
    return bytes.exit;
  }
  const spec = readSpec(bytes);
  const { plan, diagnostics: ofPlan } = makePlan(spec, planOptionsOf(intention.settings));
  const diagnostics = [...spec.diagnostics, ...ofPlan];
  const parents = new Set(spec.tasks.map(task => task.parent));
  const ticked = () => spec.tasks.filter(task => task.state === 'done' && !parents.has(task.id)).map(task => task.id);
  const done = (await recordedAsDone(intention, io, places)) ?? new Set(ticked());
  const name = relative(cwd, places.tasksPath) || places.tasksPath;

  if (intention.settings.json) console.json(planView(spec, plan, diagnostics, done), 2);
  else {
    const folder = relative(cwd, places.folder) || '.';
    const finished = plan.units.filter(unit => isDone(unit, done)).length;
    const left = plan.skipped.length > 0 ? `, ${count(plan.skipped.length, 'task')} left out` : '';
    console.out(bold(`Plan of ${folder}`), `: ${count(plan.units.length, 'unit')}, ${finished} done${left}`);
    const lines = unitLines(plan.units, done);
    if (lines.length > 0) console.out();
    for (const line of lines) console.out(...line);
    if (plan.skipped.length > 0) {
      console.out();
      console.out(bold('Left out'));
    }
    for (const { id, title, because } of plan.skipped) {
      const reason =
        because === 'optional' ? 'optional; --include-optional runs it' : 'not selected by --only, --from, --until';
      console.out('  ', cyan(id), ` ${title} `, dim(`(${reason})`));
    }
  }
  for (const note of selectionNotes(plan, intention.settings)) console.say(note);
  for (const diagnostic of diagnostics) console.report(diagnostic.severity, failureOf(diagnostic, name));
  if (isSelectionError(diagnostics)) return EXIT.usage;
  return diagnostics.some(({ severity }) => severity === 'error') ? EXIT.badInput : EXIT.done;
};

/** Leaves that a run would count as done; null when the spec was never run: then its ticked boxes count. */
const recordedAsDone = async (intention: Intention, io: Io, places: TypedPlaces): Promise<Set<string> | null> => {
  // Every run leaves this file: without it nothing more need be loaded.
  if (!existsSync(join(dirname(places.folder), 'SEQUENTIAL_STATE.json'))) return null;
  const { lookAt } = await import('../look.ts');
  const looked = await lookAt(intention, io, { fresh: true });
  return 'exit' in looked ? null : new Set(looked.state.done.keys());
};

const readTasks = async (path: string): Promise<Uint8Array | Failure> => {
  const failure = (exit: 65 | 66, what: string, expected: string, next: string): Failure => ({
    exit,
    what,
    where: { name: path },
    expected,
    next,
  });
  try {
    const { size } = await stat(path);
    if (size > defaults.specBytesMax) {
      return failure(
        65,
        `the task file has ${size} bytes`,
        `at most ${defaults.specBytesMax} (5 MB)`,
        'split the spec',
      );
    }
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return failure(66, `the task file cannot be read (${code})`, 'a file this user may read', `ls -l ${path}`);
  }
};

const isDone = (unit: Unit, done: ReadonlySet<string>): boolean => unit.leaves.every(leaf => done.has(leaf.id));

const unitLines = (units: readonly Unit[], done: ReadonlySet<string>): Piece[][] => {
  const next = units.find(unit => !isDone(unit, done) && unit.dependsOn.every(id => done.has(id)));
  const width = `${units.length}`.length;
  return units.flatMap((unit, index) => {
    const order = `${index + 1}`.padStart(width + 2);
    const mark = isDone(unit, done) ? green(' done') : unit === next ? bold(' next') : '';
    const lines: Piece[][] = [[dim(`${order}.`), ' ', cyan(unit.id), ` ${unit.title}`, mark]];
    const facts = factsOf(unit, done);
    if (facts !== '') lines.push([' '.repeat(width + 4), dim(facts)]);
    return lines;
  });
};

/** `3 subtasks (1 done): 2.1, 2.2, 2.3 · after 1 · by codex · optional left out: 2.4` */
const factsOf = (unit: Unit, done: ReadonlySet<string>): string => {
  const facts: string[] = [];
  const subtasks = unit.leaves.filter(leaf => leaf.id !== unit.id);
  if (subtasks.length > 0) {
    const finished = subtasks.filter(leaf => done.has(leaf.id)).length;
    const some = finished > 0 && finished < subtasks.length ? ` (${finished} done)` : '';
    facts.push(`${count(subtasks.length, 'subtask')}${some}: ${namesOf(subtasks)}`);
  }
  if (unit.dependsOnUnits.length > 0) facts.push(`after ${unit.dependsOnUnits.join(', ')}`);
  if (unit.agent !== null) facts.push(`by ${unit.agent}`);
  if (unit.optionalLeft.length > 0) facts.push(`optional left out: ${unit.optionalLeft.join(', ')}`);
  return facts.join(' · ');
};

const NAMES_MAX = 12;

const namesOf = (leaves: readonly Leaf[]): string => {
  const names = leaves.slice(0, NAMES_MAX).map(leaf => leaf.id);
  return leaves.length > NAMES_MAX ? `${names.join(', ')}, …` : names.join(', ');
};

const failureOf = (diagnostic: Diagnostic, name: string): Failure => ({
  exit: EXIT.badInput,
  what: diagnostic.message,
  where: { name, line: diagnostic.line, column: diagnostic.column, source: diagnostic.source },
  expected: null,
  next: null,
});
