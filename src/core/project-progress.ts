// The entries of SEQUENTIAL_PROGRESS.md, one event at a time. Pure; the same events give the same text.
import { limitUntilMs } from './backoff.ts';
import { defaults } from './defaults.ts';
import type { AdoptedEntry, Command, JournalEvent, Outcome, RunEnd } from './events.ts';
import { evolve } from './evolve.ts';
import type { GateResult } from './gate.ts';
import { handoffOf, type SpecWords } from './handoff.ts';
import { handoffLines, type LineForm } from './handoff-lines.ts';
import type { Policy } from './policy.ts';
import { progressMarker } from './progress-markers.ts';
import { isRehearsal } from './rehearsed.ts';
import { runStoppers } from './settle-unit.ts';
import { shellWord } from './shell-word.ts';
import { emptyState } from './state.ts';
import { unseenMarks } from './unseen.ts';
import { type UnitsAt, unitsAt, wentBackWords } from './went-back.ts';
import { withSpec } from './with-spec.ts';
import { durationWords, outcomeWords } from './words.ts';

/** A piece of the progress file. `text` ends with its marker line, which says that event `seq` is in the file. */
export interface ProgressEntry {
  seq: number;
  text: string;
}

export interface ProgressFold {
  /** The entry of an event, or null when it has none. Events come in order, from the first. */
  add(event: JournalEvent): ProgressEntry | null;
}

type Intended = JournalEvent & { type: 'start.intended' };

/** Shorter waits are the ordinary delay between iterations and no news. */
const waitShownMs = 60_000;

/**
 * Starts a fold over one spec's journal. Each event costs the same, however long the journal is; the end of a run costs what has
 * happened since the one before. It keeps the events and changes none. `specWords`: how commands name the spec; else its path.
 */
