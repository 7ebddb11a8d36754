// What is done with each real agent, and what must be so afterwards.

const done = { kind: 'text', text: 'I have done the work.\n\n<promise>TASK_DONE</promise>' };
const tool = command => ({ kind: 'tool', command });
/** A shell that must be gone when its agent is. */
const stuck = tool('for i in 1 2 3 4 5 6 7 8 9; do sleep 31.7; done');
const inTool = x =>
  x.until('the shell tool to run', () => x.processes().some(line => /\bsleep 31\.7/.test(line)), 60_000);
/** Ends everything by `how`, and takes the time until nothing of the agent lives; from the end of `how` where it says `waited`. */
const ends = async (x, how, { args = [] } = {}) => {
  const runner = x.seqrun([...x.base, ...args]);
  await inTool(x);
  let begunMs = performance.now();
  if ((await how(runner)) === 'waited') begunMs = performance.now();
  await x.until(
    'the tree to be gone',
    () => !x.processes().some(line => /\bsleep 31\.7/.test(line) || x.isAgent(line)),
    20_000,
  );
  const tookMs = performance.now() - begunMs;
  x.check('the tree is gone within 7 s', tookMs < 7_000, `${Math.round(tookMs)} ms`);
  x.figure(`gone after ${(tookMs / 1000).toFixed(1)} s`);
  return runner;
};

