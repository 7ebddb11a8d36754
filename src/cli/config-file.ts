// Where settings may stand in a workdir, found and read: seqrun.config.json, .yaml or .yml, or the key "seqrun" of package.json.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { type Failure, usageFailure } from './errors.ts';

/** The bytes of a file with settings. */
export interface ConfigFile {
  /** Absolute. */
  path: string;
  bytes: Uint8Array;
}

/** How a file of that path is read, whatever it holds. `package`: of package.json the value of the key "seqrun" alone. */
export type ConfigForm = 'json' | 'yaml' | 'package';

export const formOf = (path: string): ConfigForm => {
  if (basename(path) === packageName) return 'package';
  return /^\.ya?ml$/i.test(extname(path)) ? 'yaml' : 'json';
};

/** The key in package.json. */
export const packageKey = 'seqrun';

const packageName = 'package.json';
const ownNames = ['seqrun.config.json', 'seqrun.config.yaml', 'seqrun.config.yml'] as const;

/** The file that is meant where none is there. */
export const configName = ownNames[0];

/**
 * Reads the file that `--config` names (missing = 66), else the one in `workdir` (none = null). A file of seqrun's own that is there
 * and cannot be read is 66 too; a package.json that says nothing to seqrun, or that cannot be read, is none. More than one is 64.
 */
export const readConfigFile = (asked: string | null, workdir: string): ConfigFile | Failure | null => {
  if (asked !== null) {
    const path = resolve(asked);
    const bytes = bytesOf(path);
    return typeof bytes === 'string' ? unreadable(path, bytes) : { path, bytes };
  }
  const found = filesIn(workdir);
  const failure = found.find(one => 'what' in one);
  if (failure) return failure;
  const [first, second] = found as ConfigFile[];
  if (first === undefined) return null;
  if (second === undefined) return first;
  return usageFailure(`the settings stand in two places: ${shortName(first)} and ${shortName(second)}`, {
    where: { name: second.path },
    expected: 'one of them: nothing says which would win',
    next: `move all of it to one and delete the other, or name one: --config ${first.path}`,
  });
};

/** What is there now: files, and why one of seqrun's own cannot be read. */
const filesIn = (workdir: string): (ConfigFile | Failure)[] => {
  const found: (ConfigFile | Failure)[] = [];
  for (const name of ownNames) {
    const path = resolve(workdir, name);
    const bytes = bytesOf(path);
    if (typeof bytes !== 'string') found.push({ path, bytes });
    else if (bytes !== 'ENOENT' && bytes !== 'ENOTDIR') found.push(unreadable(path, bytes));
  }
  const path = resolve(workdir, packageName);
  const bytes = bytesOf(path);
  if (typeof bytes !== 'string' && holdsSettings(textOf(bytes))) found.push({ path, bytes });
  return found;
};

/** The bytes, or the code of the error. */
const bytesOf = (path: string): Uint8Array | string => {
  try {
    return readFileSync(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown error';
  }
};

const unreadable = (path: string, code: string): Failure => {
  const what = code === 'ENOENT' ? 'the config file does not exist' : `the config file cannot be read (${code})`;
  return {
    exit: 66,
    what,
    where: { name: path },
    expected: 'a JSON or YAML file, or a package.json with the key "seqrun"',
    next: 'seqrun --help lists the settings',
  };
};

const shortName = ({ path }: ConfigFile): string =>
  formOf(path) === 'package' ? `the key "${packageKey}" of ${packageName}` : basename(path);

/** The text of a file, without a byte order mark; bytes that are no UTF-8 are replaced. */
export const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8').decode(bytes);

/**
 * Whether a package.json says something to seqrun. Of one that is no JSON only the looks tell: to take its settings for none would
 * silently drop gates. A dependency of that name has a text, not an object.
 */
const holdsSettings = (text: string): boolean => {
  if (!text.includes(`"${packageKey}"`)) return false;
  const settings = packageSettings(text);
  return settings.kind === 'read' || (settings.kind === 'broken' && /"seqrun"\s*:\s*\{/.test(text));
};

/** What package.json says to seqrun. */
const packageSettings = (text: string): { kind: 'read'; value: unknown } | { kind: 'none' } | { kind: 'broken' } => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'broken' };
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, packageKey)) return { kind: 'none' };
  return { kind: 'read', value: (value as Record<string, unknown>)[packageKey] };
};

/**
 * The part of a file that holds settings, as text to be compared and hashed: all of it; of package.json the value of its key alone, in
 * one form whatever its blanks and the order of its keys, so that a new dependency changes nothing. null = it holds none any more.
 */
export const settingsText = ({ path, bytes }: ConfigFile): string | null => {
  const text = textOf(bytes);
  if (formOf(path) !== 'package') return text;
  const settings = packageSettings(text);
  if (settings.kind === 'none') return null;
  return settings.kind === 'broken' ? text : JSON.stringify(sorted(settings.value), null, 2);
};

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
};

/** `sha256:` and the hex digest of what the file says to seqrun: the bytes as they are, but of package.json `settingsText`. */
export const hashOf = (file: ConfigFile): string => {
  const text = formOf(file.path) === 'package' ? settingsText(file) : file.bytes;
  return text === null ? noConfig : `sha256:${createHash('sha256').update(text).digest('hex')}`;
};

/** In place of a hash: there are no settings. */
export const noConfig = 'none';

/**
 * The settings in a file (`asked`) or a workdir as they are now, as journals keep it: a hash, `none`, or where there is more than one
 * place, which no run begins with, a word of its own.
 */
export const configHashNow = (asked: string | null, workdir: string): string => {
  const bytes = asked === null ? null : bytesOf(asked);
  const found = asked === null ? filesIn(workdir) : typeof bytes === 'string' ? [] : [{ path: asked, bytes: bytes! }];
  const hashes = found.map(one => ('what' in one ? 'unreadable' : hashOf(one)));
  return hashes.length > 1 ? `several:${hashes.join(',')}` : (hashes[0] ?? noConfig);
};
