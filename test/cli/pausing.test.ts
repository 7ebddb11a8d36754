// `pause` and `continue` on a spec that nothing runs, and what `history` says of it.
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stopWords } from '../../src/cli/commands/stop.ts';
import { type Folder, makeFolder } from './in-process.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
  folder.write('- [ ] 1. One\n- [ ] 2. Two\n');
});
afterEach(() => folder.close());

test('a pause is kept, told, and lifted once', async () => {
  const spec = '--spec .kiro/specs/cart';
  expect(await folder.run(`continue ${spec}`)).toMatchObject({
    exit: 0,
    stderr: expect.stringContaining('not paused'),
  });
  const paused = await folder.run(`pause ${spec}`);
  expect(paused).toMatchObject({ exit: 0, stderr: expect.stringContaining('starts nothing until seqrun continue') });
  const again = await folder.run(`pause ${spec}`);
  expect(again.stderr).toMatch(/paused since .* by .*@.*: nothing is started until seqrun continue/);
  expect((await folder.run(`why 2 ${spec}`)).stdout).toMatch(/^2 is ready: paused since /);
  expect(await folder.run(`continue ${spec}`)).toMatchObject({ exit: 0, stderr: expect.stringContaining('is over') });
  expect((await folder.run(`why 2 ${spec}`)).stdout).not.toContain('paused');
  expect((await folder.run(`history ${spec}`)).stderr).toContain('no run of this spec is known');
});

test('it outlives --fresh, and the loss of the journal', async () => {
  const run = `--spec .kiro/specs/cart --no-tmux --no-assign --max-runtime 100ms --command ${join(folder.root, 'never')}`;
  folder.write('#!/bin/sh\ntouch ran\n', 'never');
  chmodSync(join(folder.root, 'never'), 0o755);
  await folder.run('pause --spec .kiro/specs/cart');
  expect(await folder.run(`${run} --fresh`)).toMatchObject({
    exit: 4,
    stderr: expect.stringContaining('warning: paused since'),
  });
  const specs = join(folder.root, 'state', 'seqrun', 'specs');
  const shown = readFileSync(join(specs, readdirSync(specs)[0]!, 'status.log'), 'utf8');
  expect(shown).toMatch(/nothing is started until seqrun continue --spec .kiro\/specs\/cart$/m);
  rmSync(join(folder.root, 'state', 'seqrun', 'specs'), { recursive: true });
  expect(await folder.run(run)).toMatchObject({ exit: 4 });
  expect((await folder.run('why --spec .kiro/specs/cart')).stdout).toMatch(/^paused since /);
  expect(existsSync(join(folder.root, 'ran'))).toBe(false);
});

test('an agent may not lift it', async () => {
  const said = await folder.run('continue --spec .kiro/specs/cart', { SEQRUN_START: 'mark' });
  expect(said).toMatchObject({ exit: 64, stderr: expect.stringContaining("a person's decision") });
});

test('with a broken config file nothing is decided where nothing runs', async () => {
  folder.write('{', 'seqrun.config.json');
  expect((await folder.run('pause --spec .kiro/specs/cart')).exit).toBe(64);
});

test('the command that goes on comes last, so that it can be copied', async () => {
  const spec = '--spec .kiro/specs/cart';
  const idle = await folder.run(`continue ${spec}`);
  expect(idle.stderr.trimEnd()).toMatch(/it goes on with: seqrun --spec .kiro\/specs\/cart$/);
  await folder.run(`pause ${spec}`);
  const over = await folder.run(`continue ${spec}`);
  expect(over.stderr.trimEnd()).toMatch(/the spec goes on with: seqrun --spec .kiro\/specs\/cart$/);
});

test('stop says what it ends: the agent, a gate, or nothing at all', () => {
  const gate = { name: 'test', command: 'npm test', timeoutMs: 1, from: 'user' } as const;
  expect(stopWords(null, true)).toBe('stops: nothing is at work');
  expect(stopWords({ kind: 'agent' }, true)).toBe('ends the agent and stops');
  expect(stopWords({ kind: 'gate', gate }, true)).toBe('ends gate test and stops');
  expect(stopWords({ kind: 'agent' }, false)).toBe('stops after this unit');
});
