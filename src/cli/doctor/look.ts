// Looks at everything a run would need, and says what is missing. Changes nothing.
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  ask,
  changedFiles,
  findExecutable,
  findPlaces,
  findTopLevel,
  holderOf,
  ownIdentity,
  stateHome,
} from '../../compose/doctor.ts';
import { agentBook, agentOptions } from '../../compose.ts';
import { counts } from '../../core/units.ts';
import { chooseModes } from '../agent-modes.ts';
import { asLastTime } from '../as-last-time.ts';
import { chooseBackends, registryOf } from '../backend.ts';
import type { Failure } from '../errors.ts';
import { AGENT_CLIS } from '../flags.ts';
import type { Intention } from '../intention.ts';
import { type Looked, lookAt } from '../look.ts';
import type { Io } from '../main.ts';
import { placesOf } from '../places.ts';
import { version } from '../version.ts';
import { lookAtAgent, type Machine, versionLimitMs } from './agents.ts';
import type { AgentReport, DoctorReport, Finding, LockReport } from './report.ts';

/** Everything that was found. `named`: whether a spec is meant. */
export const examine = async (intention: Intention, io: Io, named: boolean): Promise<DoctorReport> => {
  const { settings } = intention;
  const typed = named ? placesOf(intention.spec, settings.workdir, io.cwd) : null;
  const workdir = typed?.workdir ?? resolve(io.cwd, settings.workdir ?? '.');
  const machine: Machine = { env: io.env, isRoot: process.getuid?.() === 0, workdir: existing(workdir) };
  const findings: Finding[] = intention.configTrouble.map(failure => findingOf('error', failure));

  const looked = named ? await lookAt(intention, io) : null;
  if (looked && 'exit' in looked) findings.push(findingOf('error', looked));
  else if (!existsSync(workdir)) findings.push(missingWorkdir(workdir));
  const spec = looked && !('exit' in looked) ? looked : null;

  const taken = asLastTime(intention, spec?.state.run ?? null);
  if ('exit' in taken) findings.push(findingOf('error', taken));
  const meant = 'exit' in taken ? intention : taken;
  const { agents, backend, note } = await lookAtAgents(meant, machine, { typed, spec, findings });
  const tmux = await lookAtTmux(meant, machine, findings);
  const git = await lookAtGit(machine, findings);
  const home = stateHome(io.env);
  const writable = isWritable(home);
  if (!writable) {
    findings.push({
      severity: 'error',
      exit: 73,
      what: "the folder for seqrun's own files cannot be written",
      where: home,
      next: 'XDG_STATE_HOME=$HOME/.state seqrun …',
    });
  }
  const locks = await lookAtLocks(io, typed?.spec ?? workdir, git.repository ?? workdir, named, findings);
  const worst = ['error', 'warning', 'info'];
  findings.sort((a, b) => worst.indexOf(a.severity) - worst.indexOf(b.severity));
  return {
    version: '1',
    exit: findings.find(({ severity }) => severity === 'error')?.exit ?? 0,
    seqrun: version,
    node: { version: process.version, path: process.execPath },
    backend,
    backend_because: note,
    agents,
    tmux,
    git,
    files: { workdir, state_home: home, state_home_writable: writable, config: intention.config?.path ?? null },
    spec: spec && specReport(spec),
    locks,
    findings,
  };
};

const findingOf = (severity: Finding['severity'], failure: Failure): Finding => {
  const { exit, what, where, next } = failure;
  return { severity, exit: severity === 'error' ? exit : null, what, where: where?.name ?? null, next };
};

const noteOf = (severity: 'warning' | 'info', what: string, next: string | null, where: string | null = null) =>
  ({ severity, exit: null, what, where, next }) satisfies Finding;

const missingWorkdir = (workdir: string): Finding => ({
  severity: 'error',
  exit: 66,
  what: 'the workdir does not exist',
  where: workdir,
  next: '--workdir <dir>',
});

/** The nearest folder at or above it that exists: programs are asked from there. */
const existing = (folder: string): string => {
  for (let at = folder; ; at = dirname(at)) if (existsSync(at) || dirname(at) === at) return at;
};

