// A run never ends with a bare "all done" while open boxes of the task file were not understood.
import { afterEach, expect, test } from 'vitest';
import { makeWorld, type World } from './harness.ts';

let world: World;
afterEach(() => world?.close());

const spec = '.kiro/specs/demo';
const flags = ['--spec', spec, '--no-tmux', '--delay', '0'];

test('its last words, PROGRESS and status name them; the exit code stays 0', async () => {
  world = makeWorld({ tasks: '- [ ] 1. One\n-[ ] 2. Two\n\n## More\n\n- [ ] Three\n\n```\n- [ ] 4. Four\n' });
  world.codex('done_');
  const run = await world.run(flags);
  const because = `all required units are done; 3 open boxes of the task file were not read as tasks (seqrun lint --spec ${spec} shows them)`;
  expect([run.code, world.starts()], run.err).toEqual([0, ['1']]);
  expect(run.out).toContain(`done: ${because}`);
  expect(run.out).toContain(`next: seqrun lint --spec ${spec}`);
  expect(world.progress()).toContain(because);
  expect((await world.run(['status', '--spec', spec])).out).toContain(because);
  const lint = await world.run(['lint', '--spec', spec]);
  for (const line of [2, 6, 8]) expect(lint.out + lint.err).toContain(`tasks.md:${line}:`);
});

test('nothing is said where all was read', async () => {
  world = makeWorld({ tasks: '- [ ] 1. One\n  - [ ] a step\n\n## Notes\n\n- [ ] remember\n' });
  world.codex('done_');
  const run = await world.run(flags);
  expect(run.out).toMatch(/^done: all required units are done$/m);
  expect(run.out).not.toContain('next:');
});
