// Makes the job of a launch from the state: argv, environment, prompt.
import type { Agent } from '../core/agent.ts';
import type { BaselineLaunch, GateLaunch, Launch } from '../core/decide.ts';
import { defaults } from '../core/defaults.ts';
import { assignmentPrompt, type PromptFiles, type Templates, unitPrompt } from '../core/prompt.ts';
import { unheard } from '../core/said.ts';
import type { State } from '../core/state.ts';
import { gateRunnerName, type Reserved } from '../core/transition.ts';
import type { JobSpec } from './ports.ts';
import type { SpecDesk } from './spec-desk.ts';

export interface JobMakerOptions {
  workdir: string;
  /** Environment of the seqrun process. */
  env: Readonly<Record<string, string | undefined>>;
  isRoot: boolean;
  specName: string;
  desk: SpecDesk;
  templates: Templates;
  agentNamed(name: string): Agent;
  /** Looked up before each prompt: only files that exist are referenced. */
  promptFiles(): Promise<PromptFiles>;
  /** A fresh UUID. */
  newId(): string;
  /** Extra environment for assignment jobs (`--assign-opencode-agent`). */
  assignEnv: Record<string, string>;
}

export type JobMaker = (state: State, launch: Launch, reserved: Reserved) => Promise<JobSpec>;

export const createJobMaker =
  (options: JobMakerOptions): JobMaker =>
  async (state, launch, reserved) => {
    if (launch.kind === 'gate' || launch.kind === 'baseline') return gateJob(options, state, launch, reserved);
    const agent = options.agentNamed(launch.agent);
    const run = state.run!;
    const session = launch.kind === 'agent' ? launch.session : null;
    const given = launch.kind === 'assign' ? { ...options.env, ...options.assignEnv } : options.env;
    const command = agent.command({
      workdir: options.workdir,
      promptFile: `${reserved.folder}/prompt.md`,
      model: launch.kind === 'agent' ? run.policy.model : null,
      session,
      newSessionId: options.newId(),
      answerOnly: launch.kind === 'assign',
      mode: run.policy.modes?.[launch.agent] ?? 'safe',
      env: given,
      isRoot: options.isRoot,
    });
    const files = await options.promptFiles();
    const tasks = options.desk.spec()?.tasks ?? [];
    const record = launch.kind === 'agent' ? state.units.get(launch.unit.id) : undefined;
    const env: Record<string, string> = {};
    for (const [name, value] of Object.entries(given)) {
      if (value !== undefined && !command.unset.includes(name)) env[name] = value;
    }
    Object.assign(env, command.env, {
      SEQRUN: '1',
      SEQRUN_START: reserved.mark,
      SEQRUN_SPEC: options.specName,
      SEQRUN_UNIT: launch.kind === 'agent' ? launch.unit.id : '',
      SEQRUN_RUN_ID: run.id,
      SEQRUN_ATTEMPT: String((record?.attempts ?? 0) + 1),
    });
    const common = {
      ...reserved,
      agent: launch.agent,
      argv: command.argv,
      cwd: options.workdir,
      env,
      session: command.session ?? session,
      timeoutMs: run.policy.timeoutMs,
      stallTimeoutMs: run.policy.stallTimeoutMs,
    };
    if (launch.kind === 'assign') {
      const owners = [...new Set([...Object.keys(run.policy.owners), run.policy.backend])];
      return {
        ...common,
        kind: 'assign',
        unit: null,
        label: 'assign',
        title: `assignment of ${launch.units.length} units`,
        model: null,
        timeoutMs: Math.min(defaults.assignTimeoutMs, run.policy.timeoutMs),
        prompt: assignmentPrompt({ units: launch.units, tasks, owners, files, templates: options.templates }),
      };
    }
    const inUnit = new Set(launch.unit.tasks);
    return {
      ...common,
      kind: 'agent',
      unit: launch.unit.id,
      label: launch.unit.id,
      title: launch.unit.title,
      model: run.policy.model,
      prompt: unitPrompt({
        unit: launch.unit,
        tasks: tasks.filter(task => inUnit.has(task.id)),
        done: new Set(state.done.keys()),
        reason: launch.reason,
        said: unheard(record?.said ?? [], launch.reason),
        inSession: session !== null,
        files,
        templates: options.templates,
      }),
    };
  };

/** A gate runs in the caller's environment, so that it finds what the user finds; it says nothing but by its output and its exit code. */
const gateJob = (
  { workdir, env: given, specName }: JobMakerOptions,
  state: State,
  launch: GateLaunch | BaselineLaunch,
  reserved: Reserved,
): JobSpec => {
  const { id, policy } = state.run!;
  const { gate } = launch;
  const unit = launch.kind === 'gate' ? launch.unit : null;
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined) env[name] = value;
  Object.assign(env, {
    SEQRUN: '1',
    SEQRUN_START: reserved.mark,
    SEQRUN_SPEC: specName,
    SEQRUN_UNIT: unit ?? '',
    SEQRUN_RUN_ID: id,
    SEQRUN_GATE: gate.name,
  });
  return {
    ...reserved,
    agent: gateRunnerName,
    argv: ['/bin/sh', '-c', gate.command],
    cwd: workdir,
    env,
    session: null,
    timeoutMs: gate.timeoutMs,
    stallTimeoutMs: policy.stallTimeoutMs,
    kind: launch.kind,
    unit,
    label: unit ?? 'baseline',
    title: `gate ${gate.name}: ${gate.command}`,
    model: null,
    prompt: '',
  };
};
