// Checkpoints of whole runs, with real git: made after each unit by itself, and the way back to them.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeWorld, rarely, threeUnits, until, type World } from './harness.ts';

let world: World;
afterEach(() => world.close());

const spec = '.kiro/specs/demo';
const plain = ['--spec', spec, '--backend', 'codex', '--no-tmux', '--delay', '0'];
const checkpoint = (...words: string[]) => world.run(['checkpoint', ...words, '--spec', spec]);
const listed = async (): Promise<{ id: string; kind: string; phase: string; files: boolean }[]> =>
  JSON.parse((await checkpoint('list', '--json')).out).checkpoints;
const text = (name: string) => readFileSync(join(world.repo, name), 'utf8');

test('back to an automatic one: its files are as its unit left them, and the next run goes on from there', async () => {
  world = makeWorld({ tasks: threeUnits, files: { 'a.txt': 'zero\n' }, looksAtGit: true });
  world.codex('echo "$UNIT" >>a.txt; echo "$K" >"f$UNIT"; done_');
  const git = ['--git', 'check'];
  expect((await world.run([...plain, ...git, '--max-iterations', '1'])).code).toBe(1);
  const [first] = await listed();
  expect(first).toMatchObject({ kind: 'automatic', phase: '1/3', files: true });
  expect((await world.run([...plain, ...git])).code).toBe(0);
  expect((await listed())[0]).toMatchObject({ kind: 'automatic', phase: '3/3' });

  const back = await checkpoint('restore', first!.id);
  expect(back.code, back.err).toBe(0);
  expect(back.out).toContain('next: unit 2 - Second thing');
  expect([text('a.txt'), existsSync(join(world.repo, 'f3'))]).toEqual(['zero\n1\n', false]);
  expect(world.tasks()).toBe(threeUnits.replace('[ ] 1', '[x] 1'));
  // Not a dirty start: it is what a unit left.
  const again = await world.run([...plain, ...git]);
  expect([again.code, again.err]).toEqual([0, expect.stringContaining('Next task: 2 - Second thing')]);
  expect([text('a.txt'), text('f1'), text('f2')]).toEqual(['zero\n1\n2\n3\n', '1\n', '2\n']);
  expect(world.litter()).toEqual([]);
});

rarely('with --git commit it stands where HEAD is after the unit’s commit', async () => {
  const who = { GIT_AUTHOR_NAME: 't', GIT_AUTHOR_EMAIL: 't@t', GIT_COMMITTER_NAME: 't', GIT_COMMITTER_EMAIL: 't@t' };
  world = makeWorld({ tasks: threeUnits, env: who, looksAtGit: true });
  world.codex('echo "$K" >"f$UNIT"; [ "$UNIT$K" != 21 ] || echo x >extra; done_');
  const once = [...plain, '--git', 'commit', '--max-iterations', '1'];
  await world.run(once);
  const [first] = await listed();
  await world.run(once);
  const [second] = await listed();
  const shown = JSON.parse((await checkpoint('show', second!.id, '--json')).out);
  expect(shown.git).toMatchObject({ sha: world.git('rev-parse', 'HEAD').trim(), dirty: false });
  const same = await checkpoint('restore', second!.id);
  expect([same.code, same.out], same.err).toEqual([0, expect.stringContaining('files: 0 written, 0 removed')]);
  // Nothing but a unit's own commit lies in between: HEAD stays, and what that means is said before.
  const back = await checkpoint('restore', first!.id);
  expect([back.code, world.tasks()], back.err).toEqual([0, threeUnits.replace('[ ] 1', '[x] 1')]);
  expect(back.err).toContain(
    'HEAD stays: 1 commit of seqrun came after the checkpoint (unit 2). The next commit of a unit takes its changes back',
  );
  expect([existsSync(join(world.repo, 'extra')), world.git('rev-parse', 'HEAD').trim()]).toEqual([
    false,
    shown.git.sha,
  ]);
  const receipt = await world.run(['receipt', '2', '--spec', spec]);
  expect(receipt.out.split('\n')[0]).toMatch(
    new RegExp(`^unit 2 is not done any more: checkpoint ${first!.id} was restored, `),
  );
  // It knows the tree that it has put back itself.
  const on = await world.run(once);
  expect([on.code, on.err]).toEqual([1, expect.stringContaining('Next task: 2 - Second thing')]);
  expect(world.git('show', '--format=%s', '--name-status', 'HEAD')).toMatch(/\nD\textra\nM\tf2\n/);

  // A person's commit among them: that is not ours to step over.
  world.git('commit', '-q', '--allow-empty', '-m', 'mine');
  expect((await checkpoint('restore', first!.id)).code).toBe(2);
  const forced = await checkpoint('restore', first!.id, '--force');
  expect([forced.code, existsSync(join(world.repo, 'f2'))], forced.err).toEqual([0, false]);
  expect((await world.run(once)).code).toBe(1);
});