export const progressFold = (spec: string, specWords?: SpecWords): ProgressFold => {
  const titles = new Map<string, string>();
  let policy: Policy | null = null;
  let runs = 0;
  let iterations = 0;
  let limitedInRow = 0;
  let limitedInAll = 0;
  let open: Intended | null = null;
  /** An agent's start whose gates have still to be run. */
  let checked: { start: Intended; event: JournalEvent & { type: 'start.ended' } } | null = null;
  let gates: GateResult[] = [];
  const tries = new Map<string, { attempts: number; followUps: number }>();
  const applied = new Set<string>();
  /** As of the last end of a run or way back: those are told from the whole state, everything else in here from less. */
  const state = emptyState();
  let sinceEnd: JournalEvent[] = [];

  /** A person goes back to a checkpoint and its files are put back: which one, and how the units stood before. */
  let goingBack: { id: string; before: UnitsAt } | null = null;

  const catchUp = (): void => {
    for (const event of sinceEnd) evolve(state, event);
    sinceEnd = [];
  };

  const wentBack = ({ before }: { before: UnitsAt }): string => {
    catchUp();
    return oneLine(
      wentBackWords(before, unitsAt(state), id => oneLine(id, 60)),
      500,
    );
  };

  const handoff = (atMs: number): string[] => {
    catchUp();
    const path = `--spec ${shellWord(state.spec ?? spec)}`;
    const told = handoffOf(state, {
      specWords: specWords ?? { look: path, run: path },
      nowMs: atMs,
      alive: false,
      unitsMax: defaults.handoffUnitsMax,
    });
    return ['## HANDOFF', '', ...handoffLines(told, markdown)];
  };

  const adopt = (from: AdoptedEntry): void => {
    iterations = Math.max(iterations, from.iterations);
    for (const [id, { attempts, followUps }] of Object.entries(from.units)) {
      const used = tries.get(id) ?? { attempts: 0, followUps: 0 };
      tries.set(id, {
        attempts: Math.max(used.attempts, attempts),
        followUps: Math.max(used.followUps, followUps),
      });
    }
  };

  const entry = (seq: number, ...lines: string[]): ProgressEntry => ({
    seq,
    text: `${[...lines, '', progressMarker(spec, seq)].join('\n')}\n\n`,
  });

  const ended = (start: Intended, event: JournalEvent & { type: 'start.ended' }): ProgressEntry | null => {
    if (start.kind === 'gate') {
      if (event.gate) gates.push(event.gate);
      const settled = event.checked && checked;
      if (!settled || !event.checked) return null;
      checked = null;
      return iteration(settled.start, settled.event, event.checked.outcome, event.seq);
    }
    if (start.kind === 'baseline') {
      const words =
        event.outcome.kind === 'passed' || event.outcome.kind === 'red' ? outcomeWords(event.outcome) : null;
      return words === null
        ? null
        : entry(
            event.seq,
            `> before the first unit, gate ${oneLine(start.gate?.name ?? '', 60)}: ${oneLine(words, 300)}`,
          );
    }
    const { outcome } = event;
    if (outcome.kind === 'checking') {
      checked = { start, event };
      gates = [];
      return null;
    }
    if (outcome.kind === 'limited') {
      limitedInRow = event.worked ? 1 : limitedInRow + 1;
      limitedInAll++;
      const untilMs = limitUntilMs({
        nowMs: event.atMs,
        resetAtMs: outcome.resetAtMs,
        marginMs: policy?.limitMarginMs ?? 0,
        inRow: limitedInRow,
        inAll: limitedInAll,
      });
      const what = `${start.agent}: ${outcomeWords(outcome)}`;
      return entry(event.seq, `> waiting for ${oneLine(what, 300)} until ${iso(untilMs)}`);
    }
    if (outcome.kind !== 'not_started') limitedInRow = limitedInAll = 0;
    if (start.kind !== 'agent') {
      const problem = outcome.kind === 'assigned' ? null : outcomeWords(outcome);
      return problem ? entry(event.seq, `> assignment: ${oneLine(problem, 300)}`) : null;
    }
    const id = start.unit ?? '';
    if (outcome.kind === 'not_started') {
      return entry(event.seq, `> task ${oneLine(id, 60)} ${oneLine(outcomeWords(outcome), 300)}`);
    }
    return iteration(start, event, outcome, event.seq);
  };

  /** The entry of an agent's start whose outcome is known, with event `seq`. */
  const iteration = (
    start: Intended,
    event: JournalEvent & { type: 'start.ended' },
    outcome: Outcome,
    seq: number,
  ): ProgressEntry => {
    const id = start.unit ?? '';
    iterations++;
    const used = tries.get(id) ?? { attempts: 0, followUps: 0 };
    tries.set(id, used);
    const attempt = used.attempts + (start.mode === 'attempt' ? 1 : 0);
    const followUp = used.followUps + (start.mode === 'follow_up' ? 1 : 0);
    // What was cut off, or failed for a reason that only a person can mend, goes on under the same number.
    const counted = outcome.kind !== 'interrupted' && !(outcome.kind === 'failed' && runStoppers.has(outcome.class));
    if (counted) Object.assign(used, { attempts: attempt, followUps: followUp });
    const proof = gates.map(gate => `${oneLine(gate.name, 60)} ${gate.result}`).join(', ');
    gates = [];
    return entry(
      seq,
      `## Iteration ${iterations}`,
      `- **Task:** ${oneLine(id, 60)} - ${oneLine(titles.get(id) ?? '', 200)}`,
      `- **Status:** ${statusWord(start, outcome)}`,
      `- **Time:** ${iso(event.atMs)}`,
      `- **Attempt:** ${attempt}${followUp > 0 ? `, follow-up ${followUp}` : ''}`,
      `- **Backend:** ${oneLine(start.agent, 60)}${start.model ? ` (${oneLine(start.model, 80)})` : ''}`,
      `- **Duration:** ${durationWords(event.atMs - start.atMs)}`,
      ...(proof === '' ? [] : [`- **Gates:** ${proof}`]),
      `- **Log:** ${oneLine(start.folder, 500)}`,
      `- **Message:** ${messageOf(start, outcome, event.code, policy)}`,
      '',
      '---',
    );
  };

  const told = (event: JournalEvent): ProgressEntry | null => {
    switch (event.type) {
      case 'journal.opened':
        if (event.adopted) adopt(event.adopted);
        limitedInRow = event.limits?.inRow ?? 0;
        limitedInAll = event.limits?.inAll ?? 0;
        return null;
      case 'entry.merged':
        adopt(event.entry);
        return null;
      case 'plan.made':
        for (const unit of event.plan.units) titles.set(unit.id, unit.title);
        return null;
      case 'run.started': {
        policy = event.policy;
        runs++;
        const resumed = event.policy.resume ? ['', '> resumed by a person, without an answer'] : [];
        return entry(
          event.seq,
          `## Run ${runs} — ${oneLine(spec, 100)}`,
          '',
          `**Started:** ${iso(event.atMs)}`,
          ...resumed,
        );
      }
      case 'start.intended':
        open = event;
        return null;
      case 'start.ended': {
        const start = open;
        open = null;
        return start ? ended(start, event) : null;
      }
      case 'command': {
        const { command } = event;
        if (applied.has(event.id)) return null;
        applied.add(event.id);
        if (command.kind === 'retry' || command.kind === 'reset') {
          if (command.unit === null) tries.clear();
          else tries.delete(command.unit);
        }
        const words = commandWords(command);
        return words === null ? null : entry(event.seq, `> ${words}`);
      }
      case 'checkpoint.restored': {
        for (const id of event.again) tries.delete(id);
        // What came of the files is told with it, or with whatever comes next.
        if (event.files === 'due' || goingBack === null) return null;
        const partly = event.files === 'partly' ? ', not all of its files' : '';
        const words = `restored checkpoint ${oneLine(event.id, 60)}${partly}: ${wentBack(goingBack)}`;
        goingBack = null;
        return entry(event.seq, `> ${words}`);
      }
      case 'waited': {
        const ms = event.atMs - event.fromMs;
        if (ms < waitShownMs) return null;
        return entry(
          event.seq,
          `> waited ${durationWords(ms)} for ${oneLine(event.because, 300)} until ${iso(event.atMs)}`,
        );
      }
      case 'run.ended':
        return entry(
          event.seq,
          `**${footerWord(event.end)}:** ${iso(event.atMs)}`,
          '',
          `Exit ${event.exit}: ${oneLine(specWords ? withSpec(event.because, specWords) : event.because, 700)}${policy?.backend === 'rehearsal' ? ' (rehearsal)' : ''}`,
          '',
          ...handoff(event.atMs),
          '',
          '---',
        );
      default:
        return null;
    }
  };

  return {
    add: event => {
      let cut: string | null = null;
      if (event.type === 'checkpoint.restored') {
        catchUp();
        goingBack = { id: event.id, before: goingBack?.before ?? unitsAt(state) };
      } else if (goingBack) {
        const words = `was cut off, its files may not be back: ${wentBack(goingBack)}`;
        cut = `> going back to checkpoint ${oneLine(goingBack.id, 60)} ${words}`;
        goingBack = null;
      }
      sinceEnd.push(event);
      const made = told(event);
      if (cut === null) return made;
      return made === null ? entry(event.seq, cut) : { ...made, text: `${cut}\n\n${made.text}` };
    },
  };
};

