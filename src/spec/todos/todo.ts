// One todo of the JSON: its fields as they are meant, and the checks that say which ones cannot be.
import type { TaskState } from '../../core/task.ts';
import { quote, type Report } from '../report.ts';
import type { JsonNode, Member } from './json.ts';

const STATUSES = ['pending', 'in_progress', 'completed', 'blocked'] as const;

export type TodoStatus = (typeof STATUSES)[number];

/** What each size is taken for, in tokens. `epic` is the least of its kind. */
const TOKENS_BY_COMPLEXITY = { trivial: 2_000, small: 8_000, medium: 20_000, large: 50_000, epic: 100_000 } as const;

type Complexity = keyof typeof TOKENS_BY_COMPLEXITY;

/** What a todo has that names none. */
export const PRIORITY_USUAL = 3;

/** Names of other todos with the offsets at which they stand. */
export interface Names {
  /** The field is there. */
  written: boolean;
  ids: Map<string, number>;
}

/** A todo, understood. What was wrong with a field has been reported, and the field then counts as not there. */
export interface Todo {
  id: string;
  /** Offset of the id in the text. */
  at: number;
  title: string;
  status: TodoStatus;
  statusAt: number;
  description: string;
  dependsOn: Names;
  blocks: Names;
  /** 1 (first) to 5. */
  priority: number;
  /** Tokens that it may take: as written, else by its complexity; null: the file does not say. */
  tokens: number | null;
  /** From 1; null: the file does not say. */
  parallelGroup: { value: number; at: number } | null;
  verificationCriteria: string | null;
  /** It may be left out. No other program knows this field; a title that says so is not needed then. */
  optional: boolean;
}

/** Says something about an offset of the text. */
export type Complain = (severity: 'error' | 'warning' | 'info', code: string, message: string, at: number) => void;

/** Complaints go to the report with the line and column of their offset. `starts` = where lines begin in the text. */
export const complainTo =
  (report: Report, starts: readonly number[]): Complain =>
  (severity, code, message, at) => {
    const line = lineOf(starts, at);
    report.add(severity, code, message, line, at - starts[line]!);
  };

/** The line (0-based) that holds an offset. */
export const lineOf = (starts: readonly number[], at: number): number => {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return low;
};

export const STATE_OF: Readonly<Record<TodoStatus, TaskState>> = {
  pending: 'pending',
  in_progress: 'in_progress',
  completed: 'done',
  // As an open box: whether something holds it back is found out, not believed.
  blocked: 'pending',
};

const FIELDS = [
  'id',
  'title',
  'status',
  'description',
  'dependsOn',
  'blocks',
  'priority',
  'complexity',
  'estimatedTokens',
  'parallelGroup',
  'verificationCriteria',
  'optional',
] as const;

type Field = (typeof FIELDS)[number];

/** What other todo lists call these fields: reading past them would lose an order or a task without a word. */
const OTHER_NAMES: Readonly<Record<string, Field>> = {
  dependencies: 'dependsOn',
  deps: 'dependsOn',
  depends: 'dependsOn',
  after: 'dependsOn',
  blockedby: 'dependsOn',
  requires: 'dependsOn',
  state: 'status',
  name: 'title',
  content: 'title',
  subject: 'title',
};

const NESTED = new Set(['subtasks', 'children', 'todos', 'tasks', 'subtodos', 'items']);

