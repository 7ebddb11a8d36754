// `git status`, read: where HEAD is and which files differ.
import { outputOf } from './call.ts';
import { type Name, shown } from './names.ts';

/** One file that differs. */
export interface Difference {
  name: Name;
  kind: 'tracked' | 'unmerged' | 'untracked';
  /** What git prints of it before the name: states, modes, ids of HEAD and index. */
  record: string;
  /** It is gone from the work tree. */
  gone: boolean;
  /** A submodule whose HEAD or files differ from what is staged. */
  submodule: boolean;
}

export interface Status {
  /** null: detached. */
  branch: string | null;
  /** null: no commit yet. */
  head: string | null;
  differences: Difference[];
}

/** Status of the work tree at `root`. Takes no lock; throws `Trouble`. One process (and those that the user's filters are). */
export const statusOf = async (root: string): Promise<Status> => {
  const args = ['status', '--porcelain=v2', '--branch', '-z', '--untracked-files=all', '--no-renames'];
  const output = await outputOf(root, [...args, '--ignore-submodules=none', '--no-ahead-behind']);
  return parseStatus(output.toString('latin1'));
};

/** Fields before the path, by the letter at the beginning of a line (git-status(1), "Porcelain Format Version 2"). */
const fieldsBefore: Readonly<Record<string, number>> = { '1': 8, '2': 9, u: 10, '?': 1 };

const parseStatus = (text: string): Status => {
  const status: Status = { branch: null, head: null, differences: [] };
  const lines = text.split('\0');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const header = /^# branch\.(oid|head) (.*)$/s.exec(line);
    if (header?.[1] === 'oid' && header[2] !== '(initial)') status.head = header[2]!;
    if (header?.[1] === 'head' && header[2] !== '(detached)') status.branch = shown(header[2]!);
    const letter = line[0] ?? '';
    const fields = fieldsBefore[letter];
    if (fields === undefined || line[1] !== ' ') continue;
    const difference = differenceOf(line, letter, fields);
    if (difference) status.differences.push(difference);
    // The old name of a rename, should git print one after all, is a field of its own.
    if (letter === '2') at++;
  }
  return status;
};

const differenceOf = (line: string, letter: string, fields: number): Difference | null => {
  let end = 0;
  for (let field = 0; field < fields; field++) {
    end = line.indexOf(' ', end) + 1;
    if (end === 0) return null;
  }
  const sub = letter === '?' ? 'N...' : line.slice(5, 9);
  return {
    name: line.slice(end),
    kind: letter === '?' ? 'untracked' : letter === 'u' ? 'unmerged' : 'tracked',
    record: line.slice(0, end),
    gone: letter !== '?' && line[3] === 'D',
    submodule: sub[0] === 'S' && sub !== 'S...',
  };
};
