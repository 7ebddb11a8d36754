// A todo JSON → the text of a tasks.md in Kiro's form that is read back as the same tasks.
import { compareIds, type Spec, type Task, type TaskState } from '../../core/task.ts';
import { CODE } from '../line.ts';
import { readSpec } from '../read.ts';
import { makeReport } from '../report.ts';
import { readSource } from '../source.ts';
import { oneLine } from './details.ts';
import { type Layout, layOut } from './prose-lines.ts';
import { readTodos, type TodosRead } from './read.ts';
import { PRIORITY_USUAL } from './todo.ts';

/** What a todo JSON becomes. `spec` is what the JSON holds, its diagnostics included. */
export type Imported =
  | {
      kind: 'text';
      spec: Spec;
      text: string;
      /** Ids of the JSON that no task line can carry, with the numbers they got. All were numbered anew then. */
      renamed: ReadonlyMap<string, string>;
      /** Ids (of the JSON) of todos whose titles had to lose signs that mean something in a task line. */
      retitled: string[];
    }
  /** The JSON has errors. */
  | { kind: 'errors'; spec: Spec }
  /** No way of writing it is read back as the same. None is known. */
  | { kind: 'unwritable'; spec: Spec };

/**
 * Never throws. The text is read before it is given out: ids (or their new numbers), parents, states, optional marks, owners,
 * dependencies, commands that prove a task, and waves are those of the JSON.
 */
export const tasksMdOf = (bytes: Uint8Array): Imported => {
  const spec = readSpec(bytes, undefined, { dialect: 'todos' });
  if (spec.diagnostics.some(({ severity }) => severity === 'error')) return { kind: 'errors', spec };
  const source = readSource(bytes);
  const { todos } = readTodos(source, makeReport([]));
  for (const ids of [asWritten(spec.tasks), numbered(spec.tasks)]) {
    if (ids === null) continue;
    for (const safe of [false, true]) {
      const written = write(spec, todos, ids, safe);
      if (written === null || !isReadBack(written)) continue;
      const { text, tasks } = written;
      const renamed = new Map([...ids].filter(([from, to]) => from !== to));
      const retitled = spec.tasks.filter((task, index) => tasks[index]!.title !== task.title).map(({ id }) => id);
      return { kind: 'text', spec, text, renamed, retitled };
    }
  }
  return { kind: 'unwritable', spec };
};

type Ids = ReadonlyMap<string, string>;

const TASK_ID = new RegExp(String.raw`^(?:\d{1,6}(?:\.\d{1,6}){0,9}[a-h]?|${CODE})$`);

/** The ids themselves, where each could stand in a task line. */
const asWritten = (tasks: readonly Task[]): Ids | null =>
  tasks.every(({ id }) => TASK_ID.test(id)) ? new Map(tasks.map(({ id }) => [id, id])) : null;

/** 1, 2, 2.1 … in file order. */
const numbered = (tasks: readonly Task[]): Ids => {
  const ids = new Map<string, string>();
  const children = byParent(tasks);
  const number = (parent: string | null, prefix: string): void => {
    for (const [index, { id }] of (children.get(parent) ?? []).entries()) {
      ids.set(id, `${prefix}${index + 1}`);
      number(id, `${prefix}${index + 1}.`);
    }
  };
  number(null, '');
  return ids;
};

const byParent = (tasks: readonly Task[]): Map<string | null, Task[]> => {
  const children = new Map<string | null, Task[]>();
  for (const task of tasks) {
    const list = children.get(task.parent);
    if (list) list.push(task);
    else children.set(task.parent, [task]);
  }
  return children;
};

const MARKS: Readonly<Record<TaskState, string>> = { pending: ' ', in_progress: '-', done: 'x' };

/** Deeper tasks stand beside their parents: their ids say whose they are, and lists are read to a depth of twelve. */
const DEEPEST = 6;

interface Text {
  text: string;
  /** What must be read back, in the order of the spec. */
  tasks: Expected[];
  waves: string[][] | null;
}