test('killed between the state and the files: less is done, and the same command again does it all', async () => {
  world = makeWorld({ tasks: threeUnits, files: { 'a.txt': 'zero\n' }, looksAtGit: true });
  const write = (name: string, words: string) => writeFileSync(join(world.repo, name), words);
  const done = () => world.events().findLast(event => event.type === 'checkpoint.restored').completed.length;
  await world.run(['accept', '1,2', '--spec', spec]);
  write('a.txt', 'one\n');
  write('new.txt', 'new\n');
  const [id] = (await checkpoint('save')).out.split(':');
  await world.run(['reset', '2', '--spec', spec]);
  await world.run(['accept', '3', '--spec', spec]);
  write('a.txt', 'two\n');
  rmSync(join(world.repo, 'new.txt'));
  // The first git that is called once the journal has the event ends who called it.
  const git = execFileSync('sh', ['-c', 'command -v git']).toString().trim();
  const said = `grep -q checkpoint.restored "${world.journal()}"`;
  world.bin('git', `#!/bin/sh\nif ${said}; then kill -9 "$PPID"; exit 1; fi\nexec ${git} "$@"\n`);
  expect((await checkpoint('restore', id!)).signal).toBe('SIGKILL');
  rmSync(join(world.root, 'bin', 'git'));
  // Unit 1 was done before and then; nothing counts as done whose files are not there.
  expect([done(), text('a.txt')]).toEqual([1, 'two\n']);
  const status = JSON.parse((await world.run(['status', '--json', '--spec', spec])).out);
  expect(status.counts.completed).toBe(1);

  const again = await checkpoint('restore', id!);
  expect([again.code, again.out], again.err).toEqual([0, expect.stringContaining('done again: 2')]);
  expect([text('a.txt'), text('new.txt'), done()]).toEqual(['one\n', 'new\n', 2]);
  expect(world.tasks()).toBe(threeUnits.replace('[ ] 1', '[x] 1').replace('[ ] 2', '[x] 2'));
  const told = [...world.progress().matchAll(/^> .*checkpoint.*$/gm)].map(([line]) => line);
  expect(told).toEqual([
    `> going back to checkpoint ${id} was cut off, its files may not be back: 1 of 3 units done; 3 is open again`,
    `> restored checkpoint ${id}: 2 of 3 units done; 2 is done again`,
  ]);
  expect(world.litter()).toEqual([]);
});

test('saved while an agent is at work: the run goes on, and what it was at is not done', async () => {
  world = makeWorld({ tasks: threeUnits, looksAtGit: true });
  world.codex('echo "$UNIT" >"f$UNIT"; [ "$UNIT" = 2 ] && wait_for; done_');
  const run = world.start(plain);
  await until('unit 2 is at work', () => existsSync(join(world.repo, 'f2')));
  const saved = await checkpoint('save', 'half of it');
  expect([saved.code, saved.out]).toEqual([
    0,
    expect.stringContaining('1 of 3 units done, unit 2 at work, with the files'),
  ]);
  expect((await checkpoint('restore', 'latest')).code).toBe(75);
  world.go();
  expect((await run.done).code).toBe(0);
  const id = (await listed()).find(one => one.kind === 'saved')!.id;
  const back = await checkpoint('restore', id);
  expect(back.code, back.err).toBe(0);
  expect(back.out).toContain('not done any more: 2, 3');
  expect([existsSync(join(world.repo, 'f2')), existsSync(join(world.repo, 'f3'))]).toEqual([true, false]);
});
