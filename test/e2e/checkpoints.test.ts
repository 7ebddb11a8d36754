// Checkpoints of whole runs, with real git: made after each unit by itself, and the way back to them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeWorld, threeUnits, until, type World } from './harness.ts';

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

test('with --git commit it stands where HEAD is after the unit’s commit', async () => {
  const who = { GIT_AUTHOR_NAME: 't', GIT_AUTHOR_EMAIL: 't@t', GIT_COMMITTER_NAME: 't', GIT_COMMITTER_EMAIL: 't@t' };
  world = makeWorld({ tasks: threeUnits, env: who, looksAtGit: true });
  world.codex('echo "$UNIT" >"f$UNIT"; done_');
  await world.run([...plain, '--git', 'commit', '--max-iterations', '1']);
  const [first] = await listed();
  await world.run([...plain, '--git', 'commit', '--max-iterations', '1']);
  const [second] = await listed();
  const shown = JSON.parse((await checkpoint('show', second!.id, '--json')).out);
  expect(shown.git).toMatchObject({ sha: world.git('rev-parse', 'HEAD').trim(), dirty: false });
  const same = await checkpoint('restore', second!.id);
  expect([same.code, same.out], same.err).toEqual([0, expect.stringContaining('files: 0 written, 0 removed')]);
  expect((await checkpoint('restore', first!.id)).code).toBe(2);
  // As the message says: go there with git.
  world.git('reset', '-q', '--hard', shown.git.sha.concat('~1'));
  const back = await checkpoint('restore', first!.id);
  expect([back.code, world.tasks()], back.err).toEqual([0, threeUnits.replace('[ ] 1', '[x] 1')]);
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