/** The todo of a node, or null when it has no id to be known by. */
export const readTodo = (node: JsonNode, complain: Complain): Todo | null => {
  if (node.kind !== 'object') {
    complain('error', 'bad_todo', `A todo is an object; expected e.g. ${EXAMPLE}.`, node.at);
    return null;
  }
  const fields = fieldsOf(node.members, complain);
  const id = readId(fields.get('id'), node.at, complain);
  const title = readTitle(fields.get('title'), node.at, complain);
  const status = readStatus(fields.get('status'), node.at, complain);
  const description = readText(fields.get('description'), complain) ?? '';
  const criteria = readText(fields.get('verificationCriteria'), complain);
  const dependsOn = readNames(fields.get('dependsOn'), complain);
  const blocks = readNames(fields.get('blocks'), complain);
  const priority = readCount(fields.get('priority'), complain, 1, 5, 'a whole number from 1 (first) to 5', '2');
  const group = readCount(fields.get('parallelGroup'), complain, 1, 1e6, 'a whole number from 1', '1');
  const tokens = readTokens(fields, complain);
  const optional = readSwitch(fields.get('optional'), complain);
  if (id === null) return null;
  return {
    id: id.value,
    at: id.at,
    title: title ?? id.value,
    status: status?.value ?? 'pending',
    statusAt: status?.at ?? node.at,
    description,
    dependsOn,
    blocks,
    priority: priority?.value ?? PRIORITY_USUAL,
    tokens,
    parallelGroup: group,
    verificationCriteria: criteria === null || criteria.trim() === '' ? null : criteria,
    optional,
  };
};

export const EXAMPLE = '{ "id": "1", "title": "Add the cart", "status": "pending" }';

const fieldsOf = (members: readonly Member[], complain: Complain): Map<Field, Member> => {
  const fields = new Map<Field, Member>();
  for (const member of members) {
    const { key, keyAt, value } = member;
    const field = FIELDS.find(one => one === key);
    if (field === undefined) {
      reportUnknown(member, complain);
      continue;
    }
    if (fields.has(field)) {
      complain('error', 'duplicate_field', `"${key}" stands twice in this todo; leave one of them out.`, keyAt);
    } else if (!(value.kind === 'literal' && value.value === null)) fields.set(field, member);
  }
  return fields;
};

const reportUnknown = ({ key, keyAt, value }: Member, complain: Complain): void => {
  const letters = key.toLowerCase().replace(/[^a-z]/g, '');
  const other = Object.hasOwn(OTHER_NAMES, letters) ? OTHER_NAMES[letters] : undefined;
  const meant = FIELDS.find(one => one.toLowerCase() === letters) ?? other;
  if (NESTED.has(letters) && value.kind === 'array' && value.items.length > 0) {
    const message = `${quote(key)} is not read: todos inside a todo; expected todos of their own with dotted ids, e.g. "1.1" for a part of "1".`;
    complain('error', 'nested_todos', message, keyAt);
  } else if (meant !== undefined) {
    complain('error', 'unknown_field', `There is no field ${quote(key)}; expected "${meant}".`, keyAt);
  } else {
    const message = `The field ${quote(key)} is not read; the fields are ${FIELDS.join(', ')}.`;
    complain('info', 'unknown_field', message, keyAt);
  }
};

/** Letters, digits and what holds parts of a name together: typed in a shell without quotes, and one word in every list. */
const TAME_ID = /^[\p{L}\p{N}_#](?:[\p{L}\p{M}\p{N}._:/#@+-]*[\p{L}\p{M}\p{N}_])?$/u;
const LONGEST_ID = 100;

const readId = (
  member: Member | undefined,
  todoAt: number,
  complain: Complain,
): { value: string; at: number } | null => {
  if (member === undefined) {
    complain('error', 'missing_field', `This todo has no "id"; expected e.g. ${EXAMPLE}.`, todoAt);
    return null;
  }
  const id = idOf(member.value, complain);
  if (id === null) return null;
  const { at } = member.value;
  // Names that every object has of its own are no keys that could be looked up.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(id) || id !== id.trim() || id.length > LONGEST_ID || id in {}) {
    const expected = `at most ${LONGEST_ID} characters, none of them invisible, no blank at the ends, no name like "constructor"; e.g. "T-1"`;
    complain('error', 'bad_id', `${quote(id)} cannot be an id; expected ${expected}.`, at);
  } else if (!TAME_ID.test(id)) {
    const comma = id.includes(',') ? ', and --only takes a comma for the end of an id' : '';
    const message = `The id ${quote(id)} is kept as it is, but must be quoted in a shell${comma}; letters, digits and . _ - : / # @ + are safe, e.g. "T-1".`;
    complain('warning', 'odd_id', message, at);
  }
  return { value: id, at };
};

