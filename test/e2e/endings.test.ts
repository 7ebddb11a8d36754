// The endings of a three-unit spec with a fake codex on the PATH: exit code, completed units, starts of the agent.
import { afterEach, describe, expect, test } from 'vitest';
import { makeWorld, someTransports, threeUnits, until, type World } from './harness.ts';

let world: World;
afterEach(() => world.close());

const completedUnits = (): string[] => (world.state()?.completed ?? []) as string[];
const rows: [string, string, [number, number, number]][] = [
  ['all done', 'done_', [0, 3, 3]],
  [
    'Q-3.2: a success text that mentions rate limits and HTTP 429',
    'say "Handled HTTP 429, the rate limit and: You\'ve hit your usage limit.\n<promise>TASK_DONE</promise>"; completed',
    [0, 3, 3],
  ],
  [
    'Q-2.36: a quoted HALT, then TASK_DONE',
    "say 'I will not emit <promise>HALT</promise> here.\n```\n<promise>HALT</promise>\n```\n<promise>TASK_DONE</promise>'; completed",
    [0, 3, 3],
  ],
  ['HALT', 'halt', [2, 0, 1]],
  ['Q-2.37: a question', 'ask', [3, 0, 2]],
  ['a limit as text with exit 0', 'say "You\'ve hit your limit - resets 3pm (UTC)"; completed', [3, 0, 2]],
  ['Q-2.39: failing always', 'failed "it broke"', [3, 0, 3]],
  ['Q-2.38: TASK_DONE with exit 1', 'say "<promise>TASK_DONE</promise>"; completed; exit 1', [3, 0, 2]],
  ['ticks every box, then HALTs', 'sed -i "s/\\[ \\]/[x]/" .kiro/specs/demo/tasks.md; halt', [2, 0, 1]],
  ['ticks every box, then fails', 'sed -i "s/\\[ \\]/[x]/" .kiro/specs/demo/tasks.md; failed "no"', [3, 0, 3]],
  ['Q-2.35: COMPLETE while units are left', 'say "<promise>COMPLETE</promise>"; completed', [0, 3, 3]],
];

const flags = ['--spec', '.kiro/specs/demo', '--no-assign', '--delay', '0'];

describe.each(someTransports)('in %s', transport => {
  const more = transport === 'plain' ? ['--no-tmux'] : [];

  test.each(rows)('%s', async (_name, body, [exit, completed, starts]) => {
    world = makeWorld({ tasks: threeUnits });
    world.codex(body);
    const { code, err, out } = await world.run([...flags, ...more]);
    expect([code, completedUnits().length, world.starts().length], err + out).toEqual([exit, completed, starts]);
    if (exit === 0) expect(world.tasks()).not.toContain('[ ]');
  });

  test('ticks every box, then hangs: the time limit ends it, nothing counts as done', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('sed -i "s/\\[ \\]/[x]/" .kiro/specs/demo/tasks.md; sleep 600');
    const { code, err } = await world.run([...flags, ...more, '--timeout', '1s', '--max-attempts', '1']);
    expect([code, completedUnits(), world.starts().length], err).toEqual([3, [], 1]);
    const again = await world.run([...flags, ...more, '--timeout', '1s', '--max-attempts', '1']);
    expect([again.code, completedUnits()], again.err).toEqual([3, []]);
  });

  test('a child that outlives its agent is swept and named in the receipt', async () => {
    world = makeWorld({ tasks: '- [ ] 1. Only thing\n' });
    world.codex('setsid sleep 613 & done_');
    const { code, err } = await world.run([...flags, ...more]);
    expect(code, err).toBe(0);
    const receipt = await world.run(['receipt', '1', '--json', '--spec', '.kiro/specs/demo']);
    const { left_over: left } = JSON.parse(receipt.out);
    expect(left).toHaveLength(1);
    expect(left[0]).toMatchObject({ ended: true });
    expect(left[0].command).toContain('sleep 613');
  });
});

