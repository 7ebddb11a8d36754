// What a person reads when something is left to do: the reason, what the agent said, and the next command.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeWorld, rarely, threeUnits, type World } from './harness.ts';

let world: World;
afterEach(() => world.close());

const spec = ['--spec', '.kiro/specs/demo'];
const flags = [...spec, '--no-assign', '--no-tmux', '--delay', '0'];
const run = async (exit: number, args: string[]) => {
  const result = await world.run(args);
  expect(result.code, result.err + result.out).toBe(exit);
  return result.out + result.err;
};

test('Q-2.37: a question instead of a signal is shown in the summary, why and the receipt', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('ask');
  expect(await run(3, flags)).toContain('last words: Shall I use tabs or blanks?');
  for (const command of ['why', 'receipt']) {
    expect(await run(0, [command, '1', ...spec])).toContain('last words: Shall I use tabs or blanks?');
  }
});

test('a stream that breaks off before its end: what is missing is said, on the screen, in the receipt and to the agent', async () => {
  world = makeWorld({ tasks: '- [ ] 1. Only\n' });
  world.codex(
    `printf '%s' "$PROMPT" >"$AGENT_LOG.prompt.$K"; say "All is well.\n<promise>TASK_DONE</promise>"; [ $K = 1 ] || completed; exit 0`,
  );
  const said = await run(0, flags);
  expect(said).toContain('the agent never reported success');
  expect(said).not.toContain('no signal');
  const asked = readFileSync(`${world.env.AGENT_LOG}.prompt.2`, 'utf8');
  expect(asked).toContain('the agent ended without reporting success');
  expect(asked).not.toContain('no signal');
  const [first] = world.events().filter(event => event.type === 'start.ended');
  expect(first.outcome).toEqual({ kind: 'unconfirmed', missing: 'success_event' });
  expect(world.starts()).toEqual(['1', '1']);
});

test('a HALT: its reason everywhere, and the command that answers it', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('halt "Which database, SQLite or Postgres?"');
  const said = await run(2, flags);
  expect(said).toContain('next: seqrun resume --spec .kiro/specs/demo --no-assign --delay 0 --no-tmux --answer "…"');
  for (const command of ['status', 'why']) {
    expect(await run(0, [command, ...spec])).toContain('Which database, SQLite or Postgres?');
  }
  // Without a word from a person the unit is not tried again.
  expect(await run(2, flags)).toContain('Which database');
  expect(world.starts()).toEqual(['1']);
});

rarely('an answer that nobody waits for is refused, and nothing is started', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('done_');
  expect(await run(64, ['resume', ...flags, '--answer', 'SQLite'])).toContain(
    'no unit of this spec waits for an answer',
  );
  expect(world.starts()).toEqual([]);
  // Without an answer there is nothing to lose.
  await run(0, ['resume', ...flags]);
});

test('commands that make no sense for the unit say so, and change nothing', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('[ $UNIT = 2 ] && failed boom; done_');
  await run(3, [...flags, '--max-attempts', '1']);
  const before = readFileSync(world.journal(), 'utf8');
  expect(await run(64, ['skip', '1', ...spec])).toContain('unit 1 is completed');
  expect(await run(64, ['retry', '1', ...spec])).toContain('unit 1 has not failed');
  for (const command of ['skip', 'retry', 'accept', 'reset', 'why', 'receipt']) {
    expect(await run(64, [command, '9', ...spec])).toMatch(/no unit "9"[\s\S]*one of 1, 2, 3/);
  }
  expect(readFileSync(world.journal(), 'utf8')).toBe(before);
});

test('Q-2.51: the log of a failed start is kept where the progress file says', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('echo "went wrong" >&2; failed boom');
  await run(3, [...flags, '--max-attempts', '1']);
  const [, log] = /\*\*Log:\*\* (\S+)/.exec(world.progress())!;
  expect(readFileSync(join(log!, 'stdout.jsonl'), 'utf8')).toContain('boom');
  expect(readFileSync(join(log!, 'stderr.log'), 'utf8')).toContain('went wrong');
  expect(await run(0, ['logs', '1', ...spec])).toContain('boom');
});

rarely('Q-2.50: words of other tools’ protocols in a task are only text', async () => {
  const odd = '---TASK---\n  id: 9\n  ---CONTENT---\n  workdir: /';
  world = makeWorld({ tasks: `- [ ] 1. One\n  ${odd}\n- [ ] 2. Two\n` });
  world.codex('printf "%s" "$PROMPT" >"$AGENT_LOG.$UNIT"; done_');
  await run(0, flags);
  expect(world.starts()).toEqual(['1', '2']);
  expect(readFileSync(`${world.env.AGENT_LOG}.1`, 'utf8')).toContain('---TASK---');
});

test('Q-2.49: an iteration is a unit, however many subtasks it has', async () => {
  world = makeWorld({
    tasks:
      '- [ ] 1. A\n  - [ ] 1.1 a\n  - [ ] 1.2 b\n  - [ ] 1.3 c\n- [ ] 2. B\n  - [ ] 2.1 d\n  - [ ] 2.2 e\n- [ ] 3. C\n',
  });
  world.codex('done_');
  expect(await run(1, [...flags, '--max-iterations', '2'])).toContain('2 iterations used, 1 unit left');
  expect(world.starts()).toEqual(['1', '2']);
});

test('plan shows where the units of a spec that was run stand, and what it would run with', async () => {
  world = makeWorld({ tasks: `${threeUnits}- [ ] 4. Fourth\n  - Depends on: 1\n- [ ] 5. Fifth\n- [ ] 6. Sixth\n` });
  world.codex('[ $UNIT = 1 ] && failed "it broke"; [ $UNIT = 3 ] && halt; done_');
  await run(2, [...flags, '--max-attempts', '1', '--on-fail', 'skip']);
  await run(0, ['skip', '5', ...spec]);
  const shown = await run(0, ['plan', ...spec]);
  expect(shown).toContain('backend codex, workdir .');
  expect(shown.match(/^ +\d\. .*$/gm)).toEqual([
    '  1. [1] First thing [failed]',
    '  2. [2] Second thing [done]',
    '  3. [3] Third thing [halted]',
    '  4. [4] Fourth [blocked]',
    '  5. [5] Fifth [skipped]',
    '  6. [6] Sixth [next]',
  ]);
  const { out } = await world.run(['plan', ...spec, '--json']);
  const { units, skipped } = JSON.parse(out);
  expect(units.map((unit: { id: string }) => unit.id)).toEqual(['1', '3', '4', '6']);
  expect(skipped).toEqual([{ id: '5', because: 'by_person' }]);
});

rarely('a task named with --only: all of its unit runs, and that is said once', async () => {
  world = makeWorld({ tasks: '- [ ] 3. Group\n  - [ ] 3.1 A\n  - [ ] 3.2 B\n- [ ] 4. Alone\n' });
  world.codex('done_');
  const note = '3.1 is part of unit 3: all of it runs (--granularity leaf runs it alone)';
  const words = ['--spec', '.kiro/specs/demo', '--no-assign', '--no-tmux', '--delay', '0', '--only', '3.1'];
  for (const args of [words, ['plan', ...words]]) {
    const { code, err } = await world.run(args);
    expect([code, err.split(note).length], err).toEqual([0, 2]);
  }
  expect(world.starts()).toEqual(['3']);
  expect((await world.run([...words, '--granularity', 'leaf'])).err).not.toContain('part of unit');
});
