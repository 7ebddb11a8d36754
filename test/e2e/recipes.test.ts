// The recipes for agents without a machine stream, each with a scripted program in the place of the real one.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { makeWorld, repoRoot, until, type World } from './harness.ts';

let world: World;
afterEach(() => world.close());

const flags = ['--spec', '.kiro/specs/demo', '--no-assign', '--no-tmux', '--delay', '0'];

/** What differs between the programs: how each is told its prompt, and how it says things. */
interface Program {
  name: 'aider' | 'goose';
  /** The prompt's file among the words of `$*`, as a shell command that prints it. */
  promptFile: string;
  /** Shell functions: `answer`, `limit CLOCK ZONE`, `login`, `passing`. */
  says: string;
}

const promptAfter = (flag: string): string =>
  `for word; do [ "$before" = ${flag} ] && printf '%s' "$word"; before=$word; done`;

const programs: Program[] = [
  {
    // Ends with 0 whatever happened, and says everything on stdout; costs come last.
    name: 'aider',
    promptFile: promptAfter('--message-file'),
    says: `
answer() { printf 'Done as asked.\\n<promise>TASK_DONE</promise>\\n\\nApplied edit to a.ts\\nTokens: 2.1k sent, 87 received.\\n'; }
limit() { printf 'litellm.RateLimitError: quota used up, resets at %s (%s)\\n' "$1" "$2"; }
login() { printf 'litellm.AuthenticationError: the key was refused\\n'; }
passing() { printf 'litellm.ServiceUnavailableError: the model is overloaded\\n'; }`,
  },
  {
    name: 'goose',
    promptFile: promptAfter('--instructions'),
    says: `
answer() { printf 'Done as asked.\\n<promise>TASK_DONE</promise>\\n'; }
limit() { printf 'error: rate limit exceeded, try again at %s (%s)\\n' "$1" "$2" >&2; exit 1; }
login() { printf 'error: Authentication failed\\n' >&2; exit 1; }
passing() { printf 'error: 503 Service Unavailable\\n' >&2; exit 1; }`,
  },
];

/** A world where the recipe is the config file. `body` runs with `$K`, the number of this start, and `$PROMPT`, its prompt's text. */
const make = (program: Program, body: string): void => {
  const recipe = JSON.parse(readFileSync(join(repoRoot, 'templates', 'agents', `${program.name}.json`), 'utf8'));
  const config = { ...recipe, backend: program.name, limitMargin: '0s' };
  world = makeWorld({
    tasks: '- [ ] 1. Only thing\n',
    files: { 'seqrun.config.json': `${JSON.stringify(config, null, 2)}\n` },
  });
  world.bin(
    program.name,
    `#!/bin/sh
printf '%s\\n' "$SEQRUN_UNIT" >>"$AGENT_LOG"
K=$(grep -cxF -- "$SEQRUN_UNIT" "$AGENT_LOG")
FILE=$(${program.promptFile})
PROMPT=$(cat "$FILE")
printf '%s\\n' "$*" "$(cat)" >"$AGENT_LOG.words"
case "$PROMPT" in *'Only thing'*) ;; *) echo "the prompt is missing: $FILE" >&2; exit 1 ;; esac
${program.says}
${body}
`,
  );
};

const outcomes = () => world.events().flatMap(event => (event.type === 'start.ended' ? [event.outcome] : []));

