// `seqrun handoff`: what a person needs to know of the spec as it is now, as the progress file says it at the end of a run.
import { cut } from '../../core/closing-text.ts';
import { type Handoff, handoffOf } from '../../core/handoff.ts';
import { handoffLines, type LineForm } from '../../core/handoff-lines.ts';
import type { Review } from '../../core/state.ts';
import type { Intention } from '../intention.ts';
import { localTimes } from '../local-time.ts';
import { lookAt } from '../look.ts';
import type { Io } from '../main.ts';
import { bothWords } from '../spec-words.ts';

export const run = async (intention: Intention, io: Io): Promise<number> => {
  const looked = await lookAt(intention, io, { fresh: true });
  if ('exit' in looked) {
    io.console.fail(looked);
    return looked.exit;
  }
  const { state, places, runner } = looked;
  const nowMs = Date.now();
  const handoff = handoffOf(state, {
    specWords: bothWords(intention, state.run?.words ?? []),
    nowMs,
    alive: runner !== null,
    unitsMax: Number.POSITIVE_INFINITY,
  });
  if (intention.settings.json) {
    const { lastEnd } = state;
    const end = lastEnd && { exit: lastEnd.exit, end: lastEnd.end, because: lastEnd.because, at: isoOf(lastEnd.atMs) };
    io.console.json({ spec: places.specName, now: isoOf(nowMs), last_end: end, ...fieldsOf(handoff) }, 2);
    return 0;
  }
  const [head, ...lines] = handoffLines(handoff, plain);
  io.console.out({ style: 'bold', text: localTimes(`${places.specName}: ${head}`) });
  for (const line of lines) io.console.out(localTimes(line));
  return 0;
};

/** The console makes text harmless. */
const plain: LineForm = {
  show: (text, max) => cut(text.replace(/\s+/g, ' ').trim(), max),
  title: (name, note) => `${name}${note === '' ? '' : ` (${note})`}:`,
  command: text => text,
  commands: lines => lines.map(line => `  ${line}`),
};

const isoOf = (atMs: number): string => new Date(atMs).toISOString();

const reviewFields = (review: Review | null) =>
  review && { status: review.kind, because: review.because, at: isoOf(review.atMs) };

const fieldsOf = ({ head, done, left, person, red, notes, next }: Handoff) => ({
  head,
  done: done.list.map(unit => ({
    id: unit.id,
    title: unit.title,
    rests_on: unit.restsOn,
    signal: unit.signal,
    gates: unit.gates,
    changed: unit.changed,
    start: unit.start,
    commits: unit.commits,
    review: reviewFields(unit.review),
  })),
  not_done: left.list.map(unit => ({
    id: unit.id,
    title: unit.title,
    status: unit.status,
    because: unit.because,
    attempts: unit.counters?.attempts ?? 0,
    follow_ups: unit.counters?.followUps ?? 0,
    starts: unit.counters?.starts ?? 0,
    start: unit.start,
    output: unit.output,
    review: reviewFields(unit.review),
  })),
  waiting_for_person: person.map(({ kind, what, quote, commands }) => ({ kind, what, quote, commands })),
  known_red: red,
  notes,
  next,
});
