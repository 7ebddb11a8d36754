// The lines of one task of tasks.md: its title and text as they are where they mean nothing else, else so that they do not.
import type { Task } from '../../core/task.ts';

/** How a task's own line is to be read. */
type Written = Pick<Task, 'title' | 'state' | 'optional'>;

/** What the text below it says. */
type Found = Pick<Task, 'dependsOn' | 'agent' | 'verify' | 'noChange'>;

export interface Layout {
  mark: string;
  /** Lines that tell what tasks.md has no field for. */
  facts: readonly string[];
  safe: boolean;
  /** What is read of such a task; null: something else than is meant, or not only that. */
  readsBack(written: Written, lines: readonly string[]): Found | null;
}

/**
 * The task at the margin, with the title that its line carries. Text is written as list items, else as it is, else in a fence; the
 * first that is read back with nothing added is taken, null: none is. `dependsOn`, the owner and what proves the task get lines of
 * their own where the text has none.
 */
export const layOut = (task: Task, layout: Layout): { lines: string[]; title: string } | null => {
  const { id, state, optional } = task;
  const titles = [visible(task.title), withoutSigns(task.title), `Todo ${id}`];
  const label = /^\d+$/.test(id) ? `${id}.` : id;
  const text = visible(task.details, '\n');
  const bodies = [...(layout.safe ? [] : [asItems(text), asIs(text)]), inFence(text)].filter(body => body !== null);
  for (const title of layout.safe ? titles.slice(1) : titles) {
    const head = `- [${layout.mark}]${optional ? '*' : ''} ${label} ${title}`;
    const written = { title, state, optional };
    // A code is an id only among others like it: what stands behind it is read as behind a dotted number.
    const tried = /^\d/.test(id) ? head : head.replace(` ${label} `, ' 1.1 ');
    // A title that is not read back alone will not be with any text.
    if (layout.readsBack(written, [tried]) === null) continue;
    for (const body of bodies) {
      const found = layout.readsBack(written, [tried, ...body]);
      if (found === null || !found.dependsOn.every(other => task.dependsOn.includes(other))) continue;
      if (found.agent !== null && found.agent !== task.agent) continue;
      const commands = task.verify ?? [];
      // Read in another order, or more of them, they would be another proof.
      if (!(found.verify ?? []).every((command, at) => command === commands[at])) continue;
      if (found.noChange && !task.noChange) continue;
      const missing = task.dependsOn.filter(other => !found.dependsOn.includes(other));
      const more = [
        ...layout.facts.map(fact => visible(fact)),
        ...(missing.length > 0 ? [`_Depends: ${missing.join(', ')}_`] : []),
        ...(found.agent === task.agent ? [] : [`_agent: ${task.agent}_`]),
        ...commands.slice(found.verify?.length ?? 0).map(command => `_verify: ${command}_`),
        ...(found.noChange === task.noChange ? [] : ['_no_change_']),
      ].map(line => `  - ${line}`);
      const lines = [...body, ...more];
      // The text may swallow what stands behind it: a fence that nobody closed.
      if (more.length > 0 && !says(layout.readsBack(written, [tried, ...lines]), task)) continue;
      return { lines: [head, ...lines], title };
    }
  }
  return null;
};

const says = (found: Found | null, { dependsOn, agent, verify, noChange }: Found): boolean =>
  found !== null &&
  found.agent === agent &&
  found.noChange === noChange &&
  `${found.verify?.join('\n')}` === `${verify?.join('\n')}` &&
  found.dependsOn.length === dependsOn.length &&
  found.dependsOn.every(other => dependsOn.includes(other));

/** Without characters that are not seen, so that it can be printed as it is; a tab is four blanks. */
const visible = (text: string, kept = ''): string =>
  text
    .replaceAll('\t', '    ')
    .replace(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu, char => (kept.includes(char) ? char : ' '))
    .replace(/\p{Cs}/gu, '\ufffd')
    .trim();

/** Letters, digits and the signs of plain sentences. */
const withoutSigns = (title: string): string =>
  title
    .replace(/[^\p{L}\p{M}\p{N} ,.;!?'"/+=-]/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .trim();

/** Each line an item, where none is more than a plain line. */
const asItems = (text: string): string[] | null => {
  if (text === '') return [];
  const lines = text.split('\n');
  const plain = lines.every(line => /^(?:[-*] )?[\p{L}\p{N}_"'(][^\t]*$/u.test(line) && !/^\d+[.)] /.test(line));
  return plain ? lines.map(line => `  - ${line.replace(/^[-*] /, '').trimEnd()}`) : null;
};

const asIs = (text: string): string[] => [
  '',
  ...text.split('\n').map(line => (line.trim() === '' ? '' : `  ${line.trimEnd()}`)),
  '',
];

const inFence = (text: string): string[] => {
  if (text === '') return [];
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`  ${fence}text`, ...text.split('\n').map(line => `  ${line}`.trimEnd()), `  ${fence}`];
};