/** The entries of a whole journal. */
export const progressEntries = (
  events: readonly JournalEvent[],
  spec: string,
  specWords?: SpecWords,
): ProgressEntry[] => {
  const fold = progressFold(spec, specWords);
  return events.flatMap(event => fold.add(event) ?? []);
};

/** Top of a new progress file. `spec` is the absolute path of the spec folder. */
export const progressHeader = (spec: string, startedAtMs: number): string =>
  `${progressTitle}\n\n**Spec:** ${oneLine(spec, 1000)}\n**Started:** ${iso(startedAtMs)}\n\n---\n\n`;

/** First line of every progress file, the reference's included. */
export const progressTitle = '# Sequential Execution Progress';

/** The joiners as well: a name must be the same for everybody who searches for it. */
const unseen = new RegExp(`[\\u200c\\u200d${unseenMarks}]`, 'gu');

/** Hostile text as one line of Markdown: no control or direction characters, no HTML, no comment ends; cut to `max` characters. */
const oneLine = (text: string, max: number): string => {
  const line = text
    .replace(/[\p{Cc}\u2028\u2029\s]+/gu, ' ')
    .replace(unseen, '')
    .trim();
  const cut = [...line].length > max ? `${[...line].slice(0, max - 1).join('')}…` : line;
  return cut.replace(/<(?=[A-Za-z/!?])/g, '&lt;').replace(/--(!?)>/g, '--$1&gt;');
};

