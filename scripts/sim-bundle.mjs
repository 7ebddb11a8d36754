// Bundles the simulator with the program it tries, from any copy of src/, and loads it.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Below node_modules, so that packages are found from there. */
export const cacheFolder = join(root, 'node_modules', '.cache', 'seqrun');

/** Writes the bundle of `<folder>/src`; returns its path. */
export const bundleSim = async (folder, name) => {
  await mkdir(cacheFolder, { recursive: true });
  const outfile = join(cacheFolder, `${name}.mjs`);
  await build({
    stdin: {
      contents: ['compose/simulation', 'sim/points', 'sim/scenario', 'sim/simulate', 'sim/tally']
        .map(name => `export * from './src/${name}.ts';`)
        .join('\n'),
      resolveDir: folder,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    outfile,
    logLevel: 'warning',
  });
  return outfile;
};

/** The simulator of a bundle. */
export const importSim = bundle => import(pathToFileURL(bundle).href);
