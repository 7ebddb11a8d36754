// From another terminal: a pause and its end, what an agent says while it says it; and a run that has a time and a prompt of its own.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeWorld, rarely, threeUnits, until, type World } from './harness.ts';

let world: World;
afterEach(() => world.close());

const spec = ['--spec', '.kiro/specs/demo'];
const flags = [...spec, '--no-assign', '--no-tmux', '--delay', '0'];

test('a pause holds the next unit back, outlives a kill, and is lifted by continue', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('[ $UNIT = 1 ] && wait_for; done_');
  const first = world.start(flags);
  await until('unit 1', () => world.starts().length === 1);
  expect(await world.run(['pause', ...spec])).toMatchObject({ code: 0, err: expect.stringContaining('nothing more') });
  await until('the pause', () => first.text().includes('Paused by'));
  expect((await world.run(['status', ...spec])).out).toMatch(/unit 1 is running .*; paused since .* by .*@/);
  world.go();
  await until('its end', () => first.text().includes('Unit 1: completed'));
  await until('the box', () => world.tasks().includes('[x] 1.'));
  first.child.kill('SIGKILL');
  await first.done;
  const second = world.start(flags);
  await until('the word of it', () => second.text().includes('warning: paused since'));
  const why = await world.run(['why', ...spec]);
  expect(why.out).toMatch(/^paused since .*: nothing is started until seqrun continue --spec/);
  expect(world.starts()).toEqual(['1']);
  expect((await world.run(['continue', ...spec])).code).toBe(0);
  expect((await second.done).code).toBe(0);
  expect(world.starts()).toEqual(['1', '2', '3']);
  const { out } = await world.run(['history', ...spec]);
  expect(out).toMatch(/^1\. .*cut off[\s\S]*\n2\. .*: ended with 0/);
});

rarely('logs --follow shows what comes and the next try; Ctrl-C ends it', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('[ $UNIT$K = 11 ] && { wait_for; failed no; }; [ $UNIT$K = 12 ] && wait_for two; done_');
  const run = world.start([...flags, '--max-attempts', '2']);
  await until('unit 1', () => world.starts().length === 1);
  const following = world.start(['logs', '1', '--follow', ...spec]);
  const stopped = world.start(['logs', '1', '--follow', ...spec]);
  await until('the first start', () => following.text().includes('start 1, unit 1, on codex'));
  await until('the other', () => stopped.text().includes('start 1, unit 1, on codex'));
  stopped.child.kill('SIGINT');
  expect((await stopped.done).code).toBe(130);
  world.go();
  await until('the second start', () => following.text().includes('start 2, unit 1, on codex'));
  world.go('two');
  const { code, err } = await following.done;
  expect(code).toBe(0);
  expect(err).toMatch(/start 1 ended: [\s\S]*unit 1 is tried again[\s\S]*start 2 ended: completed/);
  expect((await run.done).code).toBe(0);
});

rarely('a template of its own, a file that all read, and an end after the unit at work', async () => {
  world = makeWorld({
    tasks: threeUnits,
    files: { 'night.md': 'Do {{unit_id}}:\n{{work}}\nEnd with {{signal_done}}.\n', 'docs/style.md': 'tabs\n' },
  });
  world.codex('sleep 1; done_');
  const own = ['--prompt-template', 'night.md', '--context-file', 'docs/style.md'];
  const { code, err, out } = await world.run([...flags, ...own, '--max-runtime', '500ms']);
  expect([code, world.starts()]).toEqual([4, ['1']]);
  expect(err).toContain('ends_at=');
  expect(out).toContain('(--max-runtime) is over before unit 2');
  const starts = join(world.journal(), '..', 'starts');
  const folder = readdirSync(starts).find(name => /^0*1-/.test(name))!;
  expect(readFileSync(join(starts, folder, 'prompt.md'), 'utf8')).toBe(
    'Do 1:\n- **1 First thing**\nEnd with `<promise>TASK_DONE</promise>`.\n\nRead first:\n\n- context: @docs/style.md\n',
  );
  expect(await world.run([...flags, '--context-file', 'no.md'])).toMatchObject({ code: 66 });
  expect(await world.run([...flags, '--until-time', '25:00'])).toMatchObject({ code: 64 });
});
