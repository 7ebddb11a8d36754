// Plays an example in a throw-away copy: `node scripts/try.mjs [example] [more arguments for seqrun]`. Exit code: seqrun's.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repo = dirname(dirname(fileURLToPath(import.meta.url)));
const say = text => process.stderr.write(`${text}\n`);
const stop = (code, text) => {
  say(text);
  process.exit(code);
};

const given = process.argv.slice(2);
const named = given[0] !== undefined && !given[0].startsWith('-');
const example = named ? given[0] : '01-three-tasks';
const rest = given.slice(named ? 1 : 0);
const examples = readdirSync(join(repo, 'examples'), { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name)
  .sort();
if (!examples.includes(example)) {
  stop(
    64,
    `There is no example "${example}". There are: ${examples.join(', ')}. Example: npm run try -- ${examples[0]}`,
  );
}
const program = join(repo, 'dist', 'seqrun.cjs');
if (!existsSync(program)) stop(69, `${program} is not built yet. Next: npm run build`);

// A state home, a repository and settings of its own: nothing of the user's is read or changed.
const root = realpathSync(mkdtempSync(join(tmpdir(), 'seqrun-try-')));
const copy = join(root, example);
const stateHome = join(root, 'state');
const env = { ...process.env, XDG_STATE_HOME: stateHome };
for (const name of Object.keys(env)) if (/^(SEQRUN|GIT)_/.test(name)) delete env[name];
mkdirSync(stateHome, { mode: 0o700 });
cpSync(join(repo, 'examples', example), copy, { recursive: true });

const git = (...args) => spawnSync('git', args, { cwd: copy, env, encoding: 'utf8' });
const commit = [
  ['-c', 'init.defaultBranch=main', 'init', '--quiet'],
  ['config', '--local', 'user.name', 'seqrun example'],
  ['config', '--local', 'user.email', 'example@seqrun.invalid'],
  // The user's own ignore list, hooks and signing key have no say in a throw-away repository.
  ['config', '--local', 'core.hooksPath', '/dev/null'],
  ['add', '--all', '--force'],
  ['commit', '--quiet', '--no-gpg-sign', '--message', `Example ${example}`],
];
for (const args of commit) {
  const { status, stderr, error } = git(...args);
  if (status === 0) continue;
  say(`The copy is no git repository: git ${args[0]} said ${error?.message ?? stderr.trim()}`);
  break;
}

const specName = readdirSync(join(copy, '.kiro', 'specs'))[0];
const specs = join(copy, '.kiro', 'specs');
const session = `seqrun-try-${process.pid}-${Date.now().toString(36)}`;
const tmux = (...args) => spawnSync('tmux', args, { env, stdio: 'ignore' });
const inTmux = !rest.includes('--no-tmux') && tmux('-V').status === 0;

say(`Copy:      ${copy}`);
if (inTmux) say(`Watch:     tmux attach -t ${session}`);

const child = spawn(
  process.execPath,
  [
    program,
    ...['--spec', join(specs, specName), '--backend', 'rehearsal', '--delay', '0'],
    // In a throw-away copy the boxes of a rehearsal mislead nobody.
    '--no-write-tasks=false',
    ...(inTmux ? ['--tmux-session', session] : ['--no-tmux']),
    ...rest.filter(argument => argument !== '--no-tmux'),
  ],
  { cwd: copy, env, stdio: 'inherit' },
);
// Ctrl-C reaches seqrun by itself; other signals are handed on. Both leave the end to seqrun, so that the tidying is done.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));

const code = await new Promise(resolve => {
  child.on('error', error => stop(70, `seqrun could not be started: ${error.message}`));
  child.on('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal]));
});
// `=` is an exact name; without it a longer name that begins the same would do.
if (inTmux) tmux('kill-session', '-t', `=${session}`);

const quoted = path => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
const call = `XDG_STATE_HOME=${quoted(stateHome)} node ${quoted(program)}`;
const spec = `--spec ${quoted(join(specs, specName))}`;
say(`\nExit code: ${code}`);
say(`Progress:  ${join(specs, 'SEQUENTIAL_PROGRESS.md')}`);
say(`State:     ${join(specs, 'SEQUENTIAL_STATE.json')}`);
say(`Tasks:     ${join(specs, specName, 'tasks.md')}`);
if (code === 2)
  say(
    `Go on:     ${call} resume ${spec} --backend rehearsal --no-write-tasks=false --delay 0 --no-tmux --answer "Go on"`,
  );
say(`Why:       ${call} why ${spec}`);
say(`Remove:    rm -r ${quoted(root)}`);
process.exit(code);
