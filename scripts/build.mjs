// Bundles src/ into dist/: `seqrun.cjs` (the executable), its manual page, `main.js` with its chunks, the library, the rehearsal agent, the
// schema of the config file, and the licenses of what is bundled. With --types also the declarations of the library. Run twice it
// writes nothing the second time.
import { chmod, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ensureDir, remove } from 'fs-extra/esm';
import { bundledPackages, licensesText } from './licenses.mjs';
import { declarations } from './types.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const common = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  metafile: true,
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
};
const SEQRUN_VERSION = JSON.stringify(version);

/** The help's layout gets by without the real string-width, which takes 25 ms to load. */
const helpWidth = {
  name: 'string-width of the help',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^string-width$/ }, ({ importer }) =>
      /\/node_modules\/(?:yargs|cliui|wrap-ansi)\//.test(importer)
        ? { path: join(root, 'scripts/shims/string-width.mjs') }
        : undefined,
    ),
};

/** A module of src/ for use while building; its packages are those installed here. */
const moduleOf = async source => {
  const folder = join(root, 'node_modules', '.cache', 'seqrun');
  const path = join(folder, `${basename(source, '.ts')}-${process.pid}.mjs`);
  const result = await build({
    ...common,
    entryPoints: [source],
    format: 'esm',
    packages: 'external',
  });
  await ensureDir(folder);
  await writeFile(path, result.outputFiles[0].contents);
  try {
    return await import(pathToFileURL(path).href);
  } finally {
    await remove(path);
  }
};

/** The help as yargs lays it out, from the same source as the bundle. */
const helpText = async () => (await moduleOf('src/cli/help.ts')).helpText();

/** The JSON Schema of the config file, from the same table of flags. */
const schemaText = async () => {
  const { configSchema } = await moduleOf('src/cli/config-schema.ts');
  return `${JSON.stringify(configSchema(), null, 2)}\n`;
};

/** The manual page, from the tables of the help. */
const manPage = async () => (await moduleOf('src/cli/man.ts')).manText(version);

const exists = path =>
  stat(path).then(
    () => true,
    () => false,
  );

const rehearsal = 'src/rehearsal/main.ts';
const entryPoints = { main: 'src/cli/entry.ts', index: 'src/api/index.ts' };
if (await exists(join(root, rehearsal))) entryPoints.rehearsal = rehearsal;

const modules = build({
  ...common,
  entryPoints,
  outdir: 'dist',
  format: 'esm',
  splitting: true,
  minify: true,
  // Node prints the whole line that an uncaught error was thrown in.
  lineLimit: 160,
  legalComments: 'none',
  define: { SEQRUN_VERSION },
  plugins: [helpWidth],
  // CommonJS packages inside an ES module still call require. Made at its first call: most chunks never do.
  banner: {
    js: "import{createRequire as $make}from'node:module';let $require;const require=name=>($require??=$make(import.meta.url))(name);",
  },
});

const bin = helpText().then(help =>
  build({
    ...common,
    entryPoints: { seqrun: 'src/cli/bin.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    // An older Node must get far enough to be told what is needed; import() is kept as it is.
    target: 'node14',
    minify: true,
    external: ['./main.js'],
    define: { SEQRUN_VERSION, SEQRUN_HELP: JSON.stringify(help) },
    banner: { js: '#!/usr/bin/env node' },
  }),
);

const files = new Map([
  ['seqrun.schema.json', Buffer.from(await schemaText())],
  ['seqrun.1', Buffer.from(await manPage())],
]);
const built = await Promise.all([modules, bin]);
for (const { outputFiles } of built) {
  for (const file of outputFiles) files.set(relative(dist, file.path), file.contents);
}
const packages = bundledPackages(built.map(({ metafile }) => metafile));
files.set('THIRD-PARTY-LICENSES', Buffer.from(await licensesText(root, packages)));
if (process.argv.includes('--types')) {
  for (const [name, text] of await declarations(root)) files.set(join('types', name), Buffer.from(text));
}

// Chunks before the files that import them, each by rename: a seqrun started meanwhile finds a whole set.
await ensureDir(dist);
const chunksFirst = [...files.keys()].sort((a, b) => Number(b.startsWith('chunk-')) - Number(a.startsWith('chunk-')));
for (const name of chunksFirst) {
  const path = join(dist, name);
  const old = await readFile(path).catch(() => null);
  if (old === null || !old.equals(files.get(name))) {
    const temporary = `${path}.${process.pid}.tmp`;
    await ensureDir(dirname(path));
    await writeFile(temporary, files.get(name));
    await rename(temporary, path);
  }
  if (name.endsWith('.cjs')) await chmod(path, 0o755);
}
for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  const path = relative(dist, join(entry.parentPath, entry.name));
  const isMade = entry.isDirectory() ? [...files.keys()].some(name => name.startsWith(`${path}/`)) : files.has(path);
  if (!isMade) await remove(join(dist, path));
}
