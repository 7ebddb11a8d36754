// Who does which unit: one question for all, its answer checked word by word, and the user's word above it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { few, hasTmux, makeWorld, rarely, threeUnits, until, type World } from './harness.ts';

let world: World;
afterEach(() => world.close());

const spec = ['--spec', '.kiro/specs/demo'];
const flags = [...spec, '--no-tmux', '--delay', '0'];
const stateFile = (): string => join(world.specsFolder, 'SEQUENTIAL_STATE.json');

/** Claude in a few words: logs `claude-<unit>`, and does everything. */
const claude = `#!/bin/sh
printf 'claude-%s\\n' "\${SEQRUN_UNIT:-assign}" >>"$AGENT_LOG"; cat >/dev/null
for word; do case "$before" in --session-id|--resume) sid=$word ;; esac; before=$word; done
printf '{"type":"system","subtype":"init","session_id":"%s","model":"m"}\\n' "$sid"
printf '{"type":"result","subtype":"success","is_error":false,"result":"ok\\\\n<promise>TASK_DONE</promise>","session_id":"%s"}\\n' "$sid"
`;

/** Codex and claude on the PATH; codex answers the question as `answer` says and works off its units. */
const twoAgents = (answer: string, options: { tasks?: string } = {}): void => {
  world = makeWorld({ tasks: options.tasks ?? threeUnits });
  world.bin('claude', claude);
  answerWith(answer);
};
/** `answer` is a body of the fake codex, or the text of its final message. */
const answerWith = (answer: string): void => {
  const body = /^(say|failed|sleep|wait_for|exit)\b/.test(answer) ? answer : `say '${answer}'; completed; exit 0`;
  world.codex(`if [ $UNIT = assign ]; then printf "%s" "$PROMPT" >"$AGENT_LOG.asked.$K"; ${body}; exit 0; fi; done_`);
};
const asked = (k = 1): string => readFileSync(`${world.env.AGENT_LOG}.asked.${k}`, 'utf8');
const assignments = () => world.state().assignments;

const one = (id: string | number, owner: string, type = 'code'): string =>
  JSON.stringify({ task_id: id, type, owner_agent: owner });
const list = (...entries: string[]): string => `{"assignments": [${entries.join(', ')}]}`;
const good = list(one('1', 'codex'), one('2', 'claude', 'ui'), one('3', 'codex-review', 'review'));

const run = async (exit: number, ...args: string[]) => {
  const result = await world.run([...flags, ...args]);
  expect(result.code, result.err + result.out).toBe(exit);
  return result;
};

/** OpenCode in a few words: logs its agent and `opencode-<unit>`, and does everything. */
const opencode = `#!/bin/sh
printf 'opencode-%s\\n' "\${SEQRUN_UNIT:-assign}" >>"$AGENT_LOG"; printf '%s\\n' "$*" >>"$AGENT_LOG.opencode"; cat >/dev/null
part() { printf '{"type":"%s","timestamp":1795162141000,"sessionID":"ses_1","part":{"id":"p%s","messageID":"m1","sessionID":"ses_1","type":"%s"%s}}\\n' "$@"; }
part step_start 1 step-start ''
text='It is done.\\n\\n<promise>TASK_DONE</promise>'
[ -n "$SEQRUN_UNIT" ] || text=$ANSWER
part text 2 text ",\\"text\\":\\"$text\\",\\"time\\":{\\"start\\":1,\\"end\\":2}"
part step_finish 3 step-finish ',"reason":"stop","tokens":{"input":1,"output":1,"reasoning":0,"cache":{"read":0,"write":0}},"cost":0'
`;

describe('OpenCode', () => {
  test('is asked as the agent of --assign-opencode-agent, and works as its own', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.bin('opencode', opencode);
    world.codex('done_');
    const answer = list(one('1', 'opencode'), one('2', 'codex'), one('3', 'opencode')).replaceAll('"', '\\"');
    const result = await world.run([...flags, '--assign-backend', 'opencode', '--assign-opencode-agent', 'clerk'], {
      env: { ANSWER: answer },
    });
    expect(result.code, result.err + result.out).toBe(0);
    expect(world.starts()).toEqual(['opencode-assign', 'opencode-1', '2', 'opencode-3']);
    const calls = readFileSync(`${world.env.AGENT_LOG}.opencode`, 'utf8').trim().split('\n');
    expect(calls.map(call => / --agent (\S+)/.exec(call)?.[1])).toEqual(['clerk', undefined, undefined]);
  });
});

