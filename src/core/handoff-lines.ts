// The hand-off as lines for people: Markdown for the progress file, plain for a terminal.
import { cut } from './closing-text.ts';
import { defaults } from './defaults.ts';
import type { Cut, DoneUnit, Handoff, LeftUnit } from './handoff.ts';
import type { Review } from './state.ts';
import { count } from './words.ts';

/** How lines look where they are shown. */
export interface LineForm {
  /** Foreign text as one harmless line of at most `max` characters. */
  show(text: string, max: number): string;
  title(name: string, note: string): string;
  /** One command within a list, as it is typed but harmless. */
  command(text: string): string;
  /** Commands that can be pasted, as lines. */
  commands(lines: string[]): string[];
}

/** A line can hold a reason, and the words around it. */
const lineMax = 700;
/** A question may be long; all of it is needed to answer it. */
const questionMax = 4_000;
const titleMax = 120;

/** The hand-off, section by section with an empty line between; sections without content are left out. */
export const handoffLines = (handoff: Handoff, form: LineForm): string[] => {
  const { show } = form;
  const item = (text: string): string => `- ${show(text, lineMax)}`;
  const quote = (lines: readonly string[], max: number): string[] =>
    lines.map(line => `  > ${show(line, max)}`.trimEnd());
  const sections: string[][] = [[show(handoff.head, lineMax)]];
  const section = (name: string, note: string, lines: string[]): void => {
    if (lines.length > 0) sections.push([form.title(name, note), '', ...lines]);
  };

  section('Done', 'seqrun receipt ID shows all that one rests on', [
    ...handoff.done.list.map(unit => item(doneText(unit))),
    ...moreLine(handoff.done, 'done before these'),
  ]);
  section('Not done, and why', '', [
    ...handoff.left.list.flatMap(unit => [
      item(leftText(unit)),
      ...(unit.output === null ? [] : quote(lastLines(unit.output), defaults.handoffOutputWidth)),
    ]),
    ...moreLine(handoff.left, 'not done either'),
  ]);
  section(
    'Waiting for a person',
    '',
    handoff.person.flatMap(({ what, quote: words, commands }) => [
      item(what),
      ...(words === null ? [] : quote(cut(words, questionMax).split(/\r\n|\r|\n/), questionMax)),
      ...commands.map(command => `  - ${form.command(command)}`),
    ]),
  );
  section(
    'Known red',
    '',
    handoff.red.map(({ name, command, words }) => item(`gate ${name} (${cut(command, 200)}): ${words}`)),
  );
  section('Notes', '', handoff.notes.map(item));
  section('What to type next', '', form.commands(handoff.next));
  return sections.flatMap((lines, k) => (k === 0 ? lines : ['', ...lines]));
};

const moreLine = ({ more }: Cut<unknown>, words: string): string[] =>
  more > 0 ? [`- and ${count(more, 'unit')} ${words} (seqrun handoff names them)`] : [];

const doneText = (unit: DoneUnit): string => {
  const proof = unit.changed === null ? '' : unit.changed ? 'files changed' : 'no file changed';
  const commits =
    unit.commits.length === 0
      ? ''
      : `, ${unit.commits.length === 1 ? 'commit' : 'commits'} ${unit.commits.map(sha => sha.slice(0, 12)).join(', ')}`;
  const start = unit.start === null ? '' : ` — start ${unit.start}${commits}`;
  return `${named(unit)}: ${unit.restsOn}${proof === '' ? '' : ` (${proof})`}${start}${reviewText(unit.review)}`;
};

const leftText = (unit: LeftUnit): string => {
  const { counters, start, status } = unit;
  const tries = [
    ...(counters && counters.attempts > 0 ? [count(counters.attempts, 'attempt')] : []),
    ...(counters && counters.followUps > 0 ? [count(counters.followUps, 'follow-up')] : []),
    ...(counters ? [count(counters.starts, 'start')] : []),
    ...(start === null ? [] : [`the last is start ${start}`]),
  ].join(', ');
  return `${named(unit)}: ${status.replace('_', ' ')}: ${cut(unit.because, 400)}${tries === '' ? '' : ` — ${tries}`}${reviewText(unit.review)}`;
};

const named = ({ id, title }: { id: string; title: string }): string => `${id} ${cut(title, titleMax)}`;

const reviewText = (review: Review | null): string => {
  if (review === null) return '';
  const because = review.because === null ? '' : `: ${cut(review.because, 300)}`;
  switch (review.kind) {
    case 'open':
      return ` — NOT REVIEWED YET${because}`;
    case 'rejected':
      return ` — REJECTED by a person${because}`;
    case 'approved':
      return ` — approved by a person${because}`;
  }
};

const lastLines = (output: string): string[] =>
  output
    .trimEnd()
    .split(/\r\n|\r|\n/)
    .slice(-defaults.handoffOutputLines);
