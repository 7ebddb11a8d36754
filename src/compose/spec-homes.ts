// Where tools keep specs, and which specs lie there: a few folders are read, nothing is walked.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Folders that hold a folder for each spec, relative to a project, the most usual first: of the tools and of people who follow them. */
export const SPEC_HOMES = [
  '.kiro/specs',
  'specs',
  'openspec/changes',
  '.spec-workflow/specs',
  'kitty-specs',
  'agent-os/specs',
  '.agent-os/specs',
  '.claude/specs',
  '.specify/specs',
  '.sce/specs',
  '.minispec/specs',
  '.sdd/specs',
  '.specs',
  'docs/specs',
] as const;

/** Specs in the homes of `project`, absolute, home by home, by name. Never throws. */
export const specsAtHome = (project: string): string[] => SPEC_HOMES.flatMap(home => specsOf(join(project, home)));

/** Folders in `parent` that hold a task file, absolute, by name. Never throws. */
export const specsOf = (parent: string): string[] =>
  namesIn(parent)
    .sort()
    .map(name => join(parent, name))
    .filter(path => isFile(join(path, 'tasks.md')) || isFile(join(path, 'todos.json')));

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

const isFile = (path: string): boolean => {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
};
