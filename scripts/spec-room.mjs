// The parser of src/spec, bundled for scripts that measure it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** `{ readSpec, makePieceCache, flipBox, makePlan }` of the sources as they are now. */
export const loadSpecRoom = async () => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: {
      contents: `export { makePieceCache, readSpec } from './src/spec/read.ts';
        export { flipBox } from './src/spec/boxes.ts';
        export { makePlan } from './src/core/plan.ts';`,
      resolveDir: root,
    },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
    alias: { 'string-width': join(root, 'scripts/shims/string-width.mjs') },
  });
  const folder = mkdtempSync(join(tmpdir(), 'seqrun-spec-'));
  try {
    writeFileSync(join(folder, 'spec.mjs'), outputFiles[0].contents);
    return await import(pathToFileURL(join(folder, 'spec.mjs')).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
};
