// Which tasks are work of their own: what is done, ticked and counted one by one.
import type { Spec, Task } from './task.ts';

/** A line that says something about the task instead of what is to be done: `_Requirements: 1.1_`, `**Validates: …**`. */
const ABOUT =
  /^[ \t]*(?:[-*+][ \t]+)?(?:_[^_\s]|\*\*(?:validates|requirements?|propert(?:y|ies)|depend\w*|blocks)\b|(?:requirements?|validates|depend\w*(?: on)?|blocks|blocked by)[ \t]*:)/i;

/** The task has text below its first line, beside its subtasks, that says what is to be done. */
const hasOwnWork = (task: Task): boolean =>
  task.details.split('\n').some(line => line.trim() !== '' && !ABOUT.test(line));

/** A title that asks for tests or other looking back: with optional subtasks alone it is only the name of what they are. */
const ABOUT_TESTS =
  /\b(?:tests?|testing|test[ -]suites?|teste?s|testes|pruebas?|propert(?:y|ies)|verif\w*|valid(?:at\w*|aci\w*|a[çc]\w*)|coverage|qa|e2e|benchmarks?)\b|测试|验证|テスト|検証|테스트|검증/i;

/** What is asked of the task itself: text below its first line that says it, or a title that does. */
export const isWork = (task: Task): boolean => hasOwnWork(task) || !ABOUT_TESTS.test(task.title);

/**
 * Tasks without children, in file order; and required parents with work of their own below which everything is optional: leaving out
 * "write property tests" must not leave out "implement the parser" above it.
 */
export const leafTasks = (spec: Pick<Spec, 'tasks'>): Task[] => {
  const children = new Map<string, Task[]>();
  for (const task of spec.tasks) {
    const list = task.parent === null ? null : children.get(task.parent);
    if (list) list.push(task);
    else if (task.parent !== null) children.set(task.parent, [task]);
  }
  /** Something at or below the task must be done. A parent asks each child once. */
  const known = new Map<string, boolean>();
  const isRequired = (task: Task): boolean => {
    const kept = known.get(task.id);
    if (kept !== undefined) return kept;
    known.set(task.id, false);
    const below = (children.get(task.id) ?? []).filter(isRequired).length > 0;
    const required = below || (!task.optional && (!children.has(task.id) || isWork(task)));
    known.set(task.id, required);
    return required;
  };
  return spec.tasks.filter(
    task => !children.has(task.id) || (!task.optional && isWork(task) && !children.get(task.id)!.some(isRequired)),
  );
};
