// The world of one case within the isolation: a home, a repository with a spec, one agent CLI on PATH, and what a case looks at.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agents, link } from './agents.mjs';

/** Answers that nothing has a name, at once: a CLI that looks for its home waits for an answer otherwise. */
const answerNames = () => {
  const names = dgram.createSocket('udp4');
  names.on('message', (question, from) => {
    const answer = Buffer.from(question);
    answer[2] = 0x81;
    answer[3] = 0x83;
    names.send(answer, from.port, from.address);
  });
  names.on('error', () => {});
  names.bind(53, '127.0.0.1');
};

const processes = () =>
  readdirSync('/proc')
    .filter(pid => /^\d+$/.test(pid) && Number(pid) !== process.pid && Number(pid) !== 1)
    .flatMap(pid => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return line === '' || / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\)/s, '')) ? [] : [line];
      } catch {
        return [];
      }
    });

/** Makes the repository with three units and gives what a case works with. */
export const makeWorld = ({ agent: agentName, root, repository, program }) => {
  const agent = agents[agentName];
  const folder = path => {
    mkdirSync(join(root, path), { recursive: true, mode: 0o700 });
    return join(root, path);
  };
  const [home, work, bin] = ['home', 'work', 'bin'].map(folder);
  link(agentName, program, bin);
  const env = {
    HOME: home,
    XDG_STATE_HOME: folder('state'),
    TMUX_TMPDIR: folder('tmux'),
    PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    SHELL: '/bin/sh',
    ...agent.home(home),
  };
  const spec = join(work, '.kiro', 'specs', 'demo');
  mkdirSync(spec, { recursive: true });
  const tasks = '# Tasks\n\n- [ ] 1. First thing\n- [ ] 2. Second thing\n- [ ] 3. Third thing\n';
  writeFileSync(join(spec, 'tasks.md'), tasks);
  writeFileSync(join(work, 'seqrun.config.json'), JSON.stringify({ limitMargin: '1s' }));
  const git = (...args) =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@x.invalid', ...args], { cwd: work, env });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'demo');
  answerNames();

  const failed = [];
  const figures = [];
  const log = (...words) => console.log((performance.now() / 1000).toFixed(2), ...words);
  let calls = 0;
  const x = {
    agentName,
    agent,
    root,
    work,
    bin,
    env,
    spec,
    failed,
    log,
    git,
    processes,
    isAgent: line => agent.process.test(line),
    check: (what, ok, detail) => {
      log(ok ? 'ok' : 'FAILED', what, detail);
      if (!ok) failed.push(`${what}${detail ? ` (${String(detail).slice(0, 200)})` : ''}`);
    },
    figure: text => figures.push(text),
    /** A path beside the work folder, below no folder for temporary files. */
    outside: path => join(folder('beside'), path),
    exists: existsSync,
    read: path => (existsSync(join(work, path)) ? readFileSync(join(work, path), 'utf8') : ''),
    until: async (what, look, withinMs) => {
      const endMs = performance.now() + withinMs;
      for (;;) {
        const found = look();
        if (found) return found;
        if (performance.now() > endMs) throw new Error(`waited ${withinMs} ms for ${what}`);
        await new Promise(resolve => setTimeout(resolve, 20));
      }
    },
    tmux: (...args) => execFileSync('tmux', args, { env, encoding: 'utf8' }),
    /** Starts a program in the work folder; `done` is kept when it has ended, with its `code` and all that it said. */
    start: (name, words, { input = null } = {}) => {
      const file = join(root, `${name}-${++calls}.log`);
      log(words.join(' '));
      const out = openSync(file, 'w');
      const [argv0, ...args] = words;
      const child = spawn(argv0, args, { cwd: work, env, stdio: [input === null ? 'ignore' : 'pipe', out, out] });
      child.stdin?.on('error', () => {});
      child.stdin?.end(input);
      const run = { pid: child.pid, code: null, out: '', done: null };
      run.done = new Promise(resolve =>
        child.on('exit', (code, signal) => {
          run.code = code ?? signal;
          run.out = readFileSync(file, 'utf8');
          log('ended with', run.code, `\n${run.out}`);
          resolve(run);
        }),
      );
      return run;
    },
    seqrun: args => x.start('seqrun', [process.execPath, join(repository, 'dist', 'seqrun.cjs'), ...args]),
    /** The events of all journals; none where nothing has run. */
    events: () => {
      const specs = join(root, 'state', 'seqrun', 'specs');
      return (existsSync(specs) ? readdirSync(specs) : []).flatMap(one => {
        const path = join(specs, one, 'journal.jsonl');
        const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
        return lines.map(line => JSON.parse(line));
      });
    },
    starts: () => x.events().filter(event => event.type === 'start.intended'),
    state: () => {
      const all = JSON.parse(readFileSync(join(work, '.kiro', 'specs', 'SEQUENTIAL_STATE.json'), 'utf8'));
      return Object.values(all.specs ?? all)[0];
    },
    /** Runs a case, sees that nothing of it lives on, and leaves what came of it for whoever has started the isolation. */
    end: async run => {
      try {
        await run();
      } catch (error) {
        x.check('it went through', false, error.message);
        log(error.stack);
      }
      try {
        // The tmux server and what shows the run's status stay for the person.
        const isOurs = line =>
          !/^(?:tmux|tail) /.test(line) && (x.isAgent(line) || /seqrun|launch\.sh|sleep/.test(line));
        await x.until('every process to be gone', () => !processes().some(isOurs), 10_000);
      } catch {
        x.check('no process is left', false, processes().join(' | '));
      }
      if (failed.length > 0) log(processes().join('\n'));
      spawnSync('tmux', ['kill-server'], { env });
      writeFileSync(join(root, 'result.json'), JSON.stringify({ failed, figures: figures.join(', ') }));
      process.exit(0);
    },
  };
  return x;
};
