// The live view: where a run stands, as lines that fit into the room there is. Pure.
import { Chalk } from 'chalk';
import type { OpenStart, State } from '../../core/state.ts';
import { type UnitProgress, unitProgress } from '../../core/units.ts';
import { blockedWords, type Waiting, whyRun } from '../../core/why.ts';
import { beforeWhat, clockWords, durationWords, endingWords } from '../../core/words.ts';
import { bold, cyan, dim, green, type Piece, red, yellow } from '../text.ts';
import { cellsOf, cut, plainCells, wrapped } from './cells.ts';
import { asciiMarks, type Mark, unicodeMarks } from './marks.ts';
import { spanAround } from './span.ts';

/** What is known beside the state. */
export interface LiveFacts {
  specName: string;
  nowMs: number;
  /** A runner is at work. */
  alive: boolean;
  /** What the run waits for, or null. */
  wait: Waiting | null;
  /** The last line of the open start, and when it last wrote something (epoch ms); null = nothing yet. */
  line: string | null;
  lineAtMs: number | null;
  /** A text as people at this machine read it: instants in local time with their distance from now, commands with the spec. */
  local(text: string): string;
  /** The same for instants, without their distance: beside a countdown, which is one. */
  clock(text: string): string;
}

export interface LiveRoom {
  /** Cells of a line, and lines, that may be used. */
  columns: number;
  rows: number;
  colour: boolean;
  unicode: boolean;
}

/** At most `rows` lines of at most `columns` cells each; whatever titles and agents say, a terminal only shows it. */
export const liveView = (state: State, facts: LiveFacts, room: LiveRoom): string[] => {
  if (room.rows < 1 || room.columns < 1) return [];
  const signs = room.unicode ? unicodeSigns : asciiSigns;
  const line = (pieces: Piece[]): string => fitted(pieces, room, signs.ellipsis);
  const now = activityOf(state, facts, room, signs);
  const units = state.plan?.units ?? [];
  // Asked once of each: there may be thousands.
  const kinds = units.map(unit => unitProgress(state, unit).kind);
  if (room.rows < 3)
    return [line(heading(state, kinds, facts, room, signs, now.short)), ...now.lines.map(line)].slice(0, room.rows);

  const at = currentIndex(state, kinds, facts);
  // Its lines stand below the unit they are about, or below the heading when they are about none.
  const about = now.unit === null || at === null ? null : at;
  const left = Math.max(1, room.rows - 1 - now.lines.length);
  const span = spanAround(units.length, at ?? 0, left);
  const shown: Piece[][] = [heading(state, kinds, facts, room, signs, null)];
  if (about === null) shown.push(...now.lines);
  if (span.above > 0) shown.push(moreLine(kinds.slice(0, span.from), signs));
  for (const [k, unit] of units.slice(span.from, span.to).entries()) {
    const index = span.from + k;
    shown.push(unitLine(state, unitProgress(state, unit), facts, room, signs));
    if (index === about) shown.push(...now.lines);
  }
  if (span.below > 0) shown.push(moreLine(kinds.slice(span.to), signs));
  return shown.slice(0, room.rows).map(line);
};

type Kind = UnitProgress['kind'];

const howMany = (kinds: readonly Kind[], kind: Kind): number => kinds.reduce((n, one) => n + Number(one === kind), 0);

interface Signs {
  marks: Record<Mark, string>;
  ellipsis: string;
  dot: string;
  dash: string;
}

const unicodeSigns: Signs = { marks: unicodeMarks, ellipsis: '…', dot: ' · ', dash: ' — ' };
const asciiSigns: Signs = { marks: asciiMarks, ellipsis: '...', dot: ', ', dash: ' - ' };

const styles: Record<Mark, (text: string) => Piece> = {
  completed: green,
  running: cyan,
  checking: cyan,
  waiting: yellow,
  ready: dim,
  blocked: dim,
  failed: red,
  halted: yellow,
  skipped: dim,
};

/** The unit at which people look: what runs, what is waited with, else what comes next. */
const currentIndex = (state: State, kinds: readonly Kind[], { wait }: LiveFacts): number | null => {
  const units = state.plan?.units ?? [];
  const named = state.open?.unit ?? wait?.unit ?? null;
  const index = units.findIndex(unit => unit.id === named);
  if (index >= 0) return index;
  const next = kinds.findIndex(kind => kind === 'checking' || kind === 'ready');
  const open = next >= 0 ? next : kinds.findIndex(kind => kind !== 'completed' && kind !== 'skipped');
  return open >= 0 ? open : units.length > 0 ? units.length - 1 : null;
};

interface Activity {
  /** The unit it is about, or null. */
  unit: string | null;
  lines: Piece[][];
  /** The same in a few words, for a heading that stands alone. */
  short: string | null;
}

const indent = '    ';