describe('the question', () => {
  test('one call for all units; existing answers are never asked for again', async () => {
    twoAgents(good);
    const { err } = await run(1, '--max-iterations', '2');
    expect(world.starts()).toEqual(['assign', '1', 'claude-2']);
    expect(err).toContain('type=ui agent=claude -> backend=claude');
    for (const word of ['First thing', 'Second thing', 'Third thing', 'codex-review', 'claude', 'task_id']) {
      expect(asked()).toContain(word);
    }
    expect(assignments()).toMatchObject({
      1: { type: 'code', owner_agent: 'codex', backend: 'codex', source: 'llm' },
      2: { type: 'ui', owner_agent: 'claude', backend: 'claude', source: 'llm' },
      3: { type: 'review', owner_agent: 'codex-review', backend: 'codex', source: 'llm' },
    });
    await run(0);
    expect(world.starts()).toEqual(['assign', '1', 'claude-2', '3']);
    // It is no iteration and has no entry of its own.
    expect(world.state().iterations).toBe(3);
  });

  rarely('units that come later are asked for, alone', async () => {
    twoAgents(good);
    await run(0);
    writeFileSync(join(world.specFolder, 'tasks.md'), `${world.tasks()}- [ ] 4. Fourth thing\n`);
    answerWith(list(one('4', 'claude')));
    await run(0);
    expect(world.starts().slice(4)).toEqual(['assign', 'claude-4']);
    expect(asked(2)).not.toContain('Second thing');
  });

  rarely('--assign each: one call before each unit', async () => {
    twoAgents(list(one('1', 'claude'), one('2', 'codex'), one('3', 'claude')));
    await run(0, '--assign', 'each');
    expect(world.starts()).toEqual(['assign', 'claude-1', 'assign', '2', 'assign', 'claude-3']);
    expect(asked(2)).not.toContain('First thing');
  });

  test('Q-2.16: --no-assign: nobody is asked, --backend does it', async () => {
    twoAgents(good);
    await run(0, '--no-assign', '--backend', 'claude');
    expect(world.starts()).toEqual(['claude-1', 'claude-2', 'claude-3']);
    expect(assignments()).toEqual({});
  });

  test('Q-2.17: one agent is no choice: nobody is asked', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    const { err } = await run(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
    expect(err).toContain('only agent to choose');
  });

  rarely('an owner that is not installed runs on --backend', async () => {
    twoAgents(list(one('1', 'codex'), one('2', 'codex'), one('3', 'codex')));
    writeFileSync(
      stateFile(),
      JSON.stringify({ version: 2, specs: { demo: { assignments: { 2: { type: 'ui', owner_agent: 'gemini' } } } } }),
    );
    await run(0, '--backend', 'claude', '--assign-backend', 'codex');
    expect(world.starts()).toEqual(['assign', '1', 'claude-2', '3']);
  });

  test.skipIf(!hasTmux)('Q-2.17: in tmux it has a window', async () => {
    twoAgents(`wait_for; say '${good}'; completed; exit 0`);
    const running = world.start([...spec, '--delay', '0']);
    await until('the question', () => world.starts().length === 1);
    const windows = await until('its window', () => {
      const names = world.tmux('list-windows', '-a', '-F', '#{window_name}').trim().split('\n');
      return names.length > 1 && names;
    });
    expect(windows).toEqual(['seqrun', expect.stringContaining('assign')]);
    world.go();
    expect((await running.done).code).toBe(0);
  });
});

describe('the user’s word wins', () => {
  test('_agent: claude_ in tasks.md', async () => {
    twoAgents(good, { tasks: '- [ ] 1. One\n  - _agent: claude_\n- [ ] 2. Two\n- [ ] 3. Three\n' });
    await run(0);
    expect(world.starts()).toEqual(['claude-1', 'assign', 'claude-2', '3']);
    expect(asked()).not.toContain('One');
  });

  rarely('written into the state file by hand, before the first start', async () => {
    twoAgents(list(one('1', 'codex'), one('2', 'codex'), one('3', 'codex')));
    writeFileSync(
      stateFile(),
      JSON.stringify({ version: 2, specs: { demo: { assignments: { 2: { type: 'ui', owner_agent: 'claude' } } } } }),
    );
    await run(0);
    expect(world.starts()).toEqual(['assign', '1', 'claude-2', '3']);
    expect(asked()).not.toContain('Second thing');
  });

  rarely('written over an answer between two runs', async () => {
    twoAgents(good);
    await run(1, '--max-iterations', '1');
    const file = JSON.parse(readFileSync(stateFile(), 'utf8'));
    file.specs.demo.assignments['2'].owner_agent = 'codex';
    file.specs.demo.assignments['3'] = { type: 'code', owner_agent: 'claude' };
    writeFileSync(stateFile(), JSON.stringify(file));
    await run(0);
    expect(world.starts()).toEqual(['assign', '1', '2', 'claude-3']);
    expect(assignments()['3']).toMatchObject({ owner_agent: 'claude', source: 'user' });
  });
});

