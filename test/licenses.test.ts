// What is bundled goes with its license: how packages are found in what esbuild says, and that the built file names those we import.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const { bundledPackages, licensesText } = await import(join(root, 'scripts/licenses.mjs'));

it('finds every package with a byte in a bundle, nested and scoped ones too', () => {
  const input = (bytesInOutput: number) => ({ bytesInOutput });
  const metafiles = [
    {
      outputs: {
        'dist/main.js': {
          inputs: {
            'src/cli/entry.ts': input(10),
            'node_modules/yargs/build/lib/a.js': input(5),
            'node_modules/yargs/node_modules/cliui/index.js': input(5),
            'node_modules/@scope/name/index.js': input(1),
            'node_modules/shaken/index.js': input(0),
          },
        },
      },
    },
    { outputs: { 'dist/seqrun.cjs': { inputs: { '../elsewhere/node_modules/yargs/index.js': input(2) } } } },
  ];
  expect(bundledPackages(metafiles)).toEqual([
    'node_modules/@scope/name',
    'node_modules/yargs/node_modules/cliui',
    'node_modules/yargs',
    '../elsewhere/node_modules/yargs',
  ]);
});

it('refuses a package without a license file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'seqrun-licenses-'));
  try {
    for (const name of ['good', 'bare']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'package.json'), JSON.stringify({ name, version: '1.0.0', license: 'MIT' }));
    }
    writeFileSync(join(folder, 'good', 'LICENSE.md'), 'Do as you like.\n');
    expect(await licensesText(folder, ['good'])).toMatch(/\ngood 1\.0\.0 \(MIT\)\n\nDo as you like\.\n/);
    await expect(licensesText(folder, ['good', 'bare'])).rejects.toThrow('bare is bundled and has no license file');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('names in the built file every package that the sources import', async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/entry.ts', 'src/api/index.ts', 'src/rehearsal/main.ts'],
    bundle: true,
    format: 'esm',
    splitting: true,
    platform: 'node',
    packages: 'external',
    outdir: 'dist',
    write: false,
    metafile: true,
  });
  const imported = Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports.filter(({ external }) => external).map(({ path }) => path))
    .filter(path => !path.startsWith('node:'))
    .map(path => /^(?:@[^/]+\/)?[^/]+/.exec(path)![0]);
  const text = readFileSync(join(root, 'dist', 'THIRD-PARTY-LICENSES'), 'utf8');
  const listed = new Set([...text.matchAll(/^(\S+) \d\S* \(\S+\)$/gm)].map(match => match[1]));
  expect(imported.length).toBeGreaterThan(5);
  expect([...new Set(imported)].filter(name => !listed.has(name))).toEqual([]);
});
