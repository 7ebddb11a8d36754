// What --only, --from and --until choose, looked at before anything is held or written: a typing error is no run.
import { readFile } from 'node:fs/promises';
import { defaults } from '../core/defaults.ts';
import { makePlan } from '../core/plan.ts';
import type { Plan } from '../core/plan-types.ts';
import type { Diagnostic } from '../core/task.ts';
import { readSpec } from '../spec/read.ts';
import { type Failure, usageFailure } from './errors.ts';
import type { Intention, Settings } from './intention.ts';
import { placesOf } from './places.ts';
import { planOptionsOf } from './plan-options.ts';
import { lookWords } from './spec-words.ts';

const ofSelection: readonly string[] = ['unknown_unit', 'empty_selection'];

/** The words were wrong, not the file: no error but those of the selection, and at least one of them. */
export const isSelectionError = (diagnostics: readonly Diagnostic[]): boolean => {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return errors.length > 0 && errors.every(({ code }) => ofSelection.includes(code));
};

/** One line per unit of which only some tasks are named by --only: in group granularity all of it runs. */
export const selectionNotes = (plan: Plan, settings: Pick<Settings, 'only' | 'granularity'>): string[] => {
  if (settings.only === null || settings.granularity !== 'group') return [];
  const only = new Set(settings.only);
  return plan.units.flatMap(unit => {
    const named = unit.tasks.filter(id => id !== unit.id && only.has(id));
    if (named.length === 0 || only.has(unit.id) || unit.leaves.every(leaf => only.has(leaf.id))) return [];
    const [are, alone] = named.length === 1 ? ['is', 'it'] : ['are', 'them'];
    return `${named.join(', ')} ${are} part of unit ${unit.id}: all of it runs (--granularity leaf runs ${alone} alone)`;
  });
};

/**
 * Looks whether the selection names units of the task file as it is now. Failures (64) only when nothing else is wrong: what is wrong
 * with the file itself, or with its place, is told by the run. Reads the file; without a selection not even that.
 */
export const checkSelection = async (
  intention: Intention,
  cwd: string,
): Promise<{ failures: Failure[]; notes: string[] }> => {
  const { settings } = intention;
  const nothing = { failures: [], notes: [] };
  if (settings.only === null && settings.from === null && settings.until === null) return nothing;
  const { tasksPath } = placesOf(intention.spec, settings.workdir, cwd);
  const bytes = await readFile(tasksPath).catch(() => null);
  if (bytes === null || bytes.length > defaults.specBytesMax) return nothing;
  const spec = readSpec(bytes, undefined, { dialect: settings.dialect });
  const options = planOptionsOf(settings);
  const { plan, diagnostics } = makePlan(spec, options);
  if (!isSelectionError([...spec.diagnostics, ...diagnostics])) {
    return { failures: [], notes: selectionNotes(plan, settings) };
  }
  const whole = makePlan(spec, { ...options, only: null, from: null, until: null }).plan.units;
  const ids = whole.slice(0, idsShown).map(unit => unit.id);
  const failures = diagnostics
    .filter(({ code }) => ofSelection.includes(code))
    .map(({ message }) =>
      usageFailure(message.replace(/ "seqrun plan" lists the units\.$/, '').replace(/\.$/, ''), {
        where: { name: tasksPath },
        expected: `one of ${ids.join(', ')}${whole.length > idsShown ? ', …' : ''}, or of the tasks in them`,
        next: `seqrun plan ${lookWords(intention)}`,
      }),
    );
  return { failures, notes: [] };
};

const idsShown = 12;