/** `steps`: the answers of the model server, in order; the last one is repeated. */
export const cases = {
  /** Three units; in the middle of the second the usage window is used up: one wait, the same session, nothing twice. */
  limit: {
    transports: ['tmux', 'plain'],
    steps: x => [
      done,
      tool('echo hello > made.txt && cat made.txt'),
      ...x.agent.limit(x.agentName === 'gemini' ? 25 : 12),
      done,
      done,
    ],
    run: async x => {
      const { code } = await x.seqrun(x.base).done;
      const { units, completed } = x.state();
      x.check('exit 0', code === 0, `exit ${code}`);
      x.check('three units are done', completed.length >= 3, JSON.stringify(completed));
      x.check(
        'unit 2 in one attempt',
        units['2'].attempts === 1 && units['2'].follow_ups === 0,
        JSON.stringify(units['2']),
      );
      const limited = x.events().filter(event => event.type === 'start.ended' && event.outcome.kind === 'limited');
      x.check('one wait', limited.length === 1, `${limited.length} limited starts`);
      x.check('its end is known', limited[0]?.outcome.resetAtMs > 0, JSON.stringify(limited[0]?.outcome));
      const starts = x.starts();
      x.check('four starts', starts.length === 4, starts.map(start => start.unit).join(' '));
      const second = starts.filter(start => start.unit === '2');
      const known = x.events().find(event => event.type === 'start.ended' && event.n === second[0].n)?.session;
      x.check('the same session goes on', known && second[1]?.session === known, `${known} then ${second[1]?.session}`);
      x.check('no question too many', x.asked() === x.steps.length, `${x.asked()} of ${x.steps.length}`);
      x.check('the tool ran once', x.read('made.txt') === 'hello\n', x.read('made.txt'));
      x.figure(`${starts.length} starts, ${x.asked()} questions`);
    },
  },
  /** `seqrun stop --now` while a shell tool runs; the next run goes on in the same session. */
  stop: {
    transports: ['tmux', 'plain'],
    steps: () => [stuck, done, done, done],
    run: async x => {
      const runner = await ends(x, () => x.seqrun(['stop', '--now', '--spec', x.spec]).done);
      x.check('exit 2', (await runner.done).code === 2, `exit ${runner.code}`);
      const { code } = await x.seqrun(x.base).done;
      x.check('the next run ends with 0', code === 0, `exit ${code}`);
      x.check(
        'no attempt was counted for it',
        x.state().units['1'].attempts === 1,
        JSON.stringify(x.state().units['1']),
      );
    },
  },
  // For Codex shorter than the ten seconds after which it goes on without waiting for its tool; the others may need that to start.
  timeout: {
    transports: ['plain'],
    steps: () => [stuck, done, done, done],
    run: async x => {
      await ends(
        x,
        async () => {
          await x.until('the time limit', () => x.events().some(event => event.type === 'start.ending'), 60_000);
          return 'waited';
        },
        {
          args: ['--timeout', x.agentName === 'codex' ? '8s' : '25s', '--max-iterations', '1'],
        },
      );
      const [ending] = x.events().filter(event => event.type === 'start.ending');
      x.check('because of the time', ending.because === 'timeout', JSON.stringify(ending));
    },
  },
  window: {
    transports: ['tmux'],
    steps: () => [stuck, done, done, done],
    run: async x => {
      const runner = await ends(x, () => x.tmux('kill-window', '-t', '=sequential-demo:task-1'));
      x.check('exit 2', (await runner.done).code === 2, `exit ${runner.code}`);
    },
  },
  interrupt: {
    transports: ['tmux'],
    steps: () => [stuck, done, done, done],
    run: async x => {
      const runner = await ends(x, () => x.tmux('send-keys', '-t', '=sequential-demo:task-1', 'C-c'));
      await runner.done;
      x.check('nothing is done by it', x.state().completed.length === 0, JSON.stringify(x.state().completed));
    },
  },
  /** A tool that works and one that fails; then a throttled question, which the agent itself tries again. */
  retry: {
    transports: ['plain'],
    steps: x => [tool('echo hello > made.txt'), tool('exit 3'), x.agent.errors.throttle, done, done, done],
    run: async x => {
      const { code } = await x.seqrun(x.base).done;
      x.check('exit 0', code === 0, `exit ${code}`);
      x.check('three starts', x.starts().length === 3, `${x.starts().length}`);
      x.check('the tool ran', x.read('made.txt') === 'hello\n', x.read('made.txt'));
      x.check('no question too many', x.asked() === x.steps.length, `${x.asked()} of ${x.steps.length}`);
    },
  },
  /** A key that is refused: one start, nothing is tried again. */
  auth: {
    transports: ['plain'],
    steps: x => [x.agent.errors.auth],
    run: async x => {
      const { code } = await x.seqrun(x.base).done;
      x.check('not 0', code !== 0, `exit ${code}`);
      x.check('one start', x.starts().length === 1, `${x.starts().length}`);
      const [ended] = x.events().filter(event => event.type === 'start.ended');
      x.check('it is called auth', JSON.stringify(ended.outcome).includes('auth'), JSON.stringify(ended.outcome));
      x.check('nothing is done', x.state().completed.length === 0, '');
      x.figure(`exit ${code}`);
    },
  },
  /** A server that never answers: the start is ended, and the next one does it. */
  hang: {
    transports: ['plain'],
    steps: () => [{ kind: 'hang' }, done, done, done],
    run: async x => {
      const { code } = await x.seqrun([...x.base, '--stall-timeout', '10s']).done;
      x.check('exit 0', code === 0, `exit ${code}`);
      const outcomes = x
        .events()
        .filter(event => event.type === 'start.ended')
        .map(event => event.outcome.kind);
      x.check('one stalled start', outcomes.filter(kind => kind === 'stalled').length === 1, outcomes.join(' '));
    },
  },
  /** An answer that breaks off in the middle: nobody takes it for the end. */
  drop: {
    transports: ['plain'],
    steps: () => [tool('echo hello > made.txt'), { ...done, dropAt: 3 }, done, done, done],
    run: async x => {
      const { code } = await x.seqrun(x.base).done;
      x.check('exit 0', code === 0, `exit ${code}`);
      x.check('the tool ran', x.read('made.txt') === 'hello\n', x.read('made.txt'));
      x.figure(`${x.starts().length} starts, ${x.asked()} questions`);
    },
  },
  /** The runner is killed while the agent works: it is adopted, and nobody is paid twice. */
  adopt: {
    transports: ['tmux', 'plain'],
    steps: () => [tool('sleep 2; sleep 1.7; sleep 1.7; echo end'), done, done, done],
    run: async x => {
      const runner = x.seqrun(x.base);
      await x.until('the tool to run', () => x.processes().some(line => /\bsleep (2|1\.7)/.test(line)), 60_000);
      process.kill(runner.pid, 'SIGKILL');
      await runner.done;
      const { code } = await x.seqrun(x.base).done;
      x.check('exit 0', code === 0, `exit ${code}`);
      x.check('three starts', x.starts().length === 3, '');
      x.check('no question too many', x.asked() === x.steps.length, `${x.asked()} of ${x.steps.length}`);
    },
  },
  /**
   * What `doctor` says of the agent. Then what an agent may do in each mode: in `safe` its shell writes in the folder and runs a program; what happens beyond that is a figure.
   * In `full` everything works. Unit 1 is done in `safe`, unit 2 in `full`.
   */
  modes: {
    transports: ['plain'],
    steps: x => tries(x, 'safe'),
    run: async x => {
      // Twice: a program of hundreds of megabytes that was not read lately may take longer than it is given.
      let examined;
      for (let k = 0; k < 2; k++)
        examined = await x.seqrun(['doctor', '--json', '--spec', x.spec, '--backend', x.agentName]).done;
      const report = JSON.parse(examined.out);
      const { version, measured, version_error: trouble } = report.agents.find(({ name }) => name === x.agentName);
      x.check('doctor: it could run', examined.code === 0, JSON.stringify(report.findings));
      x.check('doctor: its version', /^\d+\.\d+/.test(version), `${version} ${trouble}`);
      x.figure(`${version}, measured ${measured}`);
      for (const mode of ['safe', 'full']) {
        if (mode === 'full') x.steps.splice(x.asked(), x.steps.length, ...tries(x, mode));
        const { code } = await x.seqrun([...x.base, '--agent-mode', mode, '--max-iterations', '1']).done;
        const unit = mode === 'safe' ? '1' : '2';
        x.check(`${mode}: one unit done`, x.state().completed.includes(unit), `exit ${code}, ${x.state().completed}`);
        x.check(`${mode}: writes in its folder`, x.read(`in-${mode}`) === 'in\n', x.read(`in-${mode}`));
        x.check(`${mode}: runs a program`, x.read(`ran-${mode}`) === 'ran', x.read(`ran-${mode}`));
        const outside = x.exists(x.outside(`out-${mode}`));
        if (mode === 'full') x.check('full: writes outside', outside, x.outside(`out-${mode}`));
        const copied = x.exists(x.outside(`copied-${mode}`));
        if (mode === 'full') x.check('full: copies outside', copied, x.outside(`copied-${mode}`));
        const starts = x.events().filter(event => event.type === 'start.intended' && event.unit === unit).length;
        x.check(`${mode}: in one start`, starts === 1, `${starts} starts`);
        const reached = x.read(`net-${mode}`).trim() === '0';
        x.figure(
          `${mode}: outside ${outside ? 'written' : 'denied'} and ${copied ? 'copied to' : 'denied'}, network ${reached ? 'reached' : 'not reached'}`,
        );
      }
      const modes = x
        .events()
        .flatMap(event => (event.type === 'run.started' ? [event.policy.modes[x.agentName]] : []));
      x.check('the journal has the modes', modes.join() === 'safe,full', modes.join());
    },
  },
};

/** What is tried in a mode, each by a call of its own: a call that is denied must not take the others with it. */
const tries = (x, mode) => [
  tool(`echo in > in-${mode}`),
  tool(`node -e 'require("fs").writeFileSync("ran-${mode}", "ran")'`),
  tool(`curl -s -o /dev/null -m 3 http://127.0.0.1:8787/; echo $? > net-${mode}`),
  tool(`echo out > ${x.outside(`out-${mode}`)}`),
  // Some agents know the paths of the commands they know, and of no redirection.
  tool(`cp in-${mode} ${x.outside(`copied-${mode}`)}`),
  done,
];
