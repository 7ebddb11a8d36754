// Joins the adapters to the engine: everything the command line needs of the world comes from here (and from compose/).
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from './adapters/clock.ts';
import { createCheckpointWriter } from './adapters/files/checkpoint-writer.ts';
import type { Places } from './adapters/files/paths.ts';
import { createPublisher } from './adapters/files/publisher.ts';
import { keepAside } from './adapters/files/state-file.ts';
import { createJobs, type TmuxJobs } from './adapters/jobs/jobs.ts';
import { isSame, processSource } from './adapters/jobs/process-table.ts';
import { openInbox } from './adapters/journal/inbox.ts';
import { type AgentOptions, agentNamed } from './agents/index.ts';
import { openSpecCheckpoints } from './compose/checkpoints.ts';
import { namedFilesOf } from './compose/named-files.ts';
import { keptAs, openTree } from './compose/tree.ts';
import type { Agent } from './core/agent.ts';
import type { SpecWords } from './core/handoff.ts';
import type { PromptFiles, Templates } from './core/prompt.ts';
import { secretsOf } from './core/secrets.ts';
import type { State } from './core/state.ts';
import { createJobMaker } from './engine/job-maker.ts';
import { type LoopControl, type LoopEnd, runLoop, type Told } from './engine/loop.ts';
import type { Holding, Journal, Publisher } from './engine/ports.ts';
import type { SpecDesk } from './engine/spec-desk.ts';

export { systemClock } from './adapters/clock.ts';
export { findExecutable } from './adapters/files/executables.ts';
export { renameEntry } from './adapters/files/gone-entries.ts';
export { removeLeftTemps, removeTempsOfTheDead } from './adapters/files/litter.ts';
export { findPlaces, makePlaces, type Places } from './adapters/files/paths.ts';
export { withoutCompletions } from './adapters/files/state-entry.ts';
export { keepAside, migrateStateFile, readStateFile } from './adapters/files/state-file.ts';
export { changesSince, findTopLevel, foundIn } from './adapters/git/git.ts';
export { createJobs } from './adapters/jobs/jobs.ts';
export { strangersIn } from './adapters/jobs/strangers.ts';
export { dropCommand, openInbox } from './adapters/journal/inbox.ts';
export { createJournal, type OpenJournal, openJournal } from './adapters/journal/journal.ts';
export { hold } from './adapters/lock/holding.ts';
export { ownIdentity } from './adapters/lock/identity.ts';
export { removeNote } from './adapters/lock/open-note.ts';
export { attachArgs, attachHint, findSessions, listWindows, windowOf } from './adapters/tmux/attach.ts';
export { tmuxClient } from './adapters/tmux/client.ts';
export { nextSessionName } from './adapters/tmux/sessions.ts';
export { startKey } from './adapters/tmux/windows.ts';
export { openDesk } from './compose/desk.ts';
export { lookBeforeRun } from './compose/tree.ts';

/** Sets the journal aside as `journal.<time>.jsonl` and keeps a copy of the state file. Returns the new paths. */
export const setJournalAside = async (places: Places, nowMs: number): Promise<string[]> => {
  const time = new Date(nowMs).toISOString().replace(/[-:]/g, '').replace('.', '_');
  const journal = join(places.spec, `journal.${time}.jsonl`);
  await rename(places.journal, journal);
  const state = await keepAside(places.stateFile, `before-${time}`).catch(() => null);
  return state === null ? [journal] : [journal, state];
};

/** What job.json of a start folder says, or null when it cannot be read. */
export const readStartJob = async (
  folder: string,
): Promise<{ n: number; agent: string; kind: 'agent' | 'assign' } | null> => {
  try {
    const { n, agent, kind } = JSON.parse(await readFile(join(folder, 'job.json'), 'utf8'));
    return typeof n === 'number' && typeof agent === 'string'
      ? { n, agent, kind: kind === 'assign' ? 'assign' : 'agent' }
      : null;
  } catch {
    return null;
  }
};

/** Whether this very process still lives: the pid may be another one's by now. */
export const isStillAlive = (pid: number, startTime: string): boolean => isSame(processSource(), pid, startTime);

/** Where the program's own files lie: the same from `src/` and from the bundle in `dist/`. */
const here = dirname(fileURLToPath(import.meta.url));

/** Options of the agents that are no program of their own. `mayTick`: of the rehearsal's script. */
export const agentOptions = (
  settings: Pick<AgentOptions, 'command' | 'own'>,
  { mayTick = false } = {},
): AgentOptions => ({
  ...settings,
  rehearsal: { node: process.execPath, script: join(here, 'rehearsal.js'), mayTick },
});

/** The registry with its options filled in. Throws for a name that the command line must have refused. */
export const agentBook =
  (options: AgentOptions) =>
  (name: string): Agent => {
    const agent = agentNamed(name, options);
    if (!agent) throw new Error(`Internal error: no agent named ${name}`);
    return agent;
  };

const templateNames = [
  'task',
  'retry',
  'follow-up',
  'continue',
  'answer',
  'unanswered',
  'closing',
  'assignment',
] as const;

