// The runner is killed while a start is being launched: before the fence, behind it, and with launch.sh standing still there.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { makeWorld, someTransports, until, type World } from './harness.ts';

let world: World;
afterEach(() => world?.close());

const spec = '.kiro/specs/demo';
const mark = '2-0123456789abcdef01234567';

/**
 * What is on disk when the runner is killed right after it has written its intention to start unit 2. launch.sh is that of
 * the start of unit 1 with the other mark and new values, so it is what this build writes.
 */
const intended = async (): Promise<{ folder: string; launch(shell?: string): number }> => {
  world = makeWorld({ tasks: '- [ ] 1. One\n- [ ] 2. Two\n' });
  world.codex('done_');
  const first = await world.run(['--spec', spec, '--no-tmux', '--delay', '0', '--max-iterations', '1']);
  expect(first.code, first.err).toBe(1);
  const starts = join(dirname(world.journal()), 'starts');
  const one = join(starts, '1-1-agent');
  const folder = join(starts, '2-2-agent');
  mkdirSync(folder, { mode: 0o700 });
  const oldMark = JSON.parse(readFileSync(join(one, 'claim'), 'utf8').split('\n')[1]!).mark as string;
  const copy = (name: string, change = (text: string) => text) =>
    writeFileSync(join(folder, name), change(readFileSync(join(one, name), 'utf8').replaceAll(oldMark, mark)), {
      mode: 0o600,
    });
  copy('job.json');
  copy('prompt.md');
  writeFileSync(join(folder, 'exit.json'), `${' '.repeat(255)}\n`);
  const env = { ...world.env, SEQRUN: '1', SEQRUN_UNIT: '2', SEQRUN_START: mark };
  const lines = Object.entries(env).map(([name, value]) => `export ${name}='${value}'\n`);
  const values = `values() {\n${lines.join('')}}\n`;
  copy('launch.sh', text => {
    const blanks = /printf '%\*s' \d+/;
    expect(text).toMatch(blanks);
    const rest = text.trimStart().replace(blanks, `printf '%*s' ${Buffer.byteLength(values)}`);
    // Stops itself right behind the fence when it is told to.
    return values + rest.replace(/^.*>"\$d\/claim".*$/m, line => `${line}\n[ ! -e "$d/stand" ] || kill -STOP $$`);
  });
  expect(readFileSync(join(folder, 'launch.sh'), 'utf8')).toContain('kill -STOP');
  chmodSync(join(folder, 'launch.sh'), 0o700);

  const journal = readFileSync(world.journal(), 'utf8').trim().split('\n');
  const last = JSON.parse(journal.pop()!);
  expect(last.type).toBe('run.ended');
  const { type, unit, kind, mode, reason, agent, model, session, units } = JSON.parse(
    journal.find(line => line.includes('"start.intended"'))!,
  );
  expect(unit).toBe('1');
  journal.push(
    JSON.stringify({
      seq: last.seq,
      atMs: last.atMs,
      type,
      n: 2,
      mark,
      folder,
      unit: '2',
      kind,
      mode,
      reason,
      agent,
      model,
      session,
      units,
    }),
  );
  writeFileSync(world.journal(), `${journal.join('\n')}\n`);
  return {
    folder,
    launch: (shell = '/bin/sh') => {
      const child = spawn(shell, [join(folder, 'launch.sh'), folder], {
        detached: true,
        stdio: 'ignore',
        env: { SEQRUN_START: mark },
      });
      child.unref();
      return child.pid!;
    },
  };
};

const flags = ['--spec', spec, '--no-tmux', '--delay', '0'];

test('killed before anything was launched: given up, and a late launch.sh starts nothing', async () => {
  const { folder, launch } = await intended();
  const again = await world.run(flags);
  expect(again.code, again.err).toBe(0);
  expect(world.starts()).toEqual(['1', '2']);
  expect(readFileSync(join(folder, 'claim'), 'utf8')).toContain('given up');
  const late = launch();
  await until('the late launch.sh to end', () => !existsSync(`/proc/${late}`));
  expect(world.starts()).toEqual(['1', '2']);
  expect(world.state().units['2']).toMatchObject({ status: 'completed', attempts: 1, lost: 1 });
  expect(world.progress()).toContain('> task 2 never started: seqrun ended before it began');
  expect(world.litter()).toEqual([]);
});

test('killed while launch.sh is behind the fence and nothing of it lives: never started, started once', async () => {
  const { folder } = await intended();
  writeFileSync(join(folder, 'claim'), '12345\n');
  const again = await world.run(flags);
  expect(again.code, again.err).toBe(0);
  expect(world.starts()).toEqual(['1', '2']);
  expect(world.state().units['2']).toMatchObject({ status: 'completed', attempts: 1, lost: 1 });
});

const hasBash = spawnSync('bash', ['-c', 'true']).status === 0;
const shells = ['/bin/sh', ...(hasBash ? ['bash'] : [])];

test.each(shells)(
  'launch.sh, run by %s, stands still behind the fence: adopted, and its agent is the only one',
  async shell => {
    const { folder, launch } = await intended();
    writeFileSync(join(folder, 'stand'), '');
    const pid = launch(shell);
    await until('launch.sh to stop behind the fence', () => existsSync(join(folder, 'claim')) && stateOf(pid) === 'T');
    const again = world.start(flags);
    await until('it to be adopted', () => again.text().includes('Start 2 is still running'));
    expect(world.starts()).toEqual(['1']);
    process.kill(pid, 'SIGCONT');
    const { code, err } = await again.done;
    expect(code, err).toBe(0);
    expect(world.starts()).toEqual(['1', '2']);
    expect(world.state().units['2']).toMatchObject({ status: 'completed', attempts: 1, lost: 0 });
    expect(world.state()).toMatchObject({ iterations: 2, last_start: 2 });
  },
);

/** State letter of a process in /proc. */
const stateOf = (pid: number): string => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2)[0]!;
};

describe.each(someTransports)('in %s', transport => {
  test.skipIf(!hasBash)('a caller with exported functions and names that shells keep for themselves', async () => {
    world = makeWorld({
      tasks: '- [ ] 1. One\n- [ ] 2. Two\n',
      env: {
        'BASH_FUNC_done_%%': '() { echo hijacked; exit 9; }',
        'BASH_FUNC_printf%%': '() { exit 9; }',
        BASH_ENV: '/nowhere',
        ENV: '/nowhere',
        UID: '4711',
        PPID: '1',
        SHELLOPTS: 'errexit:nounset',
        OPTIND: 'x',
        IFS: 'e',
        'a.b': 'dots',
        LINES_: "first\nsecond 'quoted' $(touch never)",
      },
    });
    world.codex('printf %s "$LINES_" >lines; done_');
    const run = await world.run(['--spec', spec, '--delay', '0', ...(transport === 'plain' ? ['--no-tmux'] : [])]);
    expect(run.code, run.err + run.out).toBe(0);
    expect(world.starts()).toEqual(['1', '2']);
    expect(readFileSync(join(world.repo, 'lines'), 'utf8')).toBe("first\nsecond 'quoted' $(touch never)");
    expect(readdirSync(world.repo)).not.toContain('never');
  });
});
