// A prepared run from its first event to its end: begins the journal, joins the parts of the loop, and gathers what a summary needs.
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  attachHint,
  changesSince,
  foundIn,
  loadTemplates,
  nextSessionName,
  openDesk,
  runParts,
  systemClock,
  tmuxClient,
} from '../../compose.ts';
import { pausedWords } from '../../core/holding-back.ts';
import type { Spec } from '../../core/task.ts';
import type { LoopControl, LoopEnd, Told } from '../../engine/loop.ts';
import { configHashOf, rememberConfig } from '../config-change.ts';
import type { Failure } from '../errors.ts';
import type { Intention } from '../intention.ts';
import { planOptionsOf } from '../plan-options.ts';
import { lastingWords, wordsInWorkdir } from '../spec-words.ts';
import type { Taken } from '../take.ts';
import { version } from '../version.ts';
import type { Prepared } from './prepare.ts';

/** Where a run can be watched. */
export interface Watching {
  sessionName: string;
  /** The command that shows the windows, or null without tmux. */
  attach: string | null;
  /** File that the window of the run shows. */
  statusFile: string;
}

/** Who hears of a run, and who may end it. */
export interface Listeners {
  env: Readonly<Record<string, string | undefined>>;
  /** Called once, when the run is in the journal and before the loop tells anything; what is told from then on goes to the result. */
  begun(watching: Watching): (told: Told) => void;
  onControl(control: LoopControl): void;
}

/** How a run went. `taken.state` is as the run has left it. */
export interface Performed {
  end: LoopEnd;
  startedAtMs: number;
  endedAtMs: number;
  /** Changed files since the run began, as git says it; null without a repository. */
  changes: Awaited<ReturnType<typeof changesSince>>;
  /** The task file as last read, or null. */
  spec: Spec | null;
}

/**
 * Performs the run. `taken.begin` is called here: from then on the journal is written. A failure means that nothing has begun.
 * Throws UnwritableError where a file of seqrun cannot be written; gives no lock back.
 */
export const performRun = async (
  prepared: Prepared,
  intention: Intention,
  taken: Taken,
  listeners: Listeners,
): Promise<Performed | Failure> => {
  const { settings } = intention;
  const { workers, policy } = prepared;
  const { places, state, tasksPath, workdir } = taken;
  const { env } = listeners;
  const clock = systemClock();
  const wasPaused = state.paused !== null;
  const unbegun = await taken.begin();
  if (unbegun) return unbegun;
  const desk = openDesk(tasksPath, planOptionsOf(settings), settings);
  const config = intention.config?.hash ?? 'none';
  await taken.append({
    type: 'run.started',
    run: taken.run,
    version,
    host: hostname(),
    pid: process.pid,
    policy,
    config,
    words: lastingWords(intention, workdir),
    ...(prepared.baseWorkdir !== null && { workdir: prepared.baseWorkdir }),
  });
  if (intention.command === 'resume' && intention.answer !== null) {
    await taken.append({
      type: 'command',
      id: `resume-${taken.run}`,
      command: { kind: 'resume', answer: intention.answer },
    });
  }
  if (settings.acceptConfig) await taken.append({ type: 'config.accepted', config });
  await rememberConfig(intention, taken, false);

  const inTmux = workers.transport === 'tmux';
  const wantedSession = settings.tmuxSession ?? `sequential-${places.specName}`;
  const client = tmuxClient({ command: ['tmux'], env });
  // As it will be: another spec may have the name already.
  const sessionName = inTmux
    ? await nextSessionName({ client, sessionName: wantedSession, specRealpath: places.specFolder })
    : wantedSession;
  const statusFile = join(places.spec, 'status.log');
  const found = await foundIn(workdir);
  const startedAtMs = state.run!.startedAtMs;
  const tell = listeners.begun({
    sessionName,
    attach: inTmux ? attachHint(client, { name: sessionName }) : null,
    statusFile,
  });
  // With --fresh it is known only now.
  if (state.paused && !wasPaused) tell({ kind: 'warning', message: pausedWords(state.paused) });
  const { end } = await runParts({
    places,
    tasksPath,
    workdir,
    env,
    state,
    journal: taken.journal,
    adopted: taken.adopted,
    specWords: wordsInWorkdir(taken, intention, []),
    holding: taken.holding,
    desk,
    agentNamed: workers.agentNamed,
    transport: workers.transport,
    sessionName: wantedSession,
    keepWindows: settings.keepWindows,
    statusFile,
    templates: await loadTemplates(prepared.prompts.folder),
    templatesFolder: prepared.prompts.folder,
    taskTemplate: prepared.prompts.task,
    contextFiles: prepared.prompts.context,
    assignEnv:
      workers.chosen.assignBackend === 'opencode' ? { CODEAGENT_OPENCODE_AGENT: settings.assignOpencodeAgent } : {},
    configHash: () => configHashOf(intention, workdir),
    tell,
    warn: message => tell({ kind: 'warning', message }),
    onControl: listeners.onControl,
  });
  if (state.open === null && state.configChanged === null) await rememberConfig(intention, taken, true);
  return {
    end,
    startedAtMs,
    endedAtMs: clock.nowMs(),
    changes: await changesSince(workdir, found, [tasksPath]),
    spec: desk.spec(),
  };
};