// They differ in their words alone.
describe.each(process.env.SEQRUN_TEST_LONG ? programs : programs.slice(0, 1))('$name', program => {
  test('its prompt comes in a file, stdin is empty, the signal is found: exit 0', async () => {
    make(program, 'answer');
    const { code, err, out } = await world.run(flags);
    expect([code, world.starts()], err + out).toEqual([0, ['1']]);
    expect(world.tasks()).toContain('[x] 1.');
    const [words, stdin] = readFileSync(`${world.env.AGENT_LOG}.words`, 'utf8').split('\n');
    expect(words).toMatch(/\/starts\/1-1-agent\/prompt\.md$/);
    expect(words).not.toMatch(/--model|\{/);
    expect(stdin).toBe('');
  });

  test('a limit that names a time is waited for, and nothing is counted', async () => {
    make(
      program,
      `if [ "$K" = 1 ]; then
  at=$(($(date +%s) + 3))
  echo "$at" >"$AGENT_LOG.reset"
  limit "$(TZ=Asia/Tokyo date -d "@$at" +%H:%M:%S)" Asia/Tokyo
else answer; fi`,
    );
    const { code, err, out } = await world.run([...flags, '--max-attempts', '1', '--max-iterations', '1']);
    expect([code, world.starts()], err + out).toEqual([0, ['1', '1']]);
    expect(outcomes()).toMatchObject([{ kind: 'limited', because: 'limited' }, { kind: 'completed' }]);
    const events = world.events();
    const { outcome } = events.find(event => event.type === 'start.ended');
    const again = events.filter(event => event.type === 'start.intended')[1];
    expect(outcome.resetAtMs).toBe(Number(readFileSync(`${world.env.AGENT_LOG}.reset`, 'utf8')) * 1000);
    expect(again.atMs).toBeGreaterThanOrEqual(outcome.resetAtMs);
    expect(world.state()).toMatchObject({ iterations: 1 });
  });

  test('a login that is refused stops the run at once, and nothing is counted', async () => {
    make(program, 'if [ "$K" = 1 ]; then login; else answer; fi');
    const { code, err, out } = await world.run(flags);
    expect([code, world.starts()], err + out).toEqual([69, ['1']]);
    expect(outcomes()).toMatchObject([{ kind: 'failed', class: 'auth' }]);
    const again = await world.run([...flags, '--max-attempts', '1']);
    expect([again.code, world.starts()], again.err).toEqual([0, ['1', '1']]);
  });

  test('what passes is tried again after a pause, and counted', async () => {
    make(program, 'if [ "$K" = 1 ]; then passing; else answer; fi');
    const run = world.start(flags);
    await until('the pause', () => run.text().includes('backoff after'));
    expect(outcomes()).toMatchObject([{ kind: 'failed', class: 'overloaded' }]);
    const why = await world.run(['why', '--spec', '.kiro/specs/demo']);
    expect(why.out + why.err).toMatch(/waiting until .*backoff after: /);
    run.child.kill('SIGTERM');
    expect((await run.done).code).toBe(143);
    // As if the pause were over.
    await world.run(['retry', '1', '--spec', '.kiro/specs/demo']);
    const { code, err } = await world.run(flags);
    expect([code, world.starts()], err).toEqual([0, ['1', '1']]);
  });

  test('an answer that speaks of limits is an answer', async () => {
    make(program, "limit() { :; }; echo 'Handled: rate limit exceeded, litellm.RateLimitError, 503.'; answer");
    const { code, err } = await world.run(flags);
    expect([code, world.starts()], err).toEqual([0, ['1']]);
  });
});

test('a pattern that the agent has changed stops the next start with 2, until a person accepts it', async () => {
  make(programs[1]!, "sed -i 's/rate limit exceeded/never/' seqrun.config.json; echo nothing");
  expect((await world.run(flags)).code).not.toBe(0);
  const { code, err } = await world.run(flags);
  expect(code, err).toBe(2);
  expect(err).toMatch(/the config file was changed while an agent was running[\s\S]*never/);
});

test('an agent whose settings are gone is not replaced by another one', async () => {
  make(programs[0]!, 'answer');
  world.codex('done_');
  await world.run([...flags, '--until', '1']);
  writeFileSync(join(world.repo, 'seqrun.config.json'), '{}\n');
  writeFileSync(join(world.specFolder, 'tasks.md'), '- [x] 1. Only thing\n- [ ] 2. Next\n');
  const { code, err } = await world.run(flags);
  expect([code, world.starts()], err).toEqual([64, ['1']]);
  expect(err).toContain('the last run of this spec used the agent aider');
});
