// What is known of each agent CLI on this machine without asking anybody but the CLI for its version.
import { existsSync } from 'node:fs';
import { ask, findExecutable } from '../../compose/doctor.ts';
import type { Agent } from '../../core/agent.ts';
import { type ChosenMode, modeOf } from '../agent-modes.ts';
import type { Intention } from '../intention.ts';
import type { AgentReport } from './report.ts';

export interface Machine {
  env: Readonly<Record<string, string | undefined>>;
  isRoot: boolean;
  /** Absolute; where agents would be started. */
  workdir: string;
}

/** How long a program may take to say its version. Gemini CLI needs 1.4 s on an idle machine. */
export const versionLimitMs = 5_000;

/** Looks at one agent. Starts nothing but `<cli> --version`, and that only for programs that are known to have it. */
export const lookAtAgent = async (agent: Agent, intention: Intention, machine: Machine): Promise<AgentReport> => {
  const { env, workdir } = machine;
  const named = agent.executable?.replaceAll('{workdir}', workdir) ?? null;
  const path = named === null ? null : await findExecutable(named, env.PATH, workdir);
  const said = path !== null && agent.program !== null ? await versionOf(agent, path, machine) : null;
  const version = said?.kind === 'said' ? versionIn(said.text) : null;
  const measured = agent.program?.measured ?? null;
  const mode: ChosenMode | null = modeOf(agent, intention, machine);
  return {
    name: agent.name,
    path,
    version,
    version_error: said?.kind === 'failed' ? said.because : null,
    measured,
    compared: version === null || measured === null ? null : compare(version, measured),
    login_sign: loginSign(agent, env),
    mode: mode?.mode ?? null,
    mode_means: mode?.words ?? null,
    mode_from: mode?.from ?? null,
    mode_refused: mode?.refused?.because ?? null,
  };
};

/** Asked in the environment that a start of the agent would have: no update, no telemetry, no variables of an agent above us. */
const versionOf = (agent: Agent, path: string, { env, isRoot, workdir }: Machine) => {
  const start = agent.command({
    workdir,
    model: null,
    session: null,
    newSessionId: '00000000-0000-4000-8000-000000000000',
    answerOnly: true,
    promptFile: '/dev/null',
    mode: 'safe',
    env,
    isRoot,
  });
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !start.unset.includes(name)));
  return ask(path, ['--version'], { env: { ...kept, ...start.env }, cwd: workdir, limitMs: versionLimitMs });
};

/** The first thing that looks like a version, else the first line. */
const versionIn = (text: string): string =>
  /\d+(?:\.\d+)+[-+.\w]*/.exec(text)?.[0] ?? text.split('\n')[0]!.slice(0, 80);

const compare = (version: string, measured: string): AgentReport['compared'] => {
  const [ours, theirs] = [measured, version].map(text => /^\d+(?:\.\d+)*/.exec(text)?.[0].split('.').map(Number));
  if (!ours || !theirs) return null;
  for (let at = 0; at < Math.max(ours.length, theirs.length); at++) {
    const difference = (theirs[at] ?? 0) - (ours[at] ?? 0);
    if (difference !== 0) return difference < 0 ? 'older' : 'newer';
  }
  return 'same';
};

/** Only whether they are there: values are not looked at beyond being empty, files are not opened. */
const loginSign = ({ program }: Agent, env: Machine['env']): string | null => {
  if (program === null) return null;
  const variable = program.login.variables.find(name => (env[name] ?? '') !== '');
  return variable ?? program.login.files(env).find(file => existsSync(file)) ?? null;
};