test('a usage limit by structured event: one wait, same session, no counter moved, exit 0', async () => {
  world = makeWorld({ tasks: '- [ ] 1. Only thing\n', files: { 'seqrun.config.json': '{"limitMargin": "1s"}' } });
  // Claude's own event tells the reset in epoch seconds.
  world.bin(
    'claude',
    `#!/bin/sh
printf '%s\\n' "$SEQRUN_UNIT" >>"$AGENT_LOG"; cat >/dev/null
for word; do case "$before" in --session-id|--resume) sid=$word ;; esac; before=$word; done
printf '%s\\n' "$sid" >>"$AGENT_LOG.sessions"
printf '{"type":"system","subtype":"init","session_id":"%s","model":"m"}\\n' "$sid"
if [ "$(wc -l <"$AGENT_LOG")" = 1 ]; then
  reset=$(($(date +%s) + 3))
  printf '{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":%s,"rateLimitType":"five_hour"},"session_id":"%s"}\\n' "$reset" "$sid"
  printf '{"type":"result","subtype":"success","is_error":true,"api_error_status":429,"api_error":"usage_limit_reached","result":"limit","session_id":"%s"}\\n' "$sid"
  exit 1
fi
printf '{"type":"assistant","message":{"content":[{"type":"text","text":"done"}]},"session_id":"%s"}\\n' "$sid"
printf '{"type":"result","subtype":"success","is_error":false,"result":"ok\\\\n<promise>TASK_DONE</promise>","session_id":"%s","total_cost_usd":0.01,"usage":{"input_tokens":1,"output_tokens":1}}\\n' "$sid"
`,
  );
  const { code, err, out } = await world.run([...flags, '--backend', 'claude', '--no-tmux']);
  expect(code, err + out).toBe(0);
  expect(world.starts()).toEqual(['1', '1']);
  const { readFileSync } = await import('node:fs');
  const sessions = readFileSync(`${world.env.AGENT_LOG}.sessions`, 'utf8').trim().split('\n');
  expect(new Set(sessions).size).toBe(1);
  expect(world.state().units['1']).toMatchObject({ attempts: 1, follow_ups: 0, interrupted: 0, lost: 0 });
  expect(world.state().iterations).toBe(1);
  expect(world.events().filter(event => event.type === 'waited')).toHaveLength(1);
});

test('a codex that sits out a long retry-after in silence: ended, no counter moved, waited for as limited', async () => {
  world = makeWorld({ tasks: '- [ ] 1. Only thing\n' });
  world.codex(`
    printf '{"type":"error","message":"Reconnecting... 1/5 (exceeded retry limit, last status: 429 Too Many Requests)"}\\n'
    exec sleep 614`);
  // The stall limit is the shorter one here: what has said that it waits does not stall.
  const run = world.start([...flags, '--backend', 'codex', '--no-tmux', '--stall-timeout', '1s']);
  await until(
    'the wait',
    () => run.text().includes('Ending start') && world.progress().includes('> waiting for codex'),
    30_000,
  );
  expect(world.progress()).toContain('limited: it sat in a limit without a word and was ended; reset unknown');
  expect(world.events().filter(event => event.type === 'start.ending')).toMatchObject([
    { because: 'silent_wait', says: 'it was refused for a limit and waits without saying until when' },
  ]);
  expect(world.events().at(-1)).toMatchObject({ type: 'start.ended', outcome: { kind: 'limited', resetAtMs: null } });
  expect(world.living().filter(command => command.includes('sleep 614'))).toEqual([]);
  const why = await world.run(['why', '--spec', '.kiro/specs/demo']);
  expect(why.out + why.err).toMatch(/waiting until .*codex is limited \(it waited in silence, reset unknown\)/);
  run.child.kill('SIGTERM');
  const { err, out } = await run.done;
  expect(err + out).toContain('Ending start 1: silent wait: it was refused for a limit');
  expect(world.starts()).toEqual(['1']);
  expect(world.state().units['1']).toMatchObject({ attempts: 0, follow_ups: 0, interrupted: 0, lost: 0 });
  expect(world.state().iterations).toBe(0);
});
