// What one run leaves to the next: what counts as done, the words of its call, and what `--fresh` may throw away.
import { chmodSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Folder, makeFolder } from './in-process.ts';

let folder: Folder;
const spec = '--spec .kiro/specs/cart';
const agent = '--command ./agent --no-tmux --no-assign --delay 0';
const path = { PATH: process.env.PATH! };

beforeEach(() => {
  folder = makeFolder();
  folder.write('# Plan\n- [ ] 1. A\n- [ ] 2. B\n');
  folder.write('#!/bin/sh\ncat > /dev/null\necho "<promise>TASK_DONE</promise>"\n', 'agent');
  folder.write('#!/bin/sh\ntest -e green\n', 'check');
  for (const name of ['agent', 'check']) chmodSync(join(folder.root, name), 0o755);
});
afterEach(() => folder.close());

const tasks = () => readFileSync(join(folder.root, '.kiro/specs/cart/tasks.md'), 'utf8');
const run = (words: string) => folder.run(`${spec} ${agent} ${words}`.trim(), path);

const gate = '--verify ./check --baseline off --max-follow-ups 0 --max-attempts 1';

it('checks what the last run has checked, and says so', async () => {
  writeFileSync(join(folder.root, 'green'), '');
  expect((await run(`${gate} --until 1`)).exit).toBe(0);
  const words = `--until 1 --command ./agent --no-assign --delay 0 --verify ./check --baseline off`;
  expect((await folder.run(`handoff ${spec}`, path)).stdout).toContain(`${spec} ${words}`);

  // Nobody says a word of gates: a red one counts all the same.
  unlinkSync(join(folder.root, 'green'));
  const red = await run('--max-follow-ups 0 --max-attempts 1');
  expect(red.exit).toBe(3);
  expect(red.stderr).toContain('gate verify: ./check (as in the last run)');
  expect(tasks()).toContain('- [ ] 2. B');
  const again = await folder.run(`retry 2 ${spec}`, path);
  expect(again.stderr).toContain('--verify ./check');

  const without = await run('--verify none');
  expect(without.exit).toBe(0);
  expect(without.stderr).toContain('the last run of this spec had gate verify (./check), this one has not');
});

it('throws nothing away for a call that is then refused', async () => {
  expect((await run('--review')).exit).toBe(2);
  const state = readFileSync(join(folder.root, '.kiro/specs/SEQUENTIAL_STATE.json'));
  for (const refused of [
    '--fresh --tmux-session x --command ./nothing',
    '--fresh --require change,signal --workdir .kiro',
  ]) {
    const { exit, stderr } = await folder.run(`${spec} --no-assign ${refused}`, path);
    expect([exit, stderr]).toEqual([expect.toSatisfy(code => code !== 0), expect.not.stringContaining('are kept')]);
  }
  expect(readFileSync(join(folder.root, '.kiro/specs/SEQUENTIAL_STATE.json'))).toEqual(state);
  expect(readdirSync(join(folder.root, '.kiro/specs')).filter(name => name.includes('before'))).toEqual([]);
  expect((await folder.run(`approve 1 ${spec}`, path)).exit).toBe(0);
});

it('begins anew with what seqrun itself had ticked, and leaves what a person has', async () => {
  folder.write('# Plan\n- [x] 1. A\n- [ ] 2. B\n');
  expect((await run('')).exit).toBe(0);
  expect(tasks()).toBe('# Plan\n- [x] 1. A\n- [x] 2. B\n');
  const kept = await run('--fresh --no-write-tasks');
  expect([kept.exit, kept.stderr]).toEqual([2, expect.stringContaining(`next: seqrun reset ${spec}`)]);
  const anew = await run('--fresh');
  expect(anew.exit).toBe(0);
  expect(anew.stdout).toMatch(/ticked +1 \(by hand, not checked\)/);
  expect(anew.stdout).toMatch(/starts +1 \(1 completed\)/);
});

it('refuses what the end of a running unit would overrule', async () => {
  folder.write(
    '#!/bin/sh\ncat > /dev/null\nuntil [ -e go ]; do sleep 0.05; done\necho "<promise>TASK_DONE</promise>"\n',
    'agent',
  );
  const ended = run('--only 1');
  let shown = '';
  for (let k = 0; k < 200 && !shown.includes('running'); k++) {
    await new Promise(resolve => setTimeout(resolve, 20));
    shown = (await folder.run(`why 1 ${spec}`, path)).stdout;
  }
  for (const words of ['skip 1', 'reset 1', 'reset', 'accept 1', 'retry 1']) {
    const { exit, stderr } = await folder.run(`${words} ${spec}`, path);
    expect([words, exit]).toEqual([words, 2]);
    expect(stderr).toMatch(
      /unit 1 is running \(start 1\)[\s\S]*next: seqrun stop --now --spec \.kiro\/specs\/cart first/,
    );
  }
  expect((await folder.run(`skip 2 ${spec}`, path)).exit).not.toBe(2);
  writeFileSync(join(folder.root, 'go'), '');
  expect((await ended).exit).toBe(0);
});

it('takes the same command for the agent as before, in each command that says what a run would do', async () => {
  expect((await run('--until 1')).exit).toBe(0);
  const doctor = await folder.run(`doctor ${spec}`, path);
  expect(doctor.stdout).toContain('command (as in the last run)');
  const next = await folder.run(`${spec} --no-tmux --delay 0`, path);
  expect(next.stderr).toContain('backend=command (as in the last run)');
  expect(next.exit).toBe(0);
});

it('starts nothing where a gate would pass whatever its command does', async () => {
  folder.write('{ "verify": "./check &" }', 'seqrun.config.json');
  const { exit, stderr } = await run('--dry-run=false');
  expect([exit, stderr]).toEqual([64, expect.stringContaining('seqrun.config.json')]);
  expect(stderr).toContain('--verify ./check');
  expect(tasks()).toContain('- [ ] 1. A');
});

it('goes on with what is left after a word, though the last run had selected less', async () => {
  expect((await run('--review --only 2')).exit).toBe(2);
  const approved = (await folder.run(`approve 2 ${spec}`, path)).stderr;
  expect(approved).toContain('what is left goes on with: seqrun');
  expect(approved).not.toContain('--only');
});

it('names no run behind an approval after which nothing is left', async () => {
  expect((await run('--no-tmux')).exit).toBe(0);
  const approved = (await folder.run(`approve 2 ${spec}`, path)).stderr;
  expect(approved).toContain('unit 2 is approved');
  expect(approved).not.toContain('seqrun --spec');
  expect(approved).not.toContain('what is left');
});
