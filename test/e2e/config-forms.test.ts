// Settings in YAML and in package.json, in the program as it is shipped: they hold for a run, and an agent does not change them unseen.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeWorld, rarely, threeUnits, type World } from './harness.ts';

let world: World;
afterEach(() => world.close());

const flags = ['--spec', '.kiro/specs/demo', '--no-assign', '--no-tmux', '--delay', '0'];
const run = async (exit: number, ...args: string[]) => {
  const result = await world.run([...flags, ...args]);
  expect(result.code, result.err + result.out).toBe(exit);
  return result;
};

test('package.json: a dependency more stops nothing, another setting stops the next start and is shown', async () => {
  const text = (attempts: number, more: string) =>
    `{ "name": "shop", ${more}"seqrun": { "maxAttempts": ${attempts}, "verify": "test -e package.json" } }\n`;
  world = makeWorld({ tasks: threeUnits, files: { 'package.json': text(2, '') } });
  world.codex(`[ $UNIT = 1 ] && echo '${text(2, '"dependencies": { "left": "1" }, ')}' >package.json
[ $UNIT = 2 ] && echo '${text(9, '')}' >package.json
done_`);
  await run(1, '--max-iterations', '1');
  const { out } = await run(1, '--max-iterations', '1');
  expect(out).toContain('config file was changed');
  const { err } = await run(2);
  expect(err).toMatch(/package\.json[\s\S]*- +"maxAttempts": 2[\s\S]*\+ +"maxAttempts": 9/);
  expect(world.starts()).toEqual(['1', '2']);
  await run(0, '--accept-config');
  expect(world.starts()).toEqual(['1', '2', '3']);
});

rarely('YAML: holds for a run, and a second place for settings that an agent makes is seen', async () => {
  world = makeWorld({
    tasks: threeUnits,
    files: { 'seqrun.config.yaml': '# gates\nverify:\n  test: test -e proof\n' },
  });
  world.codex(`touch proof; [ $UNIT = 2 ] && echo '{ "verify": "true" }' >seqrun.config.json; done_`);
  const { out } = await run(1, '--max-iterations', '2');
  expect(out).toContain('config file was changed');
  const { err } = await run(64);
  expect(err).toContain('seqrun.config.json and seqrun.config.yaml');
  rmSync(join(world.repo, 'seqrun.config.json'));
  await run(0);
  expect(world.starts()).toEqual(['1', '2', '3']);
});

test('what an agent of one spec has changed stops the next spec of the workspace, and a fresh beginning', async () => {
  const other = '.kiro/specs/other';
  world = makeWorld({
    tasks: '# Plan\n\n- [ ] 1. First thing\n',
    files: { 'seqrun.config.json': '{ "verify": "test -e proof" }\n', [`${other}/tasks.md`]: '- [ ] 1. Uno\n' },
  });
  world.codex(`touch proof; echo '{ "verify": "true" }' >seqrun.config.json; done_`);
  const { out } = await run(0);
  expect(out).toContain('config file was changed');
  for (const words of [
    ['--spec', other, ...flags.slice(2)],
    [...flags, '--fresh'],
  ]) {
    const { code, err } = await world.run(words);
    expect(code, err).toBe(2);
    expect(err).toMatch(/changed while an agent was running[\s\S]*- .*test -e proof[\s\S]*\+ .*"true"/);
  }
  expect(world.starts()).toEqual(['1']);
  writeFileSync(join(world.repo, 'seqrun.config.json'), '{ "verify": "test -e proof" }\n');
  world.codex('done_');
  expect((await world.run(['--spec', other, ...flags.slice(2)])).code).toBe(0);
  // That run has ended, and a person changes them.
  writeFileSync(join(world.repo, 'seqrun.config.json'), '{ "verify": "test -d ." }\n');
  await run(0, '--fresh');
  expect(world.starts()).toEqual(['1', '1', '1']);
});

rarely(
  'settings that an agent leaves in the workdir while a run goes by a named file stop the next run without that file',
  async () => {
    const night = ['--config', 'night.json'];
    const own = '"verify": "test -e proof"';
    world = makeWorld({
      tasks: threeUnits,
      files: { 'night.json': `{ ${own} }\n`, 'seqrun.config.json': `{ ${own}, "maxAttempts": 2 }\n` },
    });
    world.codex(`touch proof; [ $UNIT = 2 ] && echo '{ "agentMode": "full" }' >seqrun.config.json; done_`);
    await run(1, ...night, '--max-iterations', '1');
    // Nothing has run since: a person changes them.
    writeFileSync(join(world.repo, 'seqrun.config.json'), `{ ${own} }\n`);
    await run(1, ...night, '--max-iterations', '1');
    const refused = async () => {
      const { err } = await run(2);
      expect(err).toMatch(/changed while an agent was running[\s\S]*- .*test -e proof[\s\S]*\+ .*"full"/);
    };
    await refused();
    // That run does not go by them, and makes nothing good.
    await run(0, ...night);
    await refused();
    writeFileSync(join(world.repo, 'seqrun.config.json'), `{ ${own} }\n`);
    await run(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
  },
);

rarely('a repository that an agent makes around the spec moves no run to another folder and its settings', async () => {
  const words = ['--spec', 'specs/shop', ...flags.slice(2)];
  const go = (...more: string[]) => world.run([...words, ...more]);
  world = makeWorld({
    tasks: '- [ ] 1. Uno\n',
    files: { 'specs/shop/tasks.md': threeUnits, 'seqrun.config.json': '{ "verify": "test -e proof" }\n' },
  });
  world.codex(`touch proof; [ $UNIT = 1 ] && { git init -q specs; echo '{ "workdir": ".." }' >specs/seqrun.config.json; }
done_`);
  expect((await go('--max-iterations', '1')).code).toBe(1);
  const [here, there] = [world.repo, join(world.repo, 'specs')];
  for (const more of [[], ['--fresh']]) {
    const { code, err } = await go(...more);
    expect(code, err).toBe(2);
    expect(err).toContain(`the last run of this spec had the workdir ${here}`);
    expect(err).toContain(`--spec specs/shop --no-assign`);
    expect(err).toContain(`--workdir ${here} (as last time), or --workdir ${there}`);
  }
  rmSync(join(there, 'seqrun.config.json'));
  expect((await go()).code).toBe(2);
  expect(world.starts()).toEqual(['1']);
  expect((await go('--workdir', here, '--max-iterations', '1')).code).toBe(1);
  expect((await go()).code).toBe(2);
  rmSync(join(there, '.git'), { recursive: true });
  expect((await go()).code).toBe(0);
  expect(world.starts()).toEqual(['1', '2', '3']);
});