/** What happens now: an agent's last line, a wait, or why nothing does. */
const activityOf = (state: State, facts: LiveFacts, room: LiveRoom, signs: Signs): Activity => {
  const { open } = state;
  if (!facts.alive) {
    const why = plainCells(facts.local(whyRun(state, facts.nowMs, false)), room.unicode);
    const lines = wrapped(why, room.columns, room.rows < 8 ? 1 : 3, signs.ellipsis);
    return { unit: null, lines: lines.map(line => [yellow(line)]), short: null };
  }
  if (open) {
    const said = saidWords(facts);
    const short = `${signs.marks.running} ${open.unit ?? whatRuns(state, open)}`;
    const lines: Piece[][] =
      open.unit === null
        ? [
            [
              cyan(`${signs.marks.running} ${whatRuns(state, open)}`),
              dim(`${signs.dash}${runsWords(open, facts.nowMs)}`),
            ],
          ]
        : [];
    lines.push([indent, dim(said)]);
    // With little room the word in the heading must do.
    if (room.rows >= 8) lines.push(...pausedLines(state, facts, room, signs));
    return { unit: open.unit, lines, short };
  }
  if (state.paused) return { unit: null, lines: pausedLines(state, facts, room, signs), short: null };
  const { wait } = facts;
  if (wait === null) return { unit: null, lines: [], short: null };
  const left = `${clockWords(wait.untilMs - facts.nowMs)} left`;
  const because = plainCells(facts.clock(wait.because) + marginWords(state, wait), room.unicode);
  const all = wrapped(`${left}: ${because}`, room.columns - indent.length, room.rows < 8 ? 1 : 3, signs.ellipsis);
  const lines = all.map((line, k): Piece[] =>
    k === 0 ? [indent, yellow(line.slice(0, left.length)), line.slice(left.length)] : [indent, line],
  );
  return { unit: wait.unit, lines, short: `${signs.marks.waiting} ${wait.unit ?? ''} ${left}` };
};

/** Who holds the run back, and the command that ends it: that one has lines of its own, since a command that is cut is none. */
const pausedLines = ({ paused }: State, facts: LiveFacts, room: LiveRoom, signs: Signs): Piece[][] => {
  if (paused === null) return [];
  const parts = [`paused since ${new Date(paused.atMs).toISOString()} by ${paused.by}`, 'seqrun continue goes on'];
  return parts.flatMap(part => {
    const text = plainCells(facts.local(part), room.unicode);
    return wrapped(text, room.columns - indent.length, room.rows < 8 ? 1 : 2, signs.ellipsis).map((line): Piece[] => [
      indent,
      yellow(line),
    ]);
  });
};

/** What is waited beyond the reset that the reason names: without it the countdown and the reset seem to disagree. */
const marginWords = ({ run }: State, { untilMs, because }: Waiting): string => {
  const marginMs = run?.policy.limitMarginMs ?? 0;
  const isOfReset = marginMs > 0 && because.includes(new Date(untilMs - marginMs).toISOString());
  return isOfReset ? `, and ${durationWords(marginMs)} margin` : '';
};

/** `12 s ago: npm test passes`. */
const saidWords = ({ line, lineAtMs, nowMs }: LiveFacts): string => {
  if (lineAtMs === null) return 'no output yet';
  const agoMs = nowMs - lineAtMs;
  // What has just come needs no age.
  const age = agoMs < 3000 ? 'now' : `${durationWords(agoMs)} ago`;
  return line === null ? `last output ${age}` : `${age}: ${line}`;
};

const whatRuns = (state: State, { n, kind, agent, gate }: OpenStart): string =>
  kind === 'assign' ? `${agent} is asked who shall do what` : `gate ${gate?.name ?? ''} ${beforeWhat(state, n)}`;

/** `3 min 12 s on codex, attempt 2`. */
const runsWords = (open: OpenStart, nowMs: number, attempt = 1): string => {
  if (open.phase.kind === 'ending') return `is being ended: ${endingWords(open.phase)}`;
  const sinceMs = open.phase.kind === 'running' ? open.phase.sinceMs : open.intendedAtMs;
  const what = open.kind === 'gate' ? `gate ${open.gate?.name ?? ''}, ` : '';
  const on = open.kind === 'agent' ? ` on ${open.agent}` : '';
  return `${what}${durationWords(nowMs - sinceMs)}${on}${attempt > 1 ? `, attempt ${attempt}` : ''}`;
};

