// The declarations of the library: what its entry reaches, and no more.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { remove } from 'fs-extra/esm';

/** Text by path below `types/`. Throws when the sources do not compile. */
export const declarations = async root => {
  const folder = await mkdtemp(join(tmpdir(), 'seqrun-types-'));
  try {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.types.json', '--outDir', folder], {
      cwd: root,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the declarations cannot be made:\n${stdout}`);
    const files = new Map();
    const take = async path => {
      const name = relative(folder, path);
      if (files.has(name)) return;
      const text = await readFile(path, 'utf8');
      files.set(name, text.replace(/(from '\.[^']*)\.ts'/g, "$1.js'"));
      for (const [, specifier] of text.matchAll(/from '(\.[^']*)\.ts'/g)) {
        await take(join(dirname(path), `${specifier}.d.ts`));
      }
    };
    await take(join(folder, 'api', 'index.d.ts'));
    return files;
  } finally {
    await remove(folder);
  }
};
