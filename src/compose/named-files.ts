// Finds the files that a unit is told to read: the task file, the documents beside it, what a person named.
import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { NamedFiles } from '../core/prompt.ts';
import { documentFolders, documentsAmong } from '../core/spec-documents.ts';

const deepest = 3;
/** A folder of documents has a few; whoever keeps a tree in one is told its name. */
const mostFiles = 200;

/** Relative to the workdir, only what is there; `context` (absolute) stays absolute where it lies outside. Never throws. */
export const namedFilesOf = (workdir: string, tasksPath: string, context: readonly string[]): NamedFiles => {
  const name = (path: string) => relative(workdir, path) || '.';
  const folder = dirname(tasksPath);
  const root = rootOf(folder);
  const taskFile = relative(root, tasksPath).replaceAll(sep, '/');
  const own = isOwn(folder, tasksPath, workdir);
  // `contracts` at the top of a repository is the product's.
  const below = own || root !== folder ? documentFolders(taskFile) : [];
  const paths = [...filesIn(root, 0), ...below.flatMap(one => filesIn(root, deepest, one))];
  const found = documentsAmong(paths, taskFile, own);
  const take = (file: string): string | null => {
    const at = found.findIndex(({ path }) => path === file);
    return at < 0 ? null : name(join(root, found.splice(at, 1)[0]!.path));
  };
  const requirements = take('requirements.md');
  const bugfix = requirements === null ? take('bugfix.md') : null;
  return {
    tasks: name(tasksPath),
    requirements: requirements ?? bugfix,
    design: take('design.md'),
    documents: found.map(one => ({
      ...one,
      path: `${name(join(root, one.path)).replace(/\/$/, '')}${one.path.endsWith('/') ? '/' : ''}`,
    })),
    bugfix: bugfix !== null,
    context: context.filter(path => existsSync(path)).map(path => (name(path).startsWith('..') ? path : name(path))),
  };
};

/** AI-DLC keeps its plans apart from what they rest on. */
const rootOf = (folder: string): string => {
  for (let at = folder; dirname(at) !== at; at = dirname(at)) if (basename(at) === 'aidlc-docs') return at;
  return folder;
};

/** Whether a folder is there for this one spec, by what its task file and the folder are called. */
const isOwn = (folder: string, tasksPath: string, workdir: string): boolean =>
  /^(?:tasks\.md|todos\.json)$/i.test(basename(tasksPath)) &&
  relative(workdir, folder) !== '' &&
  !/^(?:docs?|documentation|wiki|specs?|tasks)$/i.test(basename(folder));

/** Files in `root/below` and `depth` folders further down, relative to `root` with `/`; a link counts only in the root itself. */
const filesIn = (root: string, depth: number, below = ''): string[] => {
  const files: string[] = [];
  const waiting = [{ at: below, depth }];
  for (let next = waiting.shift(); next !== undefined && files.length < mostFiles; next = waiting.shift()) {
    for (const entry of entriesOf(join(root, next.at))) {
      const path = next.at === '' ? entry.name : `${next.at}/${entry.name}`;
      // A name that could begin a line of its own is none for a prompt.
      if (/\p{Cc}/u.test(entry.name) || entry.name.startsWith('.')) continue;
      if (entry.isFile() || (below === '' && entry.isSymbolicLink() && leadsToFile(join(root, path)))) files.push(path);
      else if (entry.isDirectory() && next.depth > 0) waiting.push({ at: path, depth: next.depth - 1 });
    }
  }
  return files;
};

const entriesOf = (folder: string): Dirent[] => {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
};

const leadsToFile = (path: string): boolean => {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
};
