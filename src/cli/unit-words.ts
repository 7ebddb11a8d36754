// How a unit is named to whoever typed an id: the unit that is meant, and why it is that one.

/** `unit 3`, or `unit 3 (it holds 3.1)` when a task of it was typed; `rest` comes between. */
export const unitWords = (id: string, typed: string, rest = ''): string => {
  const task = typed.replace(/\.$/, '');
  return `unit ${id}${rest}${task === id ? '' : ` (it holds ${task})`}`;
};
