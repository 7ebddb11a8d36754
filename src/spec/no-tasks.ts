// What a file without tasks holds instead, and what to write for exactly that.
import type { Document } from './document.ts';
import { quote } from './report.ts';

/** Something that people write for tasks and that is none here. */
interface Kind {
  name: [one: string, many: string];
  pattern: RegExp;
  /** What to write instead of the line that matched. */
  instead(match: RegExpExecArray): string;
}

const TITLE = String.raw`(?<title>.*?)[ \t*_#]*$`;
const item = ({ groups }: RegExpExecArray): string => `- [ ] ${groups!.id ?? '1'}. ${short(groups!.title!)}`;

/** Where several match a line the first one counts. */
const KINDS: readonly Kind[] = [
  {
    name: ['numbered heading', 'numbered headings'],
    pattern: new RegExp(
      String.raw`^[ \t]*(?<sharps>#{1,6})[ \t]+(?:[A-Za-z]+[ \t]+)?(?<id>\d{1,4}(?:\.\d{1,4})*)(?:[.:)]|[ \t]+[-–—])?[ \t]+${TITLE}`,
    ),
    instead: ({ groups }) => `${groups!.sharps} Task ${groups!.id}: ${short(groups!.title!)}`,
  },
  {
    name: ['bold numbered line', 'bold numbered lines'],
    pattern: new RegExp(
      String.raw`^[ \t]*(?:[-*+][ \t]+)?(?:\*\*|__)(?:[A-Za-z]+[ \t]+)?(?<id>\d{1,4}(?:\.\d{1,4})*)[.:)]?(?:\*\*|__)?[ \t:]+${TITLE}`,
    ),
    instead: item,
  },
  {
    name: ['numbered list item', 'numbered list items'],
    pattern: new RegExp(String.raw`^[ \t]*(?:[-*+][ \t]+)?(?<id>\d{1,4}(?:\.\d{1,4})*)[.)]?[ \t]+${TITLE}`),
    instead: item,
  },
  {
    name: ['list item with a sign instead of a box', 'list items with a sign instead of a box'],
    pattern: new RegExp(String.raw`^[ \t]*[-*+][ \t]+(?<sign>✅|✓|✔|☑|☐|⬜|⏳|❌|🚧|🔄)\ufe0f?[ \t]*${TITLE}`, 'u'),
    instead: ({ groups }) => {
      const [, id = '1', title] = /^(?:(\d{1,4}(?:\.\d{1,4})*)[.:)]?[ \t]+)?(.*)$/.exec(groups!.title!)!;
      return `- [${/[✅✓✔☑]/u.test(groups!.sign!) ? 'x' : ' '}] ${id}. ${short(title!)}`;
    },
  },
  {
    name: ['row of a table without boxes', 'rows of tables without boxes'],
    pattern: /^[ \t]*\|[ \t]*#?(?<id>\d{1,4}(?:\.\d{1,4})*)[ \t]*\|[ \t]*(?<title>[^|]*?)[ \t]*\|/,
    instead: item,
  },
];

const short = (title: string): string => title.replace(/\*\*|__/g, '').slice(0, 60) || 'Title';

/** A sentence for a file in which no task was understood. The work is proportional to its size. */
export const nothingFound = ({ source, placed }: Document): string => {
  const seen = KINDS.map(kind => ({ kind, count: 0, line: 0, match: null as RegExpExecArray | null }));
  for (const { piece, base } of placed) {
    for (const [line, text] of piece.lines.entries()) {
      if (piece.opaque.has(line) || text.length > 1000) continue;
      for (const one of seen) {
        const match = one.kind.pattern.exec(text);
        if (!match) continue;
        one.count++;
        one.line ||= base + line + 1;
        one.match ??= match;
        break;
      }
    }
  }
  const empty = source.text.trim() === '';
  const most = seen.reduce((best, one) => (one.count > best.count ? one : best));
  if (most.match === null)
    return `${empty ? 'The file is empty' : 'No task was found in the file'}; expected list items with a box and a number, e.g. "- [ ] 1. Title".`;
  const all = seen
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${kind.name[count === 1 ? 0 : 1]}`);
  // One heading alone is not known to be a task.
  const instead = most.count === 1 && !most.match.groups!.sign ? item(most.match) : most.kind.instead(most.match);
  return `No task was found in the file; it has ${all.join(', ')}. If ${most.count > 1 ? 'they are the tasks' : 'it is a task'}, write line ${most.line} as ${quote(instead)}${most.count > 1 ? ', and the others like it' : ''}; it is ${quote(most.match[0].trim().slice(0, 80))} now.`;
};
