// Plays every example with the built seqrun through scripts/try.mjs, and compares the progress file with the expected one.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const repo = join(import.meta.dirname, '../..');
const built = ['seqrun.cjs', 'rehearsal.js'].every(name => existsSync(join(repo, 'dist', name)));
if (!built) console.log('skipped: the examples are played by the built seqrun; run npm run build first');

/** Times, paths, durations, ids and positions in the journal as `…`: they differ from run to run. */
const withoutVarying = (progress: string): string =>
  progress
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…')
    .replace(/^(- \*\*Log:\*\*|\*\*Spec:\*\*) .+$/gm, '$1 …')
    .replace(/^(- \*\*Duration:\*\*) .+$/gm, '$1 …')
    .replace(/^(<!-- seqrun \S+ (?:journal )?)[0-9a-f-]+ -->$/gm, '$1… -->');

const examples: [string, { exit: number; starts: string[] }][] = [
  ['01-three-tasks', { exit: 0, starts: ['1 done', '2 done', '3 done'] }],
  ['02-groups-and-dependencies', { exit: 0, starts: ['1 done', '3 question', '3 done', '4 done', '2 done', '5 done'] }],
  ['03-a-bad-night', { exit: 2, starts: ['1 done', '2 limit', '2 done', '3 fail', '3 done', '4 halt'] }],
];

// try.test.ts plays one of them in every run.
describe.skipIf(!built || process.env.SEQRUN_TEST_LONG !== '1')('the examples, played', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'seqrun-played-'));
    for (const name of ['scripts', 'tmux', 'tmp', 'home']) mkdirSync(join(root, name));
    cpSync(join(repo, 'scripts/try.mjs'), join(root, 'scripts/try.mjs'));
    cpSync(join(repo, 'examples'), join(root, 'examples'), { recursive: true });
    symlinkSync(join(repo, 'dist'), join(root, 'dist'));
    // The pauses are for people.
    for (const [name] of examples) {
      const specs = join(root, 'examples', name, '.kiro/specs');
      const script = join(specs, readdirSync(specs)[0]!, 'rehearsal.json');
      writeFileSync(script, JSON.stringify({ ...JSON.parse(readFileSync(script, 'utf8')), paceMs: 0 }));
    }
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  // A tmux server of its own for the first one; nobody's windows are touched, and none may stay.
  const env = () => ({
    PATH: process.env.PATH,
    HOME: join(root, 'home'),
    TMPDIR: join(root, 'tmp'),
    TMUX_TMPDIR: join(root, 'tmux'),
  });
  const hasTmux = spawnSync('tmux', ['-V']).status === 0;

  it.each(examples)('%s', (name, { exit, starts }) => {
    const plain = name === '01-three-tasks' ? [] : ['--no-tmux'];
    const { status, stderr, stdout } = spawnSync(process.execPath, [join(root, 'scripts/try.mjs'), name, ...plain], {
      env: env(),
      encoding: 'utf8',
    });
    expect(status, stdout + stderr).toBe(exit);
    const copy = /^Copy: +(.+)$/m.exec(stderr)![1]!;
    const log = readFileSync(join(copy, '../state/seqrun/rehearsal/starts.jsonl'), 'utf8').trimEnd().split('\n');
    const seen = log.map(line => JSON.parse(line) as { unit: string; do: string; alive_before: number[] });
    expect(seen.map(start => `${start.unit} ${start.do}`)).toEqual(starts);
    expect(seen.flatMap(start => start.alive_before)).toEqual([]);

    const progress = readFileSync(join(copy, '.kiro/specs/SEQUENTIAL_PROGRESS.md'), 'utf8');
    const expected = join(repo, 'examples', name, 'expected-progress.md');
    if (process.env.SEQRUN_WRITE_EXPECTED) writeFileSync(expected, withoutVarying(progress));
    expect(withoutVarying(progress)).toBe(readFileSync(expected, 'utf8'));
    if (plain.length === 0 && hasTmux) {
      expect(stderr).toContain('tmux attach -t seqrun-try-');
      expect(spawnSync('tmux', ['list-sessions'], { env: env() }).status).toBe(1);
    }
  });
});