describe('answers', () => {
  rarely('Q-2.14: ids as numbers', async () => {
    twoAgents(list(one(1, 'claude'), one(2, 'claude'), one(3, 'codex')));
    await run(0);
    expect(world.starts()).toEqual(['assign', 'claude-1', 'claude-2', '3']);
    expect(Object.keys(assignments())).toEqual(['1', '2', '3']);
  });

  test('Q-2.14: an echoed example first, prose around, ids nobody asked for', async () => {
    const echo = '{"assignments": [{"task_id": "<id>", "type": "code | ui | review", "owner_agent": "<owner>"}]}';
    twoAgents(
      `Example: ${echo}\nHere it is:\n\`\`\`json\n${list(one('1', 'claude'), one('2', 'codex'), one('3', 'claude'), one('9', 'claude'))}\n\`\`\`\nDone.`,
    );
    await run(0);
    expect(world.starts()).toEqual(['assign', 'claude-1', '2', 'claude-3']);
    expect(Object.keys(assignments())).toEqual(['1', '2', '3']);
  });

  test('Q-2.15: an unknown owner falls back, visibly, and is asked again at the next start, alone', async () => {
    twoAgents(list(one('1', 'claude'), one('2', 'alice'), one('3', 'claude')));
    const { err, out } = await run(1, '--max-iterations', '2');
    expect(world.starts()).toEqual(['assign', 'claude-1', '2']);
    expect(err).toContain('fallback');
    expect(out).toMatch(/note .*assignment of 2 fell back to codex/);
    writeFileSync(join(world.specFolder, 'tasks.md'), `${world.tasks()}- [ ] 4. Fourth thing\n`);
    answerWith(list(one('4', 'claude')));
    await run(0);
    // 2 is done by now, so only the new one is asked for.
    expect(world.starts().slice(3)).toEqual(['claude-3', 'assign', 'claude-4']);
  });

  const bad: [string, string, string[], string][] = [
    ['no JSON', 'I would rather not say.', [], 'no JSON object'],
    ['another shape', '{"assignments": {"1": "claude"}}', [], 'not a list'],
    ['an exit code', 'failed "it broke"', [], 'it broke'],
    ['nothing at all', 'exit 0', [], ''],
    ['no answer in time', 'sleep 60', ['--timeout', '2s'], 'timeout'],
  ];
  test.each(few(bad, 2))(
    'Q-2.15: %s: fallback with its reason, asked again at the next start',
    async (_, answer, more, reason) => {
      twoAgents(answer);
      const { err, out } = await run(1, '--max-iterations', '1', ...more);
      expect(world.starts()).toEqual(['assign', '1']);
      expect(err).toMatch(/Assignment: (?!completed)/);
      expect(err).toContain(`(fallback: `);
      expect(err + out).toContain(reason);
      expect(out).toMatch(/note .*fell back to codex/);
      expect(assignments()['3']).toMatchObject({
        owner_agent: 'codex',
        source: 'fallback',
        reason: expect.any(String),
      });
      expect(world.progress()).toContain('> assignment:');
      answerWith(good);
      await run(0);
      expect(world.starts()).toEqual(['assign', '1', 'assign', 'claude-2', '3']);
      expect(asked(2)).not.toContain('First thing');
      expect(assignments()['3']).toMatchObject({ owner_agent: 'codex-review', source: 'llm' });
    },
  );

  rarely('an agent that ticks boxes instead of answering: nothing counts', async () => {
    twoAgents(`say '${good}'; sed -i "s/\\[ \\]/[x]/" .kiro/specs/demo/tasks.md; completed`);
    await run(0);
    expect(world.starts()).toEqual(['assign', '1', 'claude-2', '3']);
  });

  test('the runner killed while it asks: the answer is taken, nobody is asked twice', async () => {
    twoAgents(`wait_for; say '${good}'; completed; exit 0`);
    const first = world.start(flags);
    await until('the question', () => world.starts().length === 1 && world.state()?.current);
    first.child.kill('SIGKILL');
    await first.done;
    world.go();
    await run(0);
    expect(world.starts()).toEqual(['assign', '1', 'claude-2', '3']);
  });
});