const isWritable = (folder: string): boolean => {
  try {
    accessSync(existing(folder), constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Each agent, and which one a run would take: chosen by the same functions as there. */
const lookAtAgents = async (
  intention: Intention,
  machine: Machine,
  { typed, spec, findings }: { typed: { tasksPath: string } | null; spec: Looked | null; findings: Finding[] },
): Promise<{ agents: AgentReport[]; backend: string | null; note: string | null }> => {
  const { settings } = intention;
  const { env, workdir } = machine;
  const book = agentBook(agentOptions(registryOf(settings, null)));
  const own = [...Object.keys(settings.agents), ...(settings.commandTemplate ? ['command'] : [])];
  const known = [...AGENT_CLIS, ...own].map(book);
  const agents = await Promise.all(known.map(agent => lookAtAgent(agent, intention, machine)));

  const chosen = await chooseBackends(intention, {
    installed: async program =>
      (await findExecutable(program.replaceAll('{workdir}', workdir), env.PATH, workdir)) !== null,
    // Without a spec nobody can tell, and nothing is wrong yet.
    hasRehearsal: typed === null || existsSync(join(dirname(typed.tasksPath), 'rehearsal.json')),
    previous: spec?.state.run?.policy.backend ?? null,
  });
  if ('exit' in chosen) {
    findings.push(findingOf('error', chosen));
    return { agents, backend: null, note: null };
  }
  const used = [...new Set([chosen.backend, ...Object.values(chosen.owners)])].map(book);
  const modes = chooseModes(used, chosen.backend, intention, machine);
  if ('exit' in modes) findings.push(findingOf('error', modes));
  else findings.push(...modes.warnings.map(warning => noteOf('warning', warning, null)));
  for (const agent of agents) {
    const isBackend = agent.name === chosen.backend;
    findings.push(...agentFindings(agent, isBackend));
    const how = known.find(({ name }) => name === agent.name)?.program?.login.how;
    if (isBackend && how && agent.path !== null && agent.login_sign === null)
      findings.push(
        noteOf('warning', `no sign of a login of ${agent.name} was found; it may have one all the same`, how),
      );
  }
  return { agents, backend: chosen.backend, note: chosen.note };
};

const agentFindings = (agent: AgentReport, isBackend: boolean): Finding[] => {
  const { name, path, version_error: trouble, compared } = agent;
  if (path === null) {
    if (!isBackend) return [];
    const what = `the program of ${name} is not there`;
    return [{ severity: 'error', exit: 69, what, where: 'PATH', next: 'install it, or choose another --backend' }];
  }
  if (trouble !== null) {
    // Slow is not broken: a machine under load may need longer.
    const slow = trouble.startsWith('no answer');
    const what = slow ? `${name} --version gave ${trouble}` : `${name} is there and does not start: ${trouble}`;
    return isBackend && !slow
      ? [{ severity: 'error', exit: 69, what, where: path, next: `${name} --version` }]
      : [noteOf('warning', what, `${name} --version`, path)];
  }
  if (!isBackend || compared === null || compared === 'same') return [];
  return [
    noteOf('info', `${name} ${agent.version} is ${compared} than ${agent.measured}, with which seqrun was tried`, null),
  ];
};

const lookAtTmux = async (
  { settings }: Intention,
  { env, workdir }: Machine,
  findings: Finding[],
): Promise<DoctorReport['tmux']> => {
  const path = await findExecutable('tmux', env.PATH, workdir);
  const said = path === null ? null : await ask(path, ['-V'], { env, cwd: workdir, limitMs: versionLimitMs });
  const text = said?.kind === 'said' ? said.text.replace(/^tmux /, '').split('\n')[0]! : null;
  const major = /\d+/.exec(text ?? '')?.[0];
  // `tmux master` has no number.
  const enough = text !== null && (major === undefined || Number(major) >= 3);
  if (!settings.noTmux && !enough) {
    const what =
      path === null ? 'tmux is not installed' : `tmux ${text ?? 'does not say its version'}: windows need 3.0`;
    const without = settings.tmuxSession === null ? ': units run without windows' : ', and --tmux-session asks for it';
    const severity = path === null && settings.tmuxSession !== null ? 'error' : 'warning';
    findings.push({
      severity,
      exit: severity === 'error' ? 69 : null,
      what: `${what}${without}`,
      where: path ?? 'PATH',
      next: 'install a newer tmux to watch, or say --no-tmux',
    });
  }
  return { path, version: text, windows: enough && !settings.noTmux };
};

const lookAtGit = async ({ env, workdir }: Machine, findings: Finding[]): Promise<DoctorReport['git']> => {
  const path = await findExecutable('git', env.PATH, workdir);
  const repository = await findTopLevel(workdir);
  const changes = path !== null && repository !== null ? await changedFiles(workdir) : null;
  if (path === null)
    findings.push(noteOf('warning', 'git is not installed: no run can say what changed', 'install git'));
  else if (repository === null)
    findings.push(
      noteOf('warning', 'the workdir is in no git repository: no run can say what changed', 'git init', workdir),
    );
  return { path, repository, changes };
};

const lookAtLocks = async (
  io: Io,
  specFolder: string,
  workspace: string,
  named: boolean,
  findings: Finding[],
): Promise<LockReport[]> => {
  const places = await findPlaces({ env: io.env, specFolder, workspace });
  const self = await ownIdentity();
  const folders: [LockReport['of'], string][] = [['workspace', join(places.workspace, 'lock')]];
  if (named) folders.push(['specs folder', join(places.specsFolder, 'SEQUENTIAL_STATE.lock')]);
  const locks: LockReport[] = [];
  for (const [of, path] of folders) {
    const holder = await holderOf(path, self);
    if (holder === null) continue;
    const { pid, host, run, liveness } = holder;
    locks.push({ of, path, pid, host, run, holder: liveness });
    const who = `process ${pid}${liveness === 'unknowable' ? ` on ${host}` : ''}`;
    if (liveness === 'alive')
      findings.push(
        noteOf('warning', `${who} holds the ${of} now: a run has to wait for its end (75)`, 'seqrun status', path),
      );
    else if (liveness === 'unknowable')
      findings.push(
        noteOf(
          'warning',
          `${who} holds the ${of}, and cannot be asked from here (75)`,
          '--break-lock if it is gone',
          path,
        ),
      );
  }
  return locks;
};

const specReport = ({ places, tasksPath, state, source }: Looked): NonNullable<DoctorReport['spec']> => ({
  folder: places.specFolder,
  tasks: tasksPath,
  journal: places.journal,
  state_file: places.stateFile,
  source,
  done: counts(state).completed,
  units: state.plan?.units.length ?? 0,
  last_end: state.lastEnd?.because ?? null,
});