const unitLine = (state: State, progress: UnitProgress, facts: LiveFacts, room: LiveRoom, signs: Signs): Piece[] => {
  const { unit } = progress;
  const waits = progress.kind === 'ready' && facts.alive && facts.wait?.unit === unit.id;
  const mark: Mark = waits ? 'waiting' : progress.kind;
  const note = noteOf(state, progress, facts);
  const head = `${signs.marks[mark]} `;
  const text = plainCells(`${unit.id} ${unit.title}`, room.unicode).trim();
  // Titles may be as long as they like; what is to be known of a unit must be seen beside it.
  const most = note === null ? room.columns : Math.max(room.columns - cellsOf(note) - 6, Math.ceil(room.columns * 0.4));
  const title = cut(text, most, signs.ellipsis);
  const isNow = mark === 'running' || mark === 'waiting';
  const isOver = mark === 'completed' || mark === 'skipped';
  const rest = note === null ? [] : [dim(`${signs.dash}${facts.local(note)}`)];
  return [styles[mark](head), isNow ? bold(title) : isOver ? dim(title) : title, ...rest];
};

const noteOf = (state: State, progress: UnitProgress, { nowMs }: LiveFacts): string | null => {
  switch (progress.kind) {
    case 'running':
      return runsWords(state.open!, nowMs, state.starts.at(-1)?.attempt);
    case 'blocked':
      return blockedWords(state, progress);
    case 'failed':
    case 'skipped':
      return progress.because;
    case 'halted':
      return progress.because ?? 'halted';
    case 'checking':
      return 'its gates have still to be run';
    case 'completed':
    case 'ready':
      return null;
  }
};

/** `… 37 more, 2 failed`: trouble is told also of what has no room. */
const moreLine = (kinds: readonly Kind[], { ellipsis }: Signs): Piece[] => {
  const trouble = (['failed', 'halted'] as const).flatMap(kind => {
    const n = howMany(kinds, kind);
    return n > 0 ? [`${n} ${kind}`] : [];
  });
  return [dim(`${ellipsis} ${kinds.length} more`), ...(trouble.length > 0 ? [red(`, ${trouble.join(', ')}`)] : [])];
};

/** Who, how far, what is wrong, how long; the last parts go where there is no room for all. */
const heading = (
  state: State,
  kinds: readonly Kind[],
  facts: LiveFacts,
  room: LiveRoom,
  signs: Signs,
  short: string | null,
): Piece[] => {
  const { run } = state;
  const name = cut(plainCells(facts.specName, room.unicode).trim(), Math.ceil(room.columns / 2), signs.ellipsis);
  const parts: Piece[] = [`${howMany(kinds, 'completed')}/${kinds.length} done`];
  if (short !== null) parts.push(short);
  if (facts.alive && state.paused) parts.push(yellow('paused'));
  const [failed, halted, skipped] = [howMany(kinds, 'failed'), howMany(kinds, 'halted'), howMany(kinds, 'skipped')];
  if (failed > 0) parts.push(red(`${failed} failed`));
  if (halted > 0) parts.push(yellow(`${halted} halted`));
  if (skipped > 0) parts.push(`${skipped} skipped`);
  if (facts.alive && state.stopping) parts.push(yellow('stopping'));
  if (run) {
    const untilMs = facts.alive || !state.lastEnd ? facts.nowMs : state.lastEnd.atMs;
    parts.push(durationWords(untilMs - run.startedAtMs));
    // One that has begun counts once it has ended.
    const iteration = run.iterations + (state.open?.kind === 'agent' ? 1 : 0);
    if (iteration > 0) parts.push(`iteration ${iteration} of ${run.policy.maxIterations}`);
  }
  const line: Piece[] = [bold(name)];
  let left = room.columns - cellsOf(name);
  for (const [k, part] of parts.entries()) {
    const joint = k === 0 ? '  ' : signs.dot;
    left -= cellsOf(joint) + cellsOf(typeof part === 'string' ? part : part.text);
    if (left < 0 && k > 0) break;
    line.push(joint, part);
  }
  return line;
};

const chalk = new Chalk({ level: 1 });

/** The pieces as one line: cleaned, cut where the room ends, coloured if that is wanted. */
const fitted = (pieces: readonly Piece[], { columns, colour, unicode }: LiveRoom, ellipsis: string): string => {
  const texts = pieces.map(piece => plainCells(typeof piece === 'string' ? piece : piece.text, unicode));
  const paint = (text: string, piece: Piece): string =>
    colour && typeof piece !== 'string' && text !== '' ? chalk[piece.style](text) : text;
  const whole = texts.map((text, k) => paint(text, pieces[k]!)).join('');
  if (texts.reduce((sum, text) => sum + cellsOf(text), 0) <= columns) return whole;
  const end = cellsOf(ellipsis) <= columns ? ellipsis : '';
  let room = columns - cellsOf(end);
  let line = '';
  for (const [k, text] of texts.entries()) {
    const cells = cellsOf(text);
    if (cells > room) return line + paint(`${cut(text, room, '')}${end}`, pieces[k]!);
    line += paint(text, pieces[k]!);
    room -= cells;
  }
  return line + end;
};
