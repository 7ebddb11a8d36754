// What the rehearsal agent reads out of a prompt: a real one would understand it, this one looks for a few lines.

/** What stands in a prompt; nothing of it is guaranteed, since users may write their own templates. */
export interface PromptFacts {
  /** The first heading, without its marks. */
  heading: string | null;
  /** Paths that follow an `@`, the task list's first. As written. */
  files: string[];
  /** Unit ids that an assignment prompt asks about. */
  asked: string[];
  /** Owners that an assignment prompt offers. */
  owners: string[];
}

/** Never throws; on nothing the lists are empty. */
export const readPrompt = (prompt: string): PromptFacts => {
  const lines = prompt.split('\n').map(line => line.replace(/\r$/, ''));
  const heading = lines.map(line => /^#{1,6} +(.+)$/.exec(line)?.[1]?.trim()).find(found => found !== undefined);
  // The last one counts: a task's own text comes before the list of files.
  const taskLists = lines
    .map(line => /^(?:[-*] +)?task list: @(.+)$/i.exec(line)?.[1]?.trim())
    .filter(found => found !== undefined)
    .reverse();
  const others = [...prompt.matchAll(/(?<=^|[\s`(])@([^\s`)]+)/g)].map(match => match[1]!);
  return {
    heading: heading ?? null,
    files: [...new Set([...taskLists, ...others])],
    asked: section(lines, /^units:/i)
      .map(line => /^[-*] +(\S+?):(?: |$)/.exec(line)?.[1])
      .filter(found => found !== undefined),
    owners: section(lines, /^owners\b.*:$/i)
      .map(line => /^[-*] +`([^`]+)`/.exec(line)?.[1])
      .filter(found => found !== undefined),
  };
};

/** Lines after the one that matches, up to the first blank one. */
const section = (lines: readonly string[], title: RegExp): string[] => {
  const start = lines.findIndex(line => title.test(line));
  if (start < 0) return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex(line => line.trim() === '');
  return end < 0 ? rest : rest.slice(0, end);
};
