// What an agent's good end still needs before it counts: what it said itself, a change in the tree, gates. Takes away, never adds.
import { unrunChecks } from './check.ts';
import { type Closing, readClosing } from './closing.ts';
import { closingWish } from './closing-wish.ts';
import type { BoxChanges, Outcome } from './events.ts';
import { asHeld } from './held-proof.ts';
import type { Requirement } from './policy.ts';
import type { OpenStart, State } from './state.ts';
import type { EndObservation } from './transition.ts';
import type { TreeNote } from './tree.ts';
import type { Verdict } from './verdict.ts';
import { unitChangedOnly } from './words.ts';

/** Gates are required of whoever has them. */
const requiredByDefault: readonly Requirement[] = ['signal', 'verify'];

/** A signal can only be left out where gates stand in for it. */
export const isSignalRequired = (state: State, open: Pick<OpenStart, 'gates'>): boolean =>
  requirements(state).includes('signal') || (open.gates ?? []).length === 0;

/** The verdict with the closing block, the working tree and the gates taken into account. */
export const withProof = (
  state: State,
  open: OpenStart,
  { seen, tree = null, boxes }: EndObservation,
  judged: Verdict,
): Verdict & { closing?: Closing } => {
  const { closing, warnings } = readClosing(seen.facts.finalText ?? '', { runId: open.run ?? '' });
  const before = state.units.get(open.unit!)?.treeBefore ?? open.tree?.hash ?? null;
  const change: Change = before === null || tree === null ? 'unknown' : before === tree.hash ? 'none' : 'some';
  const unit = state.plan?.units.find(one => one.id === open.unit);
  const own = new Set(unit?.tasks ?? []);
  const ticked = (boxes?.ticked ?? []).filter(id => own.has(id));
  const said = withClosing(judged.outcome, closing);
  const outcome = withGates(withChange(withBoxes(said, state, open, boxes), state, open, change), open);
  const evidence = [
    ...judged.evidence,
    ...(change === 'unknown' ? [] : [`working tree: ${changeWords(change, open.tree?.hash === tree?.hash)}`]),
    ...(unit ? unrunChecks(state, unit) : []).map(
      command => `the task file names a check that was not run: ${oneLine(command)} (--allow-task-commands runs it)`,
    ),
    ...(ticked.length > 0 ? [`boxes ticked by the agent: ${ticked.join(', ')}`] : []),
    ...(closing
      ? [
          `closing block: ${closing.recommendedAction ?? 'in_review'}${closing.remaining.length > 0 ? `, ${closing.remaining.length} remaining` : ''}`,
        ]
      : []),
    ...[...warnings, ...branchesLeft(open.tree ?? null, tree)].map(warning => `warning: ${warning}`),
  ];
  return { ...judged, outcome, evidence, ...(closing ? { closing } : {}) };
};

/** What comes next is built, and maybe committed, elsewhere than the user thinks. */
const branchesLeft = (before: TreeNote | null, after: TreeNote | null): string[] =>
  (before?.repos ?? []).flatMap(({ path, branch }) => {
    const now = after?.repos.find(repo => repo.path === path);
    if (!now || now.branch === branch || branch === null) return [];
    return [`it left the branch ${branch} (now: ${now.branch ?? 'no branch'})${path === '.' ? '' : ` in ${path}`}`];
  });

/** `idle`: the start itself changed nothing. */
const changeWords = (change: 'some' | 'none', idle: boolean): string => {
  if (change === 'some' && idle) return unitChangedOnly;
  return `${change === 'some' ? 'changed' : 'not changed'} since the unit began`;
};

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 300);

type Change = 'some' | 'none' | 'unknown';

const requirements = (state: State): readonly Requirement[] => state.run!.policy.require ?? requiredByDefault;

/** The agent says itself that something is left, or that a person is needed: believed, unlike its word that nothing is. */
const withClosing = (outcome: Outcome, closing: Closing | null): Outcome => {
  if (closing === null || (outcome.kind !== 'completed' && outcome.kind !== 'unconfirmed')) return outcome;
  const wish = closingWish(closing);
  if (wish.kind === 'person') return { kind: 'halted', reason: wish.reason };
  if (wish.kind !== 'follow_up') return outcome;
  return { kind: 'unconfirmed', missing: outcome.kind === 'completed' ? 'rest' : outcome.missing, next: wish.text };
};

/**
 * Subtasks that its agents have left open although they tick boxes: asked about once. Who ticks none says nothing by it, and who says
 * again that all is done has forgotten a box.
 */
const withBoxes = (outcome: Outcome, state: State, open: OpenStart, boxes: BoxChanges | null): Outcome => {
  const asked = open.reason.kind === 'follow_up' && open.reason.from === 'boxes';
  if (outcome.kind !== 'completed' || asked || boxes === null) return outcome;
  const leaves = state.plan?.units.find(unit => unit.id === open.unit)?.leaves ?? [];
  const due = leaves.map(leaf => leaf.id).filter(id => !state.done.has(id));
  const now = new Set([...state.ticked, ...boxes.ticked].filter(id => !boxes.opened.includes(id)));
  const left = due.filter(id => !now.has(id));
  return left.length > 0 && left.length < due.length ? { kind: 'unconfirmed', missing: 'boxes', left } : outcome;
};

const withChange = (outcome: Outcome, state: State, open: OpenStart, change: Change): Outcome => {
  if (outcome.kind !== 'completed' || !requirements(state).includes('change') || change === 'some') return outcome;
  const unit = state.plan?.units.find(one => one.id === open.unit);
  return unit && asHeld(state, unit).noChange ? outcome : { kind: 'unconfirmed', missing: 'change' };
};

const withGates = (outcome: Outcome, open: OpenStart): Outcome =>
  outcome.kind === 'completed' && (open.gates ?? []).length > 0
    ? { kind: 'checking', signal: outcome.signal }
    : outcome;