/** The text of an id, or null (reported). A whole number is taken for the text it is written as. */
const idOf = (node: JsonNode, complain: Complain): string | null => {
  if (node.kind === 'string' && node.value.trim() !== '') return node.value;
  if (node.kind === 'number') {
    complain('warning', 'bad_id', `An id is a text; ${node.raw} is taken for "${node.raw}".`, node.at);
    return node.raw;
  }
  complain('error', 'bad_id', 'An id is a text that is not empty; expected e.g. "1" or "T-1".', node.at);
  return null;
};

const readTitle = (member: Member | undefined, todoAt: number, complain: Complain): string | null => {
  if (member === undefined) {
    complain('error', 'missing_field', `This todo has no "title"; expected e.g. ${EXAMPLE}.`, todoAt);
    return null;
  }
  const title = member.value.kind === 'string' ? member.value.value.replace(/\s+/g, ' ').trim() : '';
  if (title !== '') return title;
  bad(member, 'error', 'a text that is not empty', '"Add the cart"', complain);
  return null;
};

const readStatus = (
  member: Member | undefined,
  todoAt: number,
  complain: Complain,
): { value: TodoStatus; at: number } | null => {
  if (member === undefined) {
    complain('error', 'missing_field', `This todo has no "status"; expected e.g. ${EXAMPLE}.`, todoAt);
    return null;
  }
  const { value } = member;
  const status = STATUSES.find(one => value.kind === 'string' && value.value === one);
  if (status !== undefined) return { value: status, at: value.at };
  bad(member, 'error', `one of ${STATUSES.join(', ')}`, '"pending"', complain);
  return null;
};

const readText = (member: Member | undefined, complain: Complain): string | null => {
  if (member === undefined) return null;
  if (member.value.kind === 'string') return member.value.value;
  bad(member, 'error', 'a text', '"All tests pass"', complain);
  return null;
};

const readNames = (member: Member | undefined, complain: Complain): Names => {
  const ids = new Map<string, number>();
  if (member === undefined) return { written: false, ids };
  const { value } = member;
  if (value.kind !== 'array') {
    bad(member, 'error', 'a list of ids', '["1", "2.1"]', complain);
    return { written: false, ids };
  }
  for (const item of value.items) {
    const id = idOf(item, complain);
    if (id !== null && !ids.has(id)) ids.set(id, item.at);
  }
  return { written: true, ids };
};

const readCount = (
  member: Member | undefined,
  complain: Complain,
  least: number,
  most: number,
  expected: string,
  example: string,
): { value: number; at: number } | null => {
  if (member === undefined) return null;
  const { value } = member;
  if (value.kind === 'number' && Number.isInteger(value.value) && value.value >= least && value.value <= most)
    return { value: value.value, at: value.at };
  bad(member, 'warning', expected, example, complain);
  return null;
};

const readTokens = (fields: ReadonlyMap<Field, Member>, complain: Complain): number | null => {
  const sizes = Object.keys(TOKENS_BY_COMPLEXITY) as Complexity[];
  const member = fields.get('complexity');
  const size = sizes.find(one => member?.value.kind === 'string' && member.value.value === one);
  if (member !== undefined && size === undefined)
    bad(member, 'warning', `one of ${sizes.join(', ')}`, '"medium"', complain);
  const written = readCount(fields.get('estimatedTokens'), complain, 1, 1e9, 'a whole number of tokens', '20000');
  return written?.value ?? (size === undefined ? null : TOKENS_BY_COMPLEXITY[size]);
};

const readSwitch = (member: Member | undefined, complain: Complain): boolean => {
  if (member === undefined) return false;
  const { value } = member;
  if (value.kind === 'literal' && value.value !== null) return value.value;
  bad(member, 'error', 'true or false', 'true', complain);
  return false;
};

/** What decides which tasks run, and in which order, is an `error`; what only estimates is a `warning`, and is then not used. */
const bad = (
  { key, value }: Member,
  severity: 'error' | 'warning',
  expected: string,
  example: string,
  complain: Complain,
): void => {
  const unused = severity === 'warning' ? ' It is not used.' : '';
  complain(
    severity,
    'bad_value',
    `"${key}" is not understood; expected ${expected}, e.g. "${key}": ${example}.${unused}`,
    value.at,
  );
};