const markdown: LineForm = {
  show: oneLine,
  title: (name, note) => `**${name}**${note === '' ? '' : ` (${note})`}`,
  command: text => {
    const runs = text.match(/`+/g) ?? [];
    const fence = '`'.repeat(1 + Math.max(0, ...runs.map(run => run.length)));
    return runs.length === 0 ? `\`${oneCommand(text)}\`` : `${fence} ${oneCommand(text)} ${fence}`;
  },
  commands: lines => (lines.length === 0 ? [] : ['```sh', ...lines.map(oneCommand), '```']),
};

/**
 * A command on one line, that begins no comment. Within code nothing else is read as HTML, and other escapes would have
 * to be taken back before it can be pasted. What is not a plain word stands in single quotes there: an empty pair changes nothing.
 */
const oneCommand = (text: string): string =>
  /\p{Cc}/u.test(text) || text.search(unseen) !== -1
    ? oneLine(text, Number.POSITIVE_INFINITY)
    : text.replaceAll('<!--', "<!''--");

/** What a person has decided, or null for what other entries tell (how a run that was stopped has ended). */
const commandWords = (command: Command): string | null => {
  switch (command.kind) {
    case 'stop':
      return null;
    case 'accept':
      return `accepted by a person: ${oneLine(command.unit, 60)}`;
    case 'pause':
      return `paused by ${oneLine(command.by, 60)}`;
    case 'continue':
      return `continued by ${oneLine(command.by, 60)}`;
    case 'skip':
      return `skipped by a person: ${oneLine(command.unit, 60)}`;
    case 'follow':
      return `asked for by a person: ${oneLine(command.unit, 60)}: ${oneLine(command.text, 300)}`;
    case 'approve':
      return `approved by a person: ${oneLine(command.unit, 60)}${command.text ? `: ${oneLine(command.text, 300)}` : ''}`;
    case 'reject':
      return `rejected by a person: ${oneLine(command.unit, 60)}: ${oneLine(command.text, 300)}`;
    case 'retry':
      return `retried by a person: ${oneLine(command.unit, 60)}`;
    case 'reset':
      return `reset by a person: ${command.unit === null ? 'every unit' : oneLine(command.unit, 60)}`;
    case 'resume': {
      const answer = command.answer?.trim().split(/[\r\n]/)[0] ?? '';
      return `resumed by a person${answer === '' ? '' : `: ${oneLine(answer, 300)}`}`;
    }
  }
};

const statusWord = (start: Intended, outcome: Outcome): string => {
  switch (outcome.kind) {
    case 'completed':
      return isRehearsal(start) ? 'Rehearsed' : 'Completed';
    case 'halted':
      return 'Halted';
    case 'unconfirmed':
      return 'Unconfirmed';
    case 'interrupted':
      return 'Interrupted';
    default:
      return 'Failed';
  }
};

const messageOf = (start: Intended, outcome: Outcome, code: number | null, policy: Policy | null): string => {
  const id = oneLine(start.unit ?? '', 60);
  switch (outcome.kind) {
    case 'completed':
      return `Task ${id} ${isRehearsal(start) ? 'was only rehearsed, no agent has worked on it' : 'completed successfully'}`;
    case 'halted':
      return `Task ${id} halted - human input required${outcome.reason ? `: ${oneLine(outcome.reason, 500)}` : ''}`;
    case 'failed':
      return `Task ${id} failed (${code === null ? outcome.class : `exit ${code}`}): ${oneLine(outcome.message, 500)}`;
    case 'timeout':
      return `Task ${id} timed out${policy ? ` after ${Math.round(policy.timeoutMs / 1000)}s` : ''}`;
    default:
      return `Task ${id} ${oneLine(outcomeWords(outcome), 500)}`;
  }
};

const footerWord = (end: RunEnd): string => {
  if (end === 'completed') return 'Completed';
  return end === 'halted' || end === 'person' ? 'Halted' : 'Stopped';
};

const iso = (ms: number): string => {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString();
};
