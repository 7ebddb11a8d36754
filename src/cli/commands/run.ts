// `seqrun --spec <dir>`: takes the spec, runs the loop, tells what happens, and ends with one screen and one exit code.
import { access } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import {
  agentBook,
  agentOptions,
  attachHint,
  changesSince,
  findExecutable,
  findTopLevel,
  headOf,
  loadTemplates,
  lookBeforeRun,
  nextSessionName,
  openDesk,
  runParts,
  systemClock,
  tmuxClient,
} from '../../compose.ts';
import type { Policy } from '../../core/policy.ts';
import type { State } from '../../core/state.ts';
import { unreadBoxes } from '../../core/unread.ts';
import type { LoopControl, LoopEnd, Told } from '../../engine/loop.ts';
import { UnwritableError } from '../../engine/ports.ts';
import { chooseModes } from '../agent-modes.ts';
import { asLastTime, droppedGates, proofTyped } from '../as-last-time.ts';
import { chooseBackends, registryOf } from '../backend.ts';
import { bannerLines } from '../banner.ts';
import { checkConfigChange, configHashOf } from '../config-change.ts';
import { createCountdown } from '../countdown.ts';
import { inBackground } from '../gates.ts';
import { checkGitStart } from '../git-start.ts';
import { inJobFailure } from '../in-job.ts';
import type { Intention } from '../intention.ts';
import { localTimes } from '../local-time.ts';
import type { Io } from '../main.ts';
import { missingProgram } from '../missing-program.ts';
import { planOptionsOf } from '../plan-options.ts';
import { detailLines, eventJson, eventLines } from '../run-lines.ts';
import { checkSelection } from '../selection.ts';
import { catchSignals } from '../signals.ts';
import { bothWords, lastingWords, wordsInWorkdir } from '../spec-words.ts';
import { openStatusLog } from '../status-log.ts';
import { summaryLines } from '../summary.ts';
import { type Taken, takeSpec } from '../take.ts';
import { version } from '../version.ts';
import { worded, wordedAll } from '../worded.ts';

/** Runs a spec to its end. `resume` comes here too, with its answer. */
export const run = async (intention: Intention, io: Io): Promise<number> => {
  const refused = inJobFailure(io.env, 'a run');
  if (refused) {
    io.console.fail(refused);
    return refused.exit;
  }
  const selection = await checkSelection(intention, io.cwd);
  if (selection.failures.length > 0) {
    for (const failure of selection.failures) io.console.fail(failure);
    return 64;
  }
  for (const note of selection.notes) io.console.say(note);
  const runId = crypto.randomUUID();
  const taken = await takeSpec(intention, io, runId);
  if ('exit' in taken) {
    io.console.fail(taken);
    return taken.exit;
  }
  try {
    const meant = asLastTime(intention, taken.last?.policy ?? null);
    if ('exit' in meant) {
      io.console.fail(meant);
      return meant.exit;
    }
    return await runTaken(meant, io, taken);
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    const [what, ...rest] = error.message.split('\n');
    io.console.fail({
      exit: 73,
      what: what!,
      where: { name: error.file },
      expected: null,
      next: rest.join(' ').trim() || null,
    });
    return 73;
  } finally {
    await taken.release();
  }
};

