// `seqrun todos export` prints a spec as todo JSON; `seqrun todos import <file>` makes a tasks.md of one, in a spec folder or on stdout.
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { makePlan } from '../../core/plan.ts';
import type { Unit } from '../../core/plan-types.ts';
import type { State } from '../../core/state.ts';
import type { Diagnostic, Spec, Task } from '../../core/task.ts';
import { unitProgress, waitsInVain } from '../../core/units.ts';
import { count } from '../../core/words.ts';
import { tasksMdOf } from '../../spec/todos/tasks-md.ts';
import type { TodoStatus } from '../../spec/todos/todo.ts';
import { todosJsonOf } from '../../spec/todos/write.ts';
import type { Failure } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Intention } from '../intention.ts';
import type { CommandModule, Io } from '../main.ts';
import { planOptionsOf } from '../plan-options.ts';
import { shellWord } from '../spec-words.ts';
import { diagnosticFailure, openTaskFile, readTaskFile, withSource } from '../task-file.ts';

/**
 * 0 = written; 64 = `--spec` names no place for a tasks.md; 65 = what is read has errors, and nothing is written; 66 = there is nothing
 * to read; 73 = there is a tasks.md already, or it cannot be written.
 */
export const run: CommandModule['run'] = async (intention, io) => {
  if (intention.command !== 'todos') return EXIT.internal;
  return intention.action === 'export' ? exportTodos(intention, io) : importTodos(intention, intention.into, io);
};

const exportTodos = async (intention: Intention, io: Io): Promise<number> => {
  const { console, cwd } = io;
  const file = await openTaskFile(intention, cwd);
  if ('what' in file) return failed(io, file);
  const { places, bytes, spec } = file;
  if (reported(spec, bytes, places.tasksPath, intention, io)) return EXIT.badInput;
  let state: State | null = null;
  // Every run leaves this file: without it the boxes are all that is known.
  if (existsSync(join(dirname(places.spec), 'SEQUENTIAL_STATE.json'))) {
    const { lookAt } = await import('../look.ts');
    const looked = await lookAt(intention, io, { fresh: true });
    if ('exit' in looked) return failed(io, looked);
    state = looked.state;
  }
  const { includeOptional } = intention.settings;
  const todos = todosJsonOf(spec, { name: basename(places.spec), includeOptional, statusOf: statusesOf(state) });
  console.json(todos, 2);
  return EXIT.done;
};

/** How a leaf stands: by what is recorded, else by its own box. */
const statusesOf = (state: State | null): ((leaf: Task) => TodoStatus) => {
  const unitOf = new Map<string, Unit>();
  for (const unit of state?.plan?.units ?? []) for (const leaf of unit.leaves) unitOf.set(leaf.id, unit);
  return leaf => {
    if (state === null)
      return leaf.state === 'done' ? 'completed' : leaf.state === 'in_progress' ? 'in_progress' : 'pending';
    if (state.done.has(leaf.id)) return 'completed';
    const unit = unitOf.get(leaf.id);
    const kind = unit && unitProgress(state, unit).kind;
    if (kind === 'running') return 'in_progress';
    if (kind === 'failed' || kind === 'halted') return 'blocked';
    return kind === 'blocked' && waitsInVain(state, unit!) ? 'blocked' : 'pending';
  };
};

const importTodos = async (intention: Intention, into: string | null, io: Io): Promise<number> => {
  const { console, cwd } = io;
  const from = resolve(cwd, intention.spec);
  const target = into === null ? null : targetOf(into, intention.spec, cwd);
  if (target !== null && typeof target !== 'string') return failed(io, target);
  const bytes = await readTaskFile(from);
  if ('what' in bytes) return failed(io, bytes);
  const imported = tasksMdOf(bytes);
  if (reported(imported.spec, bytes, from, intention, io)) return EXIT.badInput;
  if (imported.kind !== 'text') {
    return failed(io, {
      exit: EXIT.badInput,
      what: 'no way was found to write these todos so that they are read back as the same tasks',
      where: { name: from },
      expected: null,
      next: `run the todos as they are: seqrun --spec ${shellWord(intention.spec)}`,
    });
  }
  const { renamed, retitled, text, spec } = imported;
  if (renamed.size > 0) {
    const some = [...renamed].slice(0, 5).map(([id, number]) => `${id} → ${number}`);
    console.warn(`ids that tasks.md cannot carry: all got numbers (${listed(some, renamed.size)})`);
  }
  if (retitled.length > 0) {
    const what = 'titles lost signs that mean something in tasks.md';
    console.warn(`${what}: ${listed(retitled.slice(0, 5), retitled.length)}`);
  }
  if (target === null) {
    console.text(text.replace(/\n$/, ''));
    return EXIT.done;
  }
  const { createFile } = await import('../../compose/desk.ts');
  const made = await createFile(target, text);
  if (made === 'exists') return failed(io, alreadyThere(target, intention.spec));
  if (made !== 'made') {
    return failed(io, {
      exit: EXIT.unwritable,
      what: `tasks.md cannot be written: ${made.reason}`,
      where: { name: target },
      expected: 'a folder that this user may write',
      next: `seqrun todos import ${shellWord(intention.spec)} prints it`,
    });
  }
  const name = relative(cwd, target) || target;
  console.out(`${name}: ${count(spec.tasks.length, 'task')}`);
  if (dirname(from) === dirname(target)) {
    const own = `${basename(from)} is a spec of its own from now on, with a state of its own`;
    console.say(`--spec ${shellWord(relative(cwd, dirname(target)) || '.')} means this file now; ${own}`);
  }
  console.say(`next: seqrun plan --spec ${shellWord(relative(cwd, dirname(target)) || '.')}`);
  return EXIT.done;
};

const listed = (some: readonly string[], all: number): string => `${some.join(', ')}${all > some.length ? ', …' : ''}`;

/** The tasks.md that `--spec` means, or what is wrong with the place. */
const targetOf = (into: string, from: string, cwd: string): string | Failure => {
  const path = resolve(cwd, into);
  const file = /\.md$/i.test(path) ? path : join(path, 'tasks.md');
  if (/\.json$/i.test(path)) {
    return {
      exit: EXIT.usage,
      what: '--spec names a JSON file',
      where: { name: path },
      expected: 'the folder that gets a tasks.md',
      next: `seqrun todos import ${shellWord(from)} --spec ${shellWord(dirname(into))}`,
    };
  }
  return existsSync(file) ? alreadyThere(file, from) : file;
};

const alreadyThere = (path: string, from: string): Failure => ({
  exit: EXIT.unwritable,
  what: `${basename(path)} is there already and is not overwritten`,
  where: { name: path },
  expected: 'a spec folder without one',
  next: `seqrun todos import ${shellWord(from)} prints it: compare it with the file, or name another --spec`,
});

/** Prints all that was noticed, and whether there are errors among it. */
const reported = (spec: Spec, bytes: Uint8Array, path: string, intention: Intention, { console, cwd }: Io): boolean => {
  const ofPlan = makePlan(spec, planOptionsOf(intention.settings)).diagnostics;
  const diagnostics: Diagnostic[] = withSource([...spec.diagnostics, ...ofPlan], bytes);
  const name = relative(cwd, path) || path;
  for (const diagnostic of diagnostics) console.report(diagnostic.severity, diagnosticFailure(diagnostic, name));
  return diagnostics.some(({ severity }) => severity === 'error');
};

const failed = ({ console }: Io, failure: Failure): number => {
  console.fail(failure);
  return failure.exit;
};
