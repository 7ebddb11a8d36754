// An agent works, its runner is dead, and what told of it is gone: nothing is started beside it.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { few, makeWorld, threeUnits, until, type World } from './harness.ts';

let world: World;
afterEach(() => world?.close());

const spec = '.kiro/specs/demo';
const flags = ['--spec', spec, '--delay', '0', '--no-tmux'];

/** Unit 2 works and its runner was killed. */
const leaveAgent = async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('[ "$UNIT" != 2 ] || wait_for\ndone_');
  const runner = world.start(flags);
  const began = () =>
    existsSync(world.journal()) && /"start\.began","n":2,/.test(readFileSync(world.journal(), 'utf8'));
  await until('unit 2 to run', () => world.starts().length === 2 && began());
  // Else nothing but a tick tells of unit 1 where the journal is lost, and an agent could have made that.
  await until('unit 1 to be in the state file', () => world.state()?.completed?.includes('1'));
  runner.child.kill('SIGKILL');
  await runner.done;
};
/** Does what the message says. */
const killAsTold = async (message: string) => {
  for (const pid of /end it: kill ([\d ]+)$/m.exec(message)![1]!.split(' ')) {
    try {
      process.kill(Number(pid), 'SIGTERM');
    } catch {
      // A sleep of the agent's that is over.
    }
  }
  await until('the agent to end', () => !agentLives());
  world.go();
};
const agentLives = () => world.living().some(command => command.includes('codex'));

test('its start folder was removed: it is adopted', async () => {
  await leaveAgent();
  const starts = join(dirname(world.journal()), 'starts');
  rmSync(join(starts, readdirSync(starts).find(name => name.startsWith('2-'))!), { recursive: true, maxRetries: 5 });
  const again = world.start(flags);
  await until('it to be adopted', () => again.text().includes('Start 2 is still running'));
  expect(agentLives()).toBe(true);
  world.go();
  const { code, err } = await again.done;
  // What it said was lost with its folder: it is asked again, after its end.
  expect(code, err).toBe(0);
  expect(world.starts()).toEqual(['1', '2', '2', '3']);
});

const lost: [string, () => void, Record<string, string>][] = [
  ['the state home was removed', () => rmSync(world.env.XDG_STATE_HOME!, { recursive: true }), {}],
  ['another state home', () => undefined, { XDG_STATE_HOME: 'xdg2' }],
  ['the workspace was moved', () => renameSync(world.repo, `${world.repo}2`), {}],
];
test.each(few(lost, 1))('%s: 75 while it lives, with the pids to end it', async (_, happens, env) => {
  await leaveAgent();
  const moved = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, join(world.root, value)]));
  happens();
  mkdirSync(world.env.XDG_STATE_HOME!, { recursive: true });
  const cwd = existsSync(world.repo) ? world.repo : `${world.repo}2`;
  const refused = await world.run(flags, { cwd, env: moved });
  expect(refused.code, refused.err).toBe(75);
  expect(refused.err).toContain('a process of another start is still alive in this workspace');
  expect(world.starts()).toEqual(['1', '2']);

  await killAsTold(refused.err);
  const again = await world.run(flags, { cwd, env: moved });
  expect(again.code, again.err).toBe(0);
  expect(world.starts()).toEqual(['1', '2', '2', '3']);
});

test('the journal was removed, and the note of the open job was not: 75 with the pids to end it', async () => {
  await leaveAgent();
  rmSync(dirname(world.journal()), { recursive: true });
  const refused = await world.run(flags);
  expect(refused.code, refused.err).toBe(75);
  await killAsTold(refused.err);
  const again = await world.run(flags);
  expect(again.code, again.err).toBe(0);
  expect(world.starts()).toEqual(['1', '2', '2', '3']);
});
