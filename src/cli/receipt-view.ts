// The receipt of a start on one screen, for people. Pure.
import { changedIn, reviewAfter } from '../core/receipt.ts';
import { remainingBefore, remainingWords } from '../core/remaining.ts';
import { restsOnWords } from '../core/rests-on.ts';
import type { StartRecord, State } from '../core/state.ts';
import { beforeWhat, durationWords, moneyWords, outcomeWords, unitChangedOnly } from '../core/words.ts';
import { gateWords, reviewWords } from './proof-words.ts';

const warning = 'warning: ';
const remains = 'the agent names what remains';

/** Outcome, what it rests on, each gate, and last what a person should look at. Texts are hostile; instants are ISO. */
export const receiptLines = (state: State, start: StartRecord): string[] => {
  const { outcome, usage, closing } = start;
  const look = toLookAt(state, start);
  return [
    `${whatWords(state, start)}, start ${start.n}${start.iteration ? `, iteration ${start.iteration}` : ''} on ${start.agent}${start.model ? ` (${start.model})` : ''}${start.agentMode ? `, mode ${start.agentMode}` : ''}`,
    `outcome: ${outcome ? outcomeWords(outcome) : 'still open'}`,
    ...(start.kind === 'agent' && outcome?.kind === 'completed' ? [`rests on: ${restsOnWords(start)}`] : []),
    ...start.evidence.map(line => `  ${line}`),
    ...start.gates.map(gateWords),
    ...(closing?.summary ? [`the agent says: ${cut(closing.summary, 500)}`] : []),
    ...listed('achieved, it says', closing?.achieved ?? []),
    ...(start.endedAtMs === null
      ? []
      : [
          `time: ${new Date(start.intendedAtMs).toISOString()}, took ${durationWords(start.endedAtMs - start.intendedAtMs)}`,
        ]),
    ...(usage
      ? [
          `tokens: ${usage.inputTokens} in (${usage.cachedInputTokens} cached), ${usage.outputTokens} out${usage.costUsd === null ? '' : `, ${moneyWords(usage.costUsd)}`}`,
        ]
      : []),
    ...(start.commits ? [`commits: ${start.commits.join(', ')}`] : []),
    ...(start.session ? [`agent session: ${start.session}`] : []),
    `files: ${start.folder}`,
    ...(look.length > 0 ? ['look at:', ...look.map(line => `  ${line}`)] : []),
  ];
};

const whatWords = (state: State, { n, kind, unit, gate }: StartRecord): string => {
  if (kind === 'baseline') return `gate ${gate?.name} ${beforeWhat(state, n)}`;
  return kind === 'gate' ? `gate ${gate?.name} of unit ${unit}` : `unit ${unit ?? '(assignment)'}`;
};

/** What seqrun cannot judge, or could not make right. */
const toLookAt = (state: State, start: StartRecord): string[] => {
  const { unit, gates, closing, outcome } = start;
  const lines: string[] = [];
  const record = unit === null ? undefined : state.units.get(unit);
  const isLast = state.starts.findLast(one => one.unit === unit && one.kind === 'agent') === start;
  const review = reviewAfter(state, start);
  if (review) lines.push(reviewWords(review));
  if (isLast && record?.standing.kind === 'failed') lines.push(`the unit failed: ${record.standing.because}`);
  for (const gate of gates) {
    if (gate.result === 'passed') continue;
    const folder = state.starts.find(one => one.n === gate.start)?.folder;
    const what = gate.result === 'accepted' ? 'is red, and was accepted' : 'failed';
    lines.push(`gate ${gate.name} ${what}${folder === undefined ? '' : `: what it printed is in ${folder}/view.log`}`);
  }
  // An open review may be about it already.
  if (review?.kind !== 'open' || !review.because?.startsWith(remains))
    lines.push(...listed(remains, closing?.remaining ?? []));
  if (review?.kind !== 'approved' && !review?.because?.startsWith(remainingWords))
    lines.push(...listed(remainingWords, remainingBefore(state, start)));
  if (outcome?.kind === 'completed' && changedIn(start) === false) {
    const before = record?.treeBefore ?? null;
    const byUnit = before !== null && before !== start.tree.after?.hash;
    lines.push(byUnit ? unitChangedOnly : 'nothing in the working tree changed');
  }
  for (const line of start.evidence) if (line.startsWith(warning)) lines.push(line.slice(warning.length));
  return lines;
};

const listed = (name: string, entries: readonly string[]): string[] => {
  if (entries.length === 0) return [];
  const more = entries.length > 5 ? ` and ${entries.length - 5} more` : '';
  return [`${name}: ${cut(entries.slice(0, 5).join('; '), 500)}${more}`];
};

const cut = (text: string, length: number): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
};
