// `seqrun why [unit]`: the recorded reason for where the run, or one unit, stands.

import type { Skip, Unit } from '../../core/plan-types.ts';
import { rehearsedUnits } from '../../core/rehearsed.ts';
import type { State } from '../../core/state.ts';
import { leftOut, unitProgress } from '../../core/units.ts';
import { leftOutWords, whyRun, whyUnit } from '../../core/why.ts';
import { withSpec } from '../../core/with-spec.ts';
import type { Intention } from '../intention.ts';
import { localTimes } from '../local-time.ts';
import { lookAt, unseenWords } from '../look.ts';
import type { Io } from '../main.ts';
import { checkingWords, gateWords, lastAgentStart, reviewOf, reviewWords } from '../proof-words.ts';
import { bothWords } from '../spec-words.ts';
import { findUnit } from '../which-unit.ts';

export const run = async (intention: Intention, io: Io): Promise<number> => {
  const looked = await lookAt(intention, io, { fresh: true });
  if ('exit' in looked) {
    io.console.fail(looked);
    return looked.exit;
  }
  const { state, runner } = looked;
  const doubt = unseenWords(looked);
  if (doubt) io.console.warn(doubt);
  const said = (line: string): string => localTimes(withSpec(line, bothWords(intention, state.run?.words ?? [])));
  const nowMs = Date.now();
  const alive = runner !== null;
  const wanted = intention.command === 'why' ? intention.unit : null;
  if (wanted !== null) {
    const skip = leftOut(state, wanted.replace(/\.$/, ''));
    if (skip) return tellLeftOut(intention, io, { ...looked, nowMs }, skip);
    const unit = findUnit(state, wanted);
    if ('exit' in unit) {
      io.console.fail(unit);
      return unit.exit;
    }
    const lines = [...whyUnit(state, unit.unit, nowMs, alive), ...proofLines(state, unit.unit)];
    const status = unitProgress(state, unit.unit).kind;
    const rehearsed = rehearsedUnits(state).includes(unit.unit);
    if (intention.settings.json) io.console.json({ unit: unit.unit.id, status, rehearsed, why: lines }, 2);
    else for (const line of lines) io.console.out(said(line));
    return 0;
  }
  const played = rehearsedUnits(state).map(({ id }) => id);
  const lines = [
    whyRun(state, nowMs, alive),
    ...(played.length > 0 ? [`only rehearsed, no agent has worked on them: ${played.join(', ')}`] : []),
  ];
  for (const unit of state.plan?.units ?? []) {
    if (unitProgress(state, unit).kind !== 'completed') lines.push(whyUnit(state, unit, nowMs, alive)[0]!);
  }
  for (const skip of state.plan?.skipped ?? []) lines.push(leftOutWords(skip.id, skip));
  if (intention.settings.json) io.console.json({ why: lines, rehearsed: played }, 2);
  else for (const line of lines) io.console.out(said(line));
  return 0;
};

/** Its gates as they stand, and what a person has said of it, or has still to. */
const proofLines = (state: State, unit: Unit): string[] => {
  const checking = checkingWords(state, unit);
  const review = reviewOf(state, unit);
  return [
    ...(checking === null ? [] : [checking]),
    ...(lastAgentStart(state, unit.id)?.gates ?? []).map(gateWords),
    ...(review ? [`review: ${reviewWords(review)}`] : []),
  ];
};

/** Nothing runs for this task; where it stands in a unit, that one's reason is told as the unit's own. */
const tellLeftOut = (
  intention: Intention,
  io: Io,
  { state, runner, nowMs }: { state: State; runner: unknown; nowMs: number },
  skip: Skip,
): number => {
  const typed = intention.command === 'why' ? (intention.unit ?? '') : '';
  const around = state.plan?.units.find(one => one.tasks.includes(skip.id));
  const lines = [
    leftOutWords(typed.replace(/\.$/, ''), skip),
    ...(around ? [`its unit, without it: ${whyUnit(state, around, nowMs, runner !== null)[0]}`] : []),
  ];
  if (intention.settings.json) io.console.json({ unit: around?.id ?? skip.id, status: 'left_out', why: lines }, 2);
  else for (const line of lines) io.console.out(localTimes(line));
  return 0;
};