/** `safe` = every text in a fence and every title without signs. null: some task cannot be written at all. */
const write = (spec: Spec, todos: TodosRead['todos'], ids: Ids, safe: boolean): Text | null => {
  const todoOf = new Map(todos.map(todo => [todo.id, todo]));
  const children = byParent(spec.tasks);
  const expected = new Map<string, Expected>();
  const lines = ['# Implementation Plan', ''];
  const put = (parent: string | null, depth: number): boolean =>
    (children.get(parent) ?? []).every(task => {
      const id = ids.get(task.id)!;
      const dependsOn = task.dependsOn.flatMap(other => ids.get(other) ?? partsOf(other, ids));
      const { priority, tokens } = todoOf.get(task.id)!;
      const facts = [
        ...(id === task.id ? [] : [`_todo: ${oneLine(task.id)}_`]),
        ...(priority === PRIORITY_USUAL ? [] : [`_priority: ${priority}_`]),
        ...(tokens === null ? [] : [`_tokens: ${tokens}_`]),
      ];
      const own = { ...task, id, dependsOn: [...new Set(dependsOn)].sort(compareIds) };
      const laid = layOut(own, { mark: MARKS[task.state], facts, safe, readsBack });
      if (laid === null) return false;
      expected.set(task.id, { ...own, title: laid.title, parent: parent === null ? null : ids.get(parent)! });
      const indent = '  '.repeat(Math.min(depth, DEEPEST));
      lines.push(...laid.lines.map(line => (line === '' ? '' : indent + line)));
      return put(task.id, depth + 1);
    });
  if (!put(null, 0)) return null;
  const waves = spec.waves?.map(wave => wave.map(id => ids.get(id)!)) ?? null;
  if (waves !== null) {
    const rows = waves.map((tasks, id) => `    { "id": ${id}, "tasks": ${JSON.stringify(tasks)} }`);
    lines.push('', '## Task Dependency Graph', '', '```json', '{', '  "waves": [', rows.join(',\n'), '  ]', '}', '```');
  }
  return { text: `${lines.join('\n').trimEnd()}\n`, tasks: spec.tasks.map(({ id }) => expected.get(id)!), waves };
};

/** Where `2` is named and only `2.1` and `2.2` are there, the parts are meant. */
const partsOf = (id: string, ids: Ids): string[] =>
  [...ids].filter(([from]) => from.startsWith(`${id}.`)).map(([, to]) => to);

type Expected = Pick<
  Task,
  'id' | 'title' | 'parent' | 'state' | 'optional' | 'dependsOn' | 'agent' | 'verify' | 'noChange'
>;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const sameIds = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every(id => b.includes(id));

/** What is read of one task at the margin with nothing around it but two others behind; null: not what is meant. */
const readsBack: Layout['readsBack'] = (written, lines) => {
  const own = /^- \[.\]\*? ([\d.]+)/.exec(lines[0]!)![1]!;
  const [one, two] = ['999999', '999998', '999997'].filter(id => !own.startsWith(id));
  const behind = [`- [ ] ${one}. Behind it`, `- [ ] ${two}. And behind that`];
  const { tasks, groups, diagnostics } = readSpec(bytesOf([...lines, ...behind, ''].join('\n')), undefined, {
    dialect: 'kiro',
  });
  const [task, ...rest] = tasks;
  if (!task || rest.length !== 2 || groups.length > 0 || rest.some(({ parent }) => parent !== null)) return null;
  if (diagnostics.some(({ code }) => code === 'swallowed_child' || code === 'too_deep')) return null;
  const { title, state, optional, dependsOn, agent, follows, verify, noChange } = task;
  if (title !== written.title || state !== written.state || optional !== written.optional || follows.length > 0)
    return null;
  return { dependsOn, agent, verify, noChange };
};

/** Whether the whole text is read as the tasks that are meant. */
const isReadBack = ({ text, tasks, waves }: Text): boolean => {
  const back = readSpec(bytesOf(text));
  if (back.diagnostics.some(({ severity }) => severity === 'error')) return false;
  if (back.groups.length > 0 || back.tasks.length !== tasks.length) return false;
  if (JSON.stringify(back.waves) !== JSON.stringify(waves)) return false;
  const byId = new Map(back.tasks.map(task => [task.id, task]));
  return tasks.every(meant => {
    const task = byId.get(meant.id);
    return (
      task !== undefined &&
      task.title === meant.title &&
      task.parent === meant.parent &&
      task.state === meant.state &&
      task.optional === meant.optional &&
      task.agent === meant.agent &&
      task.noChange === meant.noChange &&
      sameIds(task.verify ?? [], meant.verify ?? []) &&
      task.follows.length === 0 &&
      task.box !== null &&
      task.box.offset >= 0 &&
      sameIds(task.dependsOn, meant.dependsOn)
    );
  });
};
