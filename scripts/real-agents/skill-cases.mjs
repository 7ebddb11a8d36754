// What a real agent CLI does when it is asked to run a spec and finds the skill: what its model answers, and what must be so afterwards.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const asked = 'run the spec .kiro/specs/demo overnight';
const spec = '--spec .kiro/specs/demo';
const rehearsed = `seqrun ${spec} --delay 0 --backend rehearsal --no-write-tasks=false`;
const script = (x, value) => writeFileSync(join(x.spec, 'rehearsal.json'), JSON.stringify({ paceMs: 0, ...value }));
const slow = seconds => ({ default: { do: 'slow', seconds } });

/** The environment that a call of seqrun, or an agent in it, was given, as it was written down by who was called. */
const environment = path =>
  Object.fromEntries(
    readFileSync(path, 'utf8')
      .split('\0')
      .filter(line => line.includes('='))
      .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
const written = (x, kind) =>
  readdirSync(x.notes)
    .filter(name => name.startsWith(`${kind}-`))
    .sort()
    .map(name => environment(join(x.notes, name)));

const ends = x => x.events().filter(event => event.type === 'run.ended');
/** Its last files are written after its last event. */
const untilEnd = (x, withinMs) =>
  x.until(
    'the end of the run',
    () => ends(x).length > 0 && !x.processes().some(line => /seqrun\.cjs/.test(line)),
    withinMs,
  );
const runs = x => x.events().filter(event => event.type === 'run.started');
const ticked = x => x.read('.kiro/specs/demo/tasks.md').match(/^- \[x\]/gm)?.length ?? 0;
const allDone = x => {
  x.check('three units are done', x.state().completed.length === 3, x.state().completed.join());
  x.check('three boxes are ticked', ticked(x) === 3, `${ticked(x)}`);
};
const typed = (x, pattern) => x.calls().filter(call => pattern.test(call.command ?? ''));
/** What the result of the call told of its exit code; some tools tell nothing of it, and then seqrun's own words must. */
const told = (x, call, code) => {
  const said = x.cli.exitOf(call.result);
  if (said === null) x.figure(`${code} only in words`);
  else x.check(`the result says ${code}`, said === code, `${said}: ${call.result.slice(0, 300)}`);
  const words = code === 0 ? /^done: all required units are done/m : new RegExp(`^ended with ${code}: `, 'm');
  x.check(`its words say ${code}`, words.test(call.result), call.result.slice(-300));
};

/**
 * `prepare`: what else lies in the repository. `answers`: what the model does after the skill was read, call by call; a text ends it.
 * `run`: what is done from outside, and what must be so then. `later`: the answers of a second session; `inner`: the model of the inner agent
 * before it is done; `limitMs`: the time limit that it gives its shell tool.
 */
export const skillCases = {
  /** A run that the outer agent waits for, with a program of ours as the inner one, which writes its environment down. */
  done: {
    prepare: x => {
      const own = '#!/bin/sh\ncat > /dev/null\nenv -0 > "$NOTES/inner-$$"\necho x > "made-$$"\n';
      writeFileSync(join(x.work, 'agent.sh'), `${own}echo '<promise>TASK_DONE</promise>'\n`, { mode: 0o755 });
    },
    answers: [`seqrun ${spec} --delay 0 --command ./agent.sh`, `seqrun handoff ${spec}`],
    run: async x => {
      await x.ask(asked);
      const [run] = typed(x, /--command/);
      told(x, run, 0);
      allDone(x);
      const [outer] = written(x, 'call');
      const inner = written(x, 'inner');
      x.check('three inner agents', inner.length === 3, `${inner.length}`);
      x.check('each with a mark', new Set(inner.map(env => env.SEQRUN_START)).size === 3, '');
      x.check('the outer has none', outer.SEQRUN_START === undefined, outer.SEQRUN_START);
      // What the outer CLI has set for its shell, and what of it is still there. A bare AGENT is as true of the inner one.
      const own = Object.keys(outer).filter(name => outer[name] !== x.env[name]);
      const left = own.filter(name => inner.some(env => env[name] === outer[name]));
      const session = left.filter(name => /AI_AGENT|CLAUDE|CODEX|CURSOR|GEMINI|OPENCODE/.test(name));
      x.check('nothing of its session reaches them', session.length === 0, session.join(' '));
      const shells = ['NOTES', 'PWD', 'OLDPWD', 'SHLVL', '_', 'SHELL', 'LOGNAME'];
      x.figure(`inherited: ${left.filter(name => ![...session, ...shells].includes(name)).join(' ') || 'nothing'}`);
    },
  },
  /** A unit halts: the outer agent looks at what waits and asks; the next day it hands on what the user has said. */
  halt: {
    prepare: x => script(x, { units: { 2: ['halt', 'done'] } }),
    answers: [rehearsed, `seqrun handoff ${spec}`],
    later: [`seqrun resume ${spec} --backend rehearsal --no-write-tasks=false --delay 0 --answer "Use SQLite"`],
    run: async x => {
      const said = await x.ask(asked);
      told(x, typed(x, /^seqrun --spec/)[0], 2);
      const [handoff] = typed(x, /handoff/);
      x.check('handoff asks its question', /halted and asks/.test(handoff.result), handoff.result);
      x.check('the user is told', /halted and asks/.test(said), said.slice(-500));
      x.check('nothing goes on by itself', runs(x).length === 1 && ticked(x) === 1, `${runs(x).length} runs`);
      await x.ask('Use SQLite', true);
      const [resumed] = typed(x, /resume/);
      told(x, resumed, 0);
      allDone(x);
    },
  },
  /** Started on its own and waited for. */
  detach: {
    prepare: x => script(x, slow(4)),
    answers: [
      `${rehearsed} --detach`,
      `seqrun status --watch ${spec}`,
      `seqrun status ${spec}`,
      `seqrun handoff ${spec}`,
    ],
    run: async x => {
      await x.ask(asked);
      const [begun] = typed(x, /--detach/);
      x.check('it says how to follow it', /state: {2}seqrun status/.test(begun.result), begun.result);
      x.check('and comes back at once', !/ended with/.test(begun.result), begun.result);
      const [status] = typed(x, /status --spec/);
      x.check('status has the code', /its last run ended with 0/.test(status.result), status.result);
      x.check('one run', runs(x).length === 1, `${runs(x).length}`);
      allDone(x);
      x.figure(`the skill at ${x.cli.found(x.conversation())}, ${x.calls().length} tool calls`);
    },
  },
  /** Started on its own; the outer agent says so and ends. */
  night: {
    prepare: x => script(x, slow(4)),
    answers: [`${rehearsed} --detach`],
    run: async x => {
      await x.ask(asked);
      x.check('the run outlives the outer agent', ends(x).length === 0 && ticked(x) < 3, `${ticked(x)} ticked`);
      await untilEnd(x, 60_000);
      allDone(x);
    },
  },
  /** The shell tool's time limit is shorter than the run: either the tool waits on, or it ends the run and a second call goes on. */
  cut: {
    limitMs: 6_000,
    prepare: x => script(x, slow(4)),
    answers: [rehearsed, `seqrun status ${spec}`, { shell: rehearsed, limitMs: 60_000 }],
    run: async x => {
      await x.ask(asked);
      const [first] = typed(x, /^seqrun --spec/);
      const how = /^.*(?:background|session ID|terminat|timed out).*$/im.exec(first.results[0])?.[0] ?? 'nothing';
      x.figure(`the tool says "${how.slice(0, 90)}"`);
      x.figure(`${runs(x).length} runs, the first ended with ${ends(x)[0]?.exit}`);
      allDone(x);
      const attempts = Object.values(x.state().units).map(unit => unit.attempts);
      x.check(
        'each unit in one attempt',
        attempts.every(count => count === 1),
        attempts.join(),
      );
    },
  },
  /** The inner agent is the same CLI, and still at work when the outer one has ended. */
  nested: {
    inner: [{ shell: 'env -0 > "$NOTES/inner-$$"; sleep 5; echo x >> made.txt' }],
    answers: x => [`seqrun ${spec} --delay 0 --backend ${x.agentName} --detach`],
    run: async x => {
      await x.ask(asked);
      x.check('the run outlives the outer agent', ends(x).length === 0, JSON.stringify(ends(x)));
      await untilEnd(x, 120_000);
      allDone(x);
      x.check('three starts', x.starts().length === 3, `${x.starts().length}`);
      const [outer] = written(x, 'call');
      // Flags are the same in every session.
      const names = Object.keys(outer).filter(name => /SESSION|THREAD|SOCKET|TOKEN|PID|_NOTES|CALL/.test(name));
      const ids = names.filter(name => x.env[name] === undefined && outer[name].length > 1);
      const shared = written(x, 'inner').flatMap(inner => ids.filter(name => inner[name] === outer[name]));
      x.check('each has a session of its own', shared.length === 0, [...new Set(shared)].join(' '));
      x.check('all of them worked', x.read('made.txt') === 'x\nx\nx\n', x.read('made.txt'));
    },
  },
  /** In the sandbox of the outer CLI a run cannot begin, and says so before anything has happened. */
  sandbox: {
    isSandboxed: true,
    answers: [`seqrun plan ${spec}`, `${rehearsed} --detach`, `seqrun status ${spec}`],
    run: async x => {
      await x.ask(asked);
      const [begun] = typed(x, /--detach/);
      x.check('the result says 73', x.cli.exitOf(begun.result) === 73, begun.result);
      x.check('and why', /read-only file system/.test(begun.result), begun.result);
      x.check('the plan can be seen', /3 units, 0 done/.test(typed(x, /plan/)[0].result), typed(x, /plan/)[0].result);
      x.check('nothing was started', /never started/.test(typed(x, /status/)[0].result), typed(x, /status/)[0].result);
    },
  },
};
