// Which programs are installed: looked up on a PATH the way a shell would, without starting anything.
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/** Absolute path of an executable regular file, or null. A name with a slash is taken as a path relative to `cwd`. */
export const findExecutable = async (name: string, path: string | undefined, cwd: string): Promise<string | null> => {
  if (name.includes('/')) return (await isExecutable(resolve(cwd, name))) ? resolve(cwd, name) : null;
  for (const folder of (path ?? '').split(delimiter)) {
    const candidate = join(isAbsolute(folder) ? folder : resolve(cwd, folder), name);
    if (await isExecutable(candidate)) return candidate;
  }
  return null;
};

const isExecutable = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
};
