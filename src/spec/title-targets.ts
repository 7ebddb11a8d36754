// Tasks by their titles: `Depends on: Build the desk`.

import { withoutDependencies } from './title-dependencies.ts';

/** The titles of a file's tasks. */
export interface TitleTargets {
  /** The ids that a text names by exact titles, one or a list of nothing else; null: it names none. Two tasks of one title have none. */
  find(text: string): string[] | null;
}

/** Pure; the work is proportional to the length of the titles. */
export const titleTargets = (tasks: readonly { id: string; title: string }[]): TitleTargets => {
  const ids = new Map<string, string | null>();
  for (const { id, title } of tasks) {
    // A remark at the end is often left out.
    const short = withoutDependencies(title).replace(/[ \t]*[([（][^()[\]（）]*[)\]）][.:]?[ \t]*$/, '');
    for (const name of new Set([plain(title), plain(short)])) if (name !== '') ids.set(name, ids.has(name) ? null : id);
  }
  const find = (text: string): string[] | null => {
    if (text.length > LONGEST) return null;
    const whole = ids.get(plain(text));
    if (whole) return [whole];
    const parts = text.split(/[,;，；、]/);
    if (parts.length < 2) return null;
    const found = parts.map(part => ids.get(plain(part)));
    return found.every(id => typeof id === 'string') ? found : null;
  };
  return { find };
};

const LONGEST = 2_000;

/** Case, emphasis, quotes and the full stop at the end are no matter. */
const plain = (text: string): string =>
  text
    .replace(/[*_`~"“”]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[ .:;,。：！!—–-]+$/, '')
    .toLowerCase();