const runTaken = async (intention: Intention, io: Io, taken: Taken): Promise<number> => {
  const { console, env, cwd } = io;
  const { settings } = intention;
  const { places, state } = taken;
  const words = bothWords(intention, []);
  const clock = systemClock();

  const hasRehearsal = await access(join(dirname(taken.tasksPath), 'rehearsal.json')).then(
    () => true,
    () => false,
  );
  const chosen = await chooseBackends(intention, {
    // Where it is started, its folder is the workdir.
    installed: async program =>
      (await findExecutable(program.replaceAll('{workdir}', taken.workdir), env.PATH, taken.workdir)) !== null,
    hasRehearsal,
    previous: taken.last?.policy.backend ?? null,
  });
  if ('exit' in chosen) {
    console.fail(chosen);
    return chosen.exit;
  }
  const missing = state.open ? null : await missingProgram(intention, chosen, { env, workdir: taken.workdir });
  if (missing) {
    console.fail(missing);
    return missing.exit;
  }
  const book = agentBook(agentOptions(registryOf(settings, state.open?.agent ?? null)));
  const used = [...new Set([chosen.backend, ...Object.values(chosen.owners)])].map(book);
  const modes = chooseModes(used, chosen.backend, intention, { env, isRoot: process.getuid?.() === 0 });
  if ('exit' in modes) {
    console.fail(modes);
    return modes.exit;
  }
  for (const warning of modes.warnings) console.warn(warning);
  const wantsTmux = !settings.noTmux;
  const hasTmux = wantsTmux && (await findExecutable('tmux', env.PATH, cwd)) !== null;
  if (wantsTmux && !hasTmux && settings.tmuxSession !== null) {
    console.fail({
      exit: 69,
      what: 'tmux is not installed',
      where: { name: 'PATH' },
      expected: 'tmux, since --tmux-session asks for it',
      next: 'install tmux, or use --no-tmux',
    });
    return 69;
  }
  if (wantsTmux && !hasTmux)
    console.warn('tmux is not installed: units run without windows (--no-tmux says so itself)');
  const policy: Policy = {
    delayMs: settings.delayMs,
    maxIterations: settings.maxIterations,
    maxAttempts: settings.maxAttempts,
    maxFollowUps: settings.maxFollowUps,
    onFail: settings.onFail,
    onMissingSignal: settings.onMissingSignal === 'fail' ? 'fail' : 'follow-up',
    timeoutMs: settings.timeoutMs,
    stallTimeoutMs: settings.stallTimeoutMs,
    limitMarginMs: settings.limitMarginMs,
    assign: settings.assign,
    backend: chosen.backend,
    assignBackend: chosen.assignBackend,
    model: settings.model,
    owners: chosen.owners,
    resumable: [...new Set([chosen.backend, chosen.assignBackend, ...Object.values(chosen.owners)])].filter(
      name => book(name).resumable,
    ),
    modes: Object.fromEntries(modes.modes.map(({ agent, mode }) => [agent, mode])),
    resume: intention.command === 'resume' && intention.answer === null,
    gates: settings.gates,
    allowTaskCommands: settings.allowTaskCommands,
    baseline: settings.baseline,
    require: settings.require,
    everyUnitGated: settings.everyUnitGated,
    review: settings.review,
    git: settings.git,
    proofTyped: proofTyped(intention),
  };

  if (settings.require.includes('change') && (await findTopLevel(taken.workdir)) === null) {
    console.fail({
      exit: 64,
      what: 'a change is required of each unit (--require change), and only git can tell of one',
      where: { name: taken.workdir },
      expected: 'a workdir in a git repository',
      next: 'git init, or leave change out of --require',
    });
    return 64;
  }
  for (const warning of inBackground(settings.gates)) console.warn(warning);
  for (const warning of droppedGates(taken.last?.policy ?? null, policy)) console.warn(warning);
  const looked = await lookBeforeRun({ workdir: taken.workdir, tasksPath: taken.tasksPath, git: policy.git ?? 'off' });
  const begin = checkGitStart(policy.git ?? 'off', looked, state, taken.workdir);
  for (const warning of begin.warnings) console.warn(warning);
  if (begin.failure) {
    console.fail(begin.failure);
    return begin.failure.exit;
  }
  const changed = await checkConfigChange(intention, taken);
  if (changed) {
    console.fail(changed);
    return changed.exit;
  }
  const rehearsed = chosen.backend === 'rehearsal' ? [] : rehearsedLeaves(state);
  if (rehearsed.length > 0) {
    console.fail({
      exit: 2,
      what: `${namesOf(rehearsed)} ${rehearsed.length === 1 ? 'was' : 'were'} only rehearsed: nothing of it is done`,
      where: { name: places.specFolder },
      expected: 'a spec that no rehearsal has ticked',
      next: `seqrun reset ${words.look} (forgets it and opens the boxes), or --backend rehearsal`,
    });
    return 2;
  }
  if (intention.command === 'resume' && intention.answer !== null && !waitsForAnswer(state)) {
    console.fail({
      exit: 64,
      what: 'no unit of this spec waits for an answer',
      where: { name: places.specFolder },
      expected: 'a unit that halted',
      next: `seqrun why ${words.look}, or without an answer: seqrun ${words.run}`,
    });
    return 64;
  }
  if (intention.command === 'resume' && intention.answer === null) warnUnanswered(state, intention, console);
  const unbegun = await taken.begin();
  if (unbegun) {
    console.fail(unbegun);
    return unbegun.exit;
  }
  const desk = openDesk(taken.tasksPath, planOptionsOf(settings), settings);
  await taken.append({
    type: 'run.started',
    run: taken.run,
    version,
    host: hostname(),
    pid: process.pid,
    policy,
    config: intention.config?.hash ?? 'none',
    words: lastingWords(intention, taken.workdir),
  });
  if (intention.command === 'resume' && intention.answer !== null) {
    await taken.append({
      type: 'command',
      id: `resume-${taken.run}`,
      command: { kind: 'resume', answer: intention.answer },
    });
  }
  if (settings.acceptConfig) await taken.append({ type: 'config.accepted', config: intention.config?.hash ?? 'none' });

  const wantedSession = settings.tmuxSession ?? `sequential-${places.specName}`;
  const client = tmuxClient({ command: ['tmux'], env });
  // As it will be: another spec may have the name already.
  const sessionName = hasTmux
    ? await nextSessionName({ client, sessionName: wantedSession, specRealpath: places.specFolder })
    : wantedSession;
  const statusFile = join(places.spec, 'status.log');
  const status = openStatusLog(statusFile);
  const say = (line: string, ...rest: string[]) => {
    const lines = [line, ...rest].map(localTimes);
    status.add(lines.join('\n'));
    if (!settings.json) for (const one of lines) console.say(one);
  };
  const live = settings.json || settings.quiet ? () => undefined : console.live;
  const countdown = createCountdown({ live, clock, status: status.add });
  const startedAtMs = state.run!.startedAtMs;
  const head = await headOf(taken.workdir);

  let banner = false;
  const tell = (told: Told): void => {
    countdown.stop();
    if (told.kind === 'warning') {
      console.report('warning', worded(0, told.message));
      status.add(`warning: ${told.message}`);
      return;
    }
    if (told.kind === 'event') {
      if (settings.json) console.json(JSON.parse(eventJson(told.event, told.state, places.specName)));
      const [line, ...rest] = eventLines(told.event, told.state);
      if (line !== undefined) say(line, ...rest);
      if (!settings.json) for (const line of detailLines(told.event)) console.detail(line);
      return;
    }
    if (!banner && told.state.plan !== null && told.action.kind !== 'read') {
      banner = true;
      const attach = hasTmux ? attachHint(client, { name: sessionName }) : null;
      for (const line of bannerLines({
        state: told.state,
        settings,
        places,
        taken,
        policy,
        origins: intention.origins,
        chosen,
        modes: modes.modes,
        sessionName,
        attach,
      }))
        say(line);
    }
    if (told.action.kind === 'wait') countdown.start(told.action.untilMs, told.action.because, say);
  };

  const signals = catchSignals();
  let end: LoopEnd;
  try {
    const result = await runParts({
      places,
      tasksPath: taken.tasksPath,
      workdir: taken.workdir,
      env,
      state,
      journal: taken.journal,
      adopted: taken.adopted,
      specWords: wordsInWorkdir(taken, intention, []),
      holding: taken.holding,
      desk,
      agentNamed: book,
      transport: hasTmux ? 'tmux' : 'plain',
      sessionName: wantedSession,
      keepWindows: settings.keepWindows,
      statusFile,
      templates: await loadTemplates(taken.workdir),
      assignEnv: chosen.assignBackend === 'opencode' ? { CODEAGENT_OPENCODE_AGENT: settings.assignOpencodeAgent } : {},
      configHash: () => configHashOf(intention, taken.workdir),
      tell,
      warn: message => tell({ kind: 'warning', message }),
      onControl: (control: LoopControl) =>
        signals.drive(
          control,
          message => console.warn(message),
          () => state.open,
        ),
    });
    end = result.end;
  } finally {
    countdown.stop();
    signals.stop();
  }
  const lines = summaryLines({
    state,
    exit: end.exit,
    because: end.because,
    startedAtMs,
    endedAtMs: clock.nowMs(),
    changes: await changesSince(taken.workdir, head, [taken.tasksPath]),
    specWords: words,
    rehearsal: chosen.backend === 'rehearsal',
    unread: unreadBoxes(desk.spec()),
  });
  // What is wrong with the file is shown with its line; the summary has room for one sentence.
  if (end.end === 'bad_spec') for (const failure of wordedAll(end.exit, end.because)) console.fail(failure);
  for (const { text } of lines) status.add(localTimes(text));
  status.close();
  if (settings.json) return end.exit;
  for (const line of lines) {
    const { kind } = line;
    const text = localTimes(line.text);
    if (kind === 'head' || kind === 'bad' || kind === 'next' || !settings.quiet) {
      console.out(
        kind === 'head'
          ? { style: end.exit === 0 ? 'green' : 'red', text }
          : kind === 'bad'
            ? { style: 'red', text }
            : text,
      );
    }
  }
  return end.exit;
};

/** Whoever resumes without an answer may not know that one was asked for. */
/** Leaves that count as done by the word of a rehearsal. */
const rehearsedLeaves = (state: State): string[] => {
  const rehearsals = new Set(state.starts.filter(({ agent }) => agent === 'rehearsal').map(({ n }) => n));
  return [...state.done].filter(([, { start }]) => start !== null && rehearsals.has(start)).map(([id]) => id);
};

const namesOf = (ids: readonly string[]): string =>
  ids.length > 5 ? `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more` : ids.join(', ');

const warnUnanswered = (state: State, intention: Intention, console: Io['console']): void => {
  for (const [id, { standing }] of state.units) {
    if (standing.kind !== 'halted' || standing.reason === null) continue;
    console.warn(
      `unit ${id} halted: ${standing.reason} — it is told that nobody has answered; seqrun resume ${bothWords(intention, []).run} --answer "…" answers it`,
    );
  }
};

const waitsForAnswer = (state: State): boolean =>
  [...state.units.values()].some(unit => unit.standing.kind === 'halted');
