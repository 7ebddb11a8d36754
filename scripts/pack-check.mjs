// Packs seqrun and looks whether what would be published works: as npm, Node, TypeScript and the registry's linters see it.
// Needs the network: npm 12 and Node 24 come from the registry. `node scripts/pack-check.mjs`; ends with 1 when a row fails.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bytesMax = 1_000_000;
const scratch = mkdtempSync(join(tmpdir(), 'seqrun-pack-'));
// Nothing of the folders and settings of whoever calls; the cache of npm is shared.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_cache)|SEQRUN|INIT_CWD)/i.test(name)),
);

const run = (program, args, { cwd = root, path = '' } = {}) => {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    timeout: 300_000,
    env: { ...env, XDG_STATE_HOME: join(scratch, 'state'), PATH: path === '' ? env.PATH : `${path}:${env.PATH}` },
  });
  if (status === 0) return stdout.trim();
  throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? `exit ${status}`}\n${stdout}\n${stderr}`);
};

const rows = [];
/** One row of the table: what `look` returns is said, what it throws is the reason. */
const check = (name, look) => {
  const begunMs = performance.now();
  const took = () => `${((performance.now() - begunMs) / 1000).toFixed(1)} s`;
  try {
    rows.push({ name, ok: true, said: look() ?? '', took: took() });
  } catch (error) {
    rows.push({ name, ok: false, said: error.message, took: took() });
  }
  const { ok, said } = rows.at(-1);
  process.stderr.write(`${ok ? 'ok  ' : 'FAIL'} ${name}${said === '' ? '' : `: ${said}`}\n`);
  return ok;
};
const expect = (holds, otherwise) => {
  if (!holds) throw new Error(otherwise);
};

/** A script that has the library plan and run a spec with an agent of two lines. */
const libraryScript = `
import { planSpec, readState, runSpec, SeqrunError } from 'seqrun';
const spec = 'specs/cart';
const plan = await planSpec({ spec });
const run = runSpec({ spec, command: ['sh', 'agent.sh'], assign: 'none', delay: 0, git: 'off', noTmux: true });
const types = [];
for await (const event of run.events) types.push(event.type);
const { exit } = await run.result;
const refused = await planSpec({ spec: 'none' }).catch(error => error instanceof SeqrunError && error.code);
const { counts } = await readState({ spec });
console.log(JSON.stringify([plan.units.length, exit, types.at(-1), refused, counts.completed]));
`;
const librarySays = '[2,0,"run.ended","missingInput",2]';

const typedScript = `
import { planSpec, runSpec, SeqrunError, type RunOptions, type SpecPlan } from 'seqrun';
const options: RunOptions = { spec: 'a', delay: 1, verify: { test: 'npm test' }, onFail: 'skip', signal: new AbortController().signal };
const plan: SpecPlan = await planSpec({ spec: 'a' });
export const ids: string[] = plan.units.map(unit => unit.id);
for await (const event of runSpec(options).events) {
  if (event.type === 'start.ended') export_(event.data.outcome.kind);
  if (event.type === 'message') export_(event.text);
}
function export_(text: string) { return text; }
// @ts-expect-error a misspelt option
runSpec({ spec: 'a', dealy: 1 });
// @ts-expect-error no such choice
runSpec({ spec: 'a', onFail: 'stopp' });
export const code: 'locked' | undefined = new SeqrunError([]).code === 'locked' ? 'locked' : undefined;
`;

/** An empty folder with a spec, and the tarball installed by that npm on that Node. */
const installed = (tarball, node, npm) => {
  const folder = mkdtempSync(join(scratch, 'folder-'));
  mkdirSync(join(folder, 'specs', 'cart'), { recursive: true });
  writeFileSync(join(folder, 'specs', 'cart', 'tasks.md'), '- [ ] 1. First\n- [ ] 2. Second\n');
  writeFileSync(join(folder, 'agent.sh'), 'cat > /dev/null\necho "<promise>TASK_DONE</promise>"\n');
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const options = { cwd: folder, path: node.path };
  const said = run(npm[0], [...npm.slice(1), 'install', '--no-audit', '--no-fund', tarball], options);
  expect(/added 1 package\b/.test(said), `more than seqrun was installed: ${said}`);
  return { folder, options };
};

const tarball = (() => {
  const [{ filename, size, unpackedSize, files }] = JSON.parse(
    run('npm', ['pack', '--json', '--pack-destination', scratch]),
  );
  const path = join(scratch, filename);
  check('the tarball is small', () => {
    expect(statSync(path).size < bytesMax, `${size} bytes, at most ${bytesMax}`);
    return `${Math.round(size / 1000)} kB packed, ${Math.round(unpackedSize / 1000)} kB unpacked, ${files.length} files`;
  });
  check('it holds what it needs, and no more', () => {
    const names = files.map(file => file.path);
    for (const name of [
      'dist/seqrun.cjs',
      'dist/main.js',
      'dist/index.js',
      'dist/rehearsal.js',
      'dist/types/api/index.d.ts',
      'dist/THIRD-PARTY-LICENSES',
      'templates/task.md',
      'LICENSE',
      'README.md',
      'package.json',
    ])
      expect(names.includes(name), `${name} is missing`);
    const strange = names.filter(
      name =>
        !/^(dist|templates)\/|^docs\/[a-z]+(-[a-z]+)*\.md$|^docs\/pictures\/[a-z]+\.svg$|^(README\.md|CHANGELOG\.md|LICENSE|package\.json)$/.test(
          name,
        ) || /\.(map|tmp)$/.test(name),
    );
    expect(strange.length === 0, `not for users: ${strange.join(', ')}`);
    // Pictures and pages that the text shows come with it.
    const broken = names
      .filter(name => name.endsWith('.md') && !name.startsWith('templates/'))
      .flatMap(name =>
        [...readFileSync(join(root, name), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
          .map(([, link]) => join(dirname(name), link))
          .filter(path => !names.includes(path)),
      );
    expect(broken.length === 0, `linked, and not in it: ${[...new Set(broken)].join(', ')}`);
  });
  check('installing runs nothing and brings nothing', () => {
    const { scripts, dependencies, optionalDependencies, peerDependencies } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    );
    const hooks = ['preinstall', 'install', 'postinstall', 'prepare'].filter(name => scripts[name] !== undefined);
    expect(hooks.length === 0, `it has the scripts ${hooks.join(', ')}`);
    expect(!dependencies && !optionalDependencies && !peerDependencies, 'it has dependencies');
  });
  return path;
})();

check('publint', () => run('npx', ['publint', tarball, '--strict']).split('\n').at(-1));
check(
  'are the types wrong? (ESM only)',
  () =>
    run('npx', ['attw', tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji']).match(
      /node16 \(from ESM\): .*/,
    )?.[0],
);

/** Nodes to try: this one, and one from the registry. */
const nodes = [{ name: process.version, path: dirname(process.execPath) }];
check('Node 24 from the registry', () => {
  const folder = join(scratch, 'node24');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  // What the package `node` would fetch in an install script, which npm 12 does not run unasked.
  const name = `node-${process.platform}-${process.arch}`;
  run('npm', ['install', '--no-audit', '--no-fund', `${name}@24`], { cwd: folder });
  const bin = join(folder, 'node_modules', name, 'bin');
  const version = run(join(bin, 'node'), ['--version']);
  nodes.push({ name: version, path: bin });
  return version;
});

for (const node of nodes) {
  for (const npm of [['npm'], ['npx', '--yes', 'npm@12']]) {
    let there = null;
    const versions = check(`${npm.at(-1)} on Node ${node.name}: installs`, () => {
      const version = run(npm[0], [...npm.slice(1), '--version'], { cwd: scratch, path: node.path });
      there = installed(tarball, node, npm);
      const held = readdirSync(join(there.folder, 'node_modules')).filter(name => !name.startsWith('.'));
      expect(held.join() === 'seqrun', `node_modules holds ${held.join(', ')}`);
      return `npm ${version.split('\n').at(-1)}`;
    });
    if (!versions || there === null) continue;
    const { folder, options } = there;
    const bin = join(folder, 'node_modules', '.bin', 'seqrun');
    check('  the command plans, and runs a spec', () => {
      expect(
        run(bin, ['--version'], options) === JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version,
        'another version',
      );
      expect(JSON.parse(run(bin, ['plan', 'specs/cart', '--json'], options)).units.length === 2, 'another plan');
      const words = [
        '--spec',
        'specs/cart',
        '--command',
        'sh agent.sh',
        '--no-assign',
        '--delay',
        '0',
        '--git',
        'off',
        '--no-tmux',
      ];
      expect(run(bin, words, options).includes('2 of 2 units'), 'another end');
    });
    check('  the library plans, and runs a spec', () => {
      run(bin, ['reset', '--spec', 'specs/cart'], options);
      writeFileSync(join(folder, 'library.mjs'), libraryScript);
      const said = run(join(node.path, 'node'), ['library.mjs'], options);
      expect(said === librarySays, `it said ${said}`);
    });
  }
}

check('TypeScript compiles a program that uses it', () => {
  const { folder } = installed(tarball, nodes[0], ['npm']);
  writeFileSync(join(folder, 'typed.ts'), typedScript);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2022',
    module: 'nodenext',
    lib: ['es2022', 'dom'],
    types: [],
    skipLibCheck: false,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['typed.ts'] }));
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', folder]);
});

rmSync(scratch, { recursive: true, force: true });
const width = Math.max(...rows.map(({ name }) => name.length));
for (const { name, ok, said, took } of rows) {
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(width)}  ${took.padStart(7)}  ${said.split('\n')[0]}\n`);
}
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
