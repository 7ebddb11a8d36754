// Where a spec is and where its agents work. Looks at the disk, changes nothing.
import { existsSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { specsAtHome, specsOf } from '../compose/spec-homes.ts';
import type { Failure } from './errors.ts';
import { nearest } from './nearest.ts';
import { taskFilesIn } from './task-files-in.ts';

/** Absolute paths; symbolic links are kept as written. */
export interface TypedPlaces {
  /** The folder that holds the task file. */
  folder: string;
  /**
   * What its state is kept for, beside it: the folder; the task file itself where that is not the folder's tasks.md (two in one
   * folder would take each other's completions for theirs), nor a todos.json in its place below the top of a repository, where the
   * state would be written outside.
   */
  spec: string;
  /** The task file in it. */
  tasksPath: string;
  /** Where agents work: given, or inferred. */
  workdir: string;
}

/** What is there, or the code of the error that tells why it cannot be seen. */
const look = (path: string): Stats | string => {
  try {
    return statSync(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown error';
  }
};
const codeAt = (path: string): string | undefined => {
  const found = look(path);
  return typeof found === 'string' ? found : undefined;
};
const isFile = (path: string): boolean => {
  const found = look(path);
  return typeof found !== 'string' && found.isFile();
};
const isFolder = (path: string): boolean => {
  const found = look(path);
  return typeof found !== 'string' && found.isDirectory();
};

/** Two names of one file, be it by a link or by a disk that knows no case; a file that is not there has one name. */
const isSame = (path: string, other: string): boolean => {
  if (path === other) return true;
  const [found, there] = [look(path), look(other)];
  return typeof found !== 'string' && typeof there !== 'string' && found.dev === there.dev && found.ino === there.ino;
};

/** As git sees it: a worktree's `.git` is a file, and an empty folder of that name (sandboxes leave one behind) is nothing. */
const isTopLevel = (folder: string): boolean =>
  isFile(join(folder, '.git')) || existsSync(join(folder, '.git', 'HEAD'));

/** The task file of a folder that has no tasks.md. */
const jsonName = 'todos.json';

/**
 * The places `--spec` and `--workdir` mean. Nothing need exist. The workdir, when it is not given, is `<repo>` of
 * `<repo>/.kiro/specs/<x>`, else the git top level around the spec, else two folders above the spec, but never above `cwd` where the spec
 * is in it: without git nothing else says where the project begins.
 */
export const placesOf = (spec: string, workdir: string | null, cwd: string): TypedPlaces => {
  const path = resolve(cwd, spec);
  const asFile = isFile(path) || (!isFolder(path) && /\.(md|json)$/i.test(path));
  const folder = asFile ? dirname(path) : path;
  const markdown = join(folder, 'tasks.md');
  const todos = join(folder, jsonName);
  const tasksPath = asFile ? path : !isFile(markdown) && isFile(todos) ? todos : markdown;
  const alone = isSame(tasksPath, markdown) || (tasksPath === todos && !isFile(markdown) && !isTopLevel(folder));
  return {
    folder,
    spec: alone ? folder : tasksPath,
    tasksPath,
    workdir: workdir === null ? inferWorkdir(folder, cwd) : resolve(cwd, workdir),
  };
};

const inferWorkdir = (folder: string, cwd: string): string => {
  const specs = dirname(folder);
  if (basename(specs) === 'specs' && basename(dirname(specs)) === '.kiro') return dirname(dirname(specs));
  for (let at = folder; ; at = dirname(at)) {
    if (isTopLevel(at)) return at;
    if (dirname(at) === at) {
      const above = dirname(dirname(folder));
      return isInside(folder, cwd) && isInside(cwd, above) ? cwd : above;
    }
  }
};

/** `path` is `folder` or below it. */
const isInside = (path: string, folder: string): boolean => {
  const way = relative(folder, path);
  return way === '' || !(way === '..' || way.startsWith('../') || isAbsolute(way));
};

/** What is wrong with the places (66), or null: the spec is a folder with its task file, the workdir is a folder. */
export const checkPlaces = (places: TypedPlaces, cwd: string): Failure | null => {
  const { folder, tasksPath, workdir } = places;
  const missing = (what: string, name: string, expected: string, next: string | null): Failure => ({
    exit: 66,
    what,
    where: { name },
    expected,
    next,
  });
  const hidden = [folder, tasksPath, workdir].find(path => ![undefined, 'ENOENT', 'ENOTDIR'].includes(codeAt(path)));
  if (hidden !== undefined) {
    const what = `this user cannot look at ${hidden === workdir ? 'the workdir' : 'the spec'} (${codeAt(hidden)})`;
    return missing(what, hidden, 'folders that this user may enter, and a file it may read', `namei -l '${hidden}'`);
  }
  if (!isFolder(folder)) {
    const nearby = specsNearby(cwd);
    const names = nearby.map(path => basename(path));
    const near = nearest(basename(folder), names);
    const like = near === null ? nearby[0] : nearby[names.indexOf(near)];
    const next = like === undefined ? null : `--spec ${like}`;
    return missing('there is no such spec', folder, 'a folder that holds tasks.md', next);
  }
  const name = basename(tasksPath);
  if (isFolder(tasksPath)) {
    return missing(`${name} is a folder, not a file`, tasksPath, 'a file with tasks', `seqrun --spec ${tasksPath}`);
  }
  if (!isFile(tasksPath)) {
    const specs = specsWithin(folder).map(path => relative(cwd, path) || '.');
    if (specs.length > 0) {
      const expected = `one of the specs in it: ${specs.slice(0, 8).join(', ')}${specs.length > 8 ? ', …' : ''}`;
      return missing('this folder holds specs and is none itself', folder, expected, `--spec ${specs[0]}`);
    }
    const there = taskFilesIn(folder);
    const expected = `a file ${name}${there.length > 0 ? `; here are ${there.slice(0, 8).join(', ')}` : ''}`;
    const next =
      there.length > 0 ? `--spec ${join(folder, there[0]!)}, or write ${name}` : `write ${name}, e.g. "- [ ] 1. Title"`;
    return missing('the spec has no task file', tasksPath, expected, next);
  }
  if (!isFolder(workdir)) return missing('the workdir does not exist', workdir, 'a folder', '--workdir <dir>');
  return null;
};

/** Specs in a folder that is none itself: its own, and those where tools keep them in it, be it a project or a part of the way. */
const specsWithin = (folder: string): string[] => [
  ...new Set([folder, join(folder, 'changes')].flatMap(specsOf).concat(specsAtHome(folder))),
];

/** Specs where tools keep them in `cwd` and the folders above it up to the git top level, `cwd` itself first, relative to it. */
export const specsNearby = (cwd: string): string[] => {
  const found: string[] = isFile(join(cwd, 'tasks.md')) ? ['.'] : [];
  for (let at = resolve(cwd); ; at = dirname(at)) {
    found.push(...specsAtHome(at).map(path => relative(cwd, path) || '.'));
    // From within .kiro the same folder is `specs` of it and `.kiro/specs` of the one above.
    if (isTopLevel(at) || dirname(at) === at) return [...new Set(found)];
  }
};
