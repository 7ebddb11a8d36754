// The text of a todo JSON → tasks. The file is only read: what is done stands in the journal and the state file.
import type { Task } from '../../core/task.ts';
import { saysOptional } from '../line.ts';
import { proofOf } from '../proof.ts';
import { quote, type Report, reportVerify } from '../report.ts';
import type { Source } from '../source.ts';
import { agentIn, saidOf, withCriteria } from './details.ts';
import { type JsonNode, scanJson } from './json.ts';
import { dependenciesOf, parentOf } from './links.ts';
import { type Complain, complainTo, EXAMPLE, lineOf, PRIORITY_USUAL, readTodo, STATE_OF, type Todo } from './todo.ts';

/** What the file says. Without `tasks` the report has an error. */
export interface TodosRead {
  tasks: Task[];
  /** Ids by `parallelGroup`; null when no todo has one. */
  waves: string[][] | null;
  /** What it looks like, for a person. */
  because: string;
  /** The todos themselves, in file order: they hold what a task has no place for. */
  todos: Todo[];
}

/** What no Markdown begins with. */
const SURE = /^\s*(?:\{\s*"|\[\s*\{\s*["}]|\[\s*\]\s*$|\{\s*\}\s*$)/;
/** JSON that was written wrong, or Markdown that begins oddly. */
const PERHAPS = /^\s*(?:\[\s*)?\{\s*(?:'|[\p{L}_$][\p{L}\p{N}_$]*\s*:|\/[/*]|$)/u;
const MARKDOWN = /^[ \t]*(?:#{1,6}[ \t]|(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?\[[ xX~/-]?\])/m;

/**
 * Whether a text is JSON that holds todos and not Markdown that begins with a bracket: `{ "`, `[ { "` or `[]` alone; what begins
 * like JSON that was written wrong counts where no line looks like a heading or a box. `[ ] 1. Title`, `[link](…)`, `{{name}}` are none.
 */
export const looksLikeTodos = (text: string): boolean =>
  SURE.test(text) || (PERHAPS.test(text) && !MARKDOWN.test(text));

/** Reads a todo JSON. Never throws; everything that is wrong is reported with its line. */
export const readTodos = (source: Source, report: Report): TodosRead => {
  const none: TodosRead = { tasks: [], waves: null, because: '', todos: [] };
  const complain = complainTo(report, source.starts);
  const scan = scanJson(source.text);
  if (scan.kind === 'problem') {
    const { at, what, expected, opened } = scan.problem;
    const from = opened === null ? '' : ` (it began in line ${lineOf(source.starts, opened) + 1})`;
    complain('error', 'bad_json', `This is no JSON: ${what}${from}; expected ${expected}.`, at);
    return none;
  }
  const list = listOf(scan.root, complain);
  if (list === null) return none;
  const todos = unique(
    list.items.flatMap(item => readTodo(item, complain) ?? []),
    source,
    complain,
  );
  if (list.items.length === 0) {
    complain('error', 'no_tasks', `The list of todos is empty; expected e.g. ${EXAMPLE}.`, list.at);
  }
  const byId = new Map(todos.map(todo => [todo.id, todo]));
  const needs = dependenciesOf(todos, complain);
  const optional = new Map<string, boolean>();
  const isOptional = (todo: Todo): boolean => {
    const parent = parentOf(todo.id, byId);
    const value =
      todo.optional ||
      saysOptional(todo.title) ||
      (parent !== null && (optional.get(parent) ?? isOptional(byId.get(parent)!)));
    optional.set(todo.id, value);
    return value;
  };
  const tasks = todos.map((todo): Task => {
    const own = needs.get(todo.id)!;
    const dependsOn = [...own.keys()];
    const line = lineOf(source.starts, todo.at) + 1;
    const lines = [...own].map(([id, at]) => [id, lineOf(source.starts, at) + 1] as const);
    reportBlocked(todo, dependsOn, byId, complain);
    reportGroup(todo, dependsOn, byId, complain);
    const { said, problems } = saidOf(todo.description, todo.verificationCriteria);
    for (const problem of problems) reportVerify(problem, line - 1, report);
    return {
      id: todo.id,
      title: todo.title,
      line,
      parent: parentOf(todo.id, byId),
      group: null,
      state: STATE_OF[todo.status],
      optional: isOptional(todo),
      dependsOn,
      ...(lines.some(([, at]) => at !== line) && { dependsOnLines: Object.fromEntries(lines) }),
      follows: [],
      box: null,
      details: withCriteria(todo.description, todo.verificationCriteria),
      agent: agentIn(todo.description),
      ...(todo.priority !== PRIORITY_USUAL && { priority: todo.priority }),
      ...proofOf(todo.title, said),
    };
  });
  const because = `a JSON ${scan.root.kind === 'array' ? 'list' : 'object'} with ${todos.length === 1 ? '1 todo' : `${todos.length} todos`}`;
  return { tasks, waves: wavesOf(todos), because, todos };
};

/** The list of todos of a file: bare, or in an object of version 1. */
const listOf = (root: JsonNode, complain: Complain): Extract<JsonNode, { kind: 'array' }> | null => {
  if (root.kind === 'array') return root;
  const shape = `{ "version": 1, "spec": "cart", "todos": [ ${EXAMPLE} ] }, or the bare list`;
  if (root.kind !== 'object') {
    complain('error', 'bad_todos', `This holds no todos; expected ${shape}.`, root.at);
    return null;
  }
  let found: JsonNode | null = null;
  let told = false;
  for (const { key, keyAt, value } of root.members) {
    if (key === 'todos' && found !== null) {
      complain('error', 'duplicate_field', '"todos" stands twice; put all todos into one list.', keyAt);
    } else if (key === 'todos') found = value;
    else if (key === 'version') {
      if (value.kind === 'number' && value.value === 1) continue;
      told = true;
      complain('error', 'unknown_version', 'This version is not known; expected "version": 1.', value.at);
    } else if (key === 'spec') {
      if (value.kind === 'string' || (value.kind === 'literal' && value.value === null)) continue;
      complain('warning', 'bad_value', '"spec" is not understood; expected a name, e.g. "spec": "cart".', value.at);
    } else if (['id', 'title', 'status'].includes(key) && found === null && !told) {
      told = true;
      complain('error', 'bad_todos', `A todo stands alone here; put it into a list: [ ${EXAMPLE} ].`, root.at);
    } else if (!told) {
      complain('info', 'unknown_field', `The field ${quote(key)} is not read; expected version, spec, todos.`, keyAt);
    }
  }
  if (found?.kind === 'array') return found;
  if (found !== null || !told) {
    const what = found === null ? 'There is no list "todos"' : '"todos" is no list';
    complain('error', 'bad_todos', `${what}; expected ${shape}.`, found?.at ?? root.at);
  }
  return null;
};

/** The first of two with one id stays. */
const unique = (todos: readonly Todo[], source: Source, complain: Complain): Todo[] => {
  const first = new Map<string, Todo>();
  for (const todo of todos) {
    const other = first.get(todo.id);
    if (!other) {
      first.set(todo.id, todo);
      continue;
    }
    const [one, two] = [other, todo].map(({ at }) => lineOf(source.starts, at) + 1);
    const message = `The id ${todo.id} is used twice, in lines ${one} and ${two}; give one of them another id.`;
    complain('error', 'duplicate_id', message, todo.at);
  }
  return [...first.values()];
};

/** `blocked` is what seqrun finds out itself: it never holds a todo back that could run. */
const reportBlocked = (
  todo: Todo,
  dependsOn: readonly string[],
  byId: ReadonlyMap<string, Todo>,
  complain: Complain,
): void => {
  if (todo.status !== 'blocked') return;
  const waits = dependsOn.some(id => byId.get(id)?.status !== 'completed');
  const message = waits
    ? `${todo.id} is "blocked", which counts as "pending": it runs when what it depends on is done.`
    : `${todo.id} is "blocked", but depends on nothing that is open: it counts as "pending" and will run. Name what it waits for in "dependsOn", or leave it out with "optional": true.`;
  complain(waits ? 'info' : 'warning', 'blocked_todo', message, todo.statusAt);
};

/** A group that comes before that of a dependency cannot be kept. */
const reportGroup = (
  todo: Todo,
  dependsOn: readonly string[],
  byId: ReadonlyMap<string, Todo>,
  complain: Complain,
): void => {
  const own = todo.parallelGroup;
  if (own === null) return;
  for (const id of dependsOn) {
    const other = byId.get(id)?.parallelGroup;
    if (!other || other.value < own.value) continue;
    const message = `${todo.id} is in group ${own.value} and depends on ${id} of group ${other.value}; the dependency counts. Expected a group after ${other.value}, e.g. "parallelGroup": ${other.value + 1}.`;
    complain('warning', 'bad_group', message, own.at);
    return;
  }
};

const wavesOf = (todos: readonly Todo[]): string[][] | null => {
  const groups = new Map<number, string[]>();
  for (const { id, parallelGroup } of todos) {
    if (parallelGroup === null) continue;
    const group = groups.get(parallelGroup.value);
    if (group) group.push(id);
    else groups.set(parallelGroup.value, [id]);
  }
  return groups.size === 0 ? null : [...groups].sort(([a], [b]) => a - b).map(([, ids]) => ids);
};