/** The prompt templates: those of the package, each replaced by `<name>.md` of the user's own folder when it is there. */
export const loadTemplates = async (folder: string): Promise<Templates> => {
  const texts = await Promise.all(templateNames.map(async name => [name, await loadTemplate(folder, name)] as const));
  return Object.fromEntries(texts) as unknown as Templates;
};

/** Which of the templates, and `commit`, are the user's own in that folder. */
export const ownTemplates = (folder: string): string[] =>
  [...templateNames, 'commit'].filter(name => existsSync(join(folder, `${name}.md`)));

/** One template: the package's, or the user's own. */
const loadTemplate = async (folder: string, name: string): Promise<string> => {
  const own = await readFile(join(folder, `${name}.md`), 'utf8').catch(() => null);
  return own ?? (await readFile(join(here, '..', 'templates', `${name}.md`), 'utf8'));
};

/** Files a prompt may name, relative to the workdir; looked up each time, since agents make and remove files. */
export const promptFilesOf =
  (workdir: string, tasksPath: string, places: Places, context: readonly string[]) =>
  async (): Promise<PromptFiles> => ({
    ...namedFilesOf(workdir, tasksPath, context),
    state: relative(workdir, places.stateFile),
    progress: relative(workdir, places.progressFile),
  });

/** What a publisher writes for: the places, the journal it tells of, and the entry that the journal began with. */
export interface Published {
  places: Places;
  workdir: string;
  journal: Journal;
  /** Fingerprint of the state file's entry that was adopted or refused at the start, or null. */
  adopted: string | null;
  /** How commands name the spec in the workdir. */
  specWords: SpecWords;
}

/** The projections of a run: state file, progress file, receipts, a checkpoint after each completed unit. */
export const publisherOf = (
  { places, workdir, journal, adopted, specWords }: Published,
  warn: (message: string) => void,
): Publisher => {
  const events = () => journal.events;
  const checkpoints = createCheckpointWriter({ places, keptAs: keptAs(places), workdir, events });
  return createPublisher({ places, workdir, events, adopted, specWords, checkpoints, warn });
};

export interface RunParts extends Published {
  tasksPath: string;
  env: Readonly<Record<string, string | undefined>>;
  state: State;
  holding: Holding;
  desk: SpecDesk;
  agentNamed(name: string): Agent;
  transport: 'tmux' | 'plain';
  sessionName: string;
  keepWindows: number;
  statusFile: string;
  templates: Templates;
  /** In place of that of the templates; null = that one. */
  taskTemplate: string | null;
  /** Files that every unit is told to read, absolute. */
  contextFiles: readonly string[];
  /** The user's own ones, see `loadTemplates`. */
  templatesFolder: string;
  assignEnv: Record<string, string>;
  /** Bytes of the config file, or null when there is none. */
  configHash(): Promise<string>;
  tell(what: Told): void;
  warn(message: string): void;
  onControl(control: LoopControl): void;
}

/** Runs the loop over the real world. The caller holds the locks and has appended `run.started`. */
export const runParts = async (parts: RunParts): Promise<{ end: LoopEnd; jobs: TmuxJobs }> => {
  const clock = systemClock();
  const jobs = createJobs({
    startsDir: parts.places.starts,
    agentNamed: parts.agentNamed,
    transport: parts.transport,
    tmux: {
      command: ['tmux'],
      sessionName: parts.sessionName,
      keepWindows: parts.keepWindows,
      specRealpath: parts.places.specFolder,
      statusFile: parts.statusFile,
    },
    callerEnv: parts.env,
    clock,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    notice: parts.warn,
  });
  const run = runLoop(
    parts.state,
    {
      clock,
      journal: parts.journal,
      inbox: openInbox(parts.places.inbox, { onBad: parts.warn }),
      jobs,
      publisher: publisherOf(parts, parts.warn),
      holding: parts.holding,
      desk: parts.desk,
      tree: openTree({
        workdir: parts.workdir,
        tasksPath: parts.tasksPath,
        specName: parts.places.specName,
        keptAs: keptAs(parts.places),
        git: parts.state.run?.policy.git ?? 'off',
        template: await loadTemplate(parts.templatesFolder, 'commit'),
        secrets: secretsOf(parts.env),
        warn: parts.warn,
      }),
      makeJob: createJobMaker({
        workdir: parts.workdir,
        env: parts.env,
        isRoot: process.getuid?.() === 0,
        specName: parts.places.specName,
        desk: parts.desk,
        templates: parts.taskTemplate === null ? parts.templates : { ...parts.templates, task: parts.taskTemplate },
        agentNamed: parts.agentNamed,
        promptFiles: promptFilesOf(parts.workdir, parts.tasksPath, parts.places, parts.contextFiles),
        newId: randomUUID,
        assignEnv: parts.assignEnv,
      }),
      agentNamed: parts.agentNamed,
      configHash: parts.configHash,
      chance: Math.random,
      tell: parts.tell,
    },
    parts.onControl,
  );
  const end = await run.finally(jobs.close);
  const { git } = parts.state.run?.policy ?? {};
  if (git === 'check' || git === 'commit') {
    await openSpecCheckpoints(parts.places, parts.workdir, parts.tasksPath).sweep(parts.state, clock.nowMs());
  }
  return { end, jobs };
};
