// The setting `require`: what done needs, and what of it contradicts the other settings.
import type { Requirement } from '../core/policy.ts';
import { type Failure, usageFailure } from './errors.ts';
import type { Values } from './flags.ts';

const canHaveGates = (values: Values): boolean =>
  (values.verify ?? []).length > 0 || values['allow-task-commands'] === true;

/**
 * What done needs, from merged values that `requirementFailures` has nothing against. A gate that is set is always required;
 * `--on-missing-signal done` leaves the signal to where no gate is.
 */
export const requireOf = (values: Values): Requirement[] => {
  const wanted = new Set<Requirement>(values.require ?? ['signal']);
  if (canHaveGates(values)) wanted.add('verify');
  if (values['on-missing-signal'] === 'done') wanted.delete('signal');
  return (['signal', 'verify', 'change'] as const).filter(one => wanted.has(one));
};

/** The user has said that each unit needs a gate, and not only that gates count. */
export const wantsEveryGate = (values: Values): boolean => values.require?.includes('verify') ?? false;

/** Flags that can ask for what nothing gives. */
type Wish = 'require' | 'on-missing-signal';

/** Requirements that nothing could meet, or that leave a unit done without evidence. */
export const requirementFailures = (values: Values): (Failure & { about: Wish })[] => {
  const failures: (Failure & { about: Wish })[] = [];
  const refuse = (about: Wish, what: string, expected: string, next: string) =>
    failures.push({ ...usageFailure(what, { expected, next }), about });
  const { require: wanted } = values;
  const aGate = 'a command that checks the units: --verify, "verify" in the config file, or --allow-task-commands';
  if (wanted && !wanted.includes('signal') && !wanted.includes('verify')) {
    refuse(
      'require',
      `--require ${wanted.join(',')} asks for no evidence that a unit is finished`,
      'signal, verify, or both in the list',
      `--require ${['signal', ...wanted].join(',')}`,
    );
  } else if (wanted?.includes('verify') && !canHaveGates(values)) {
    refuse('require', `--require ${wanted.join(',')} has no gate to run`, aGate, '--verify "npm test"');
  }
  if (values['on-missing-signal'] !== 'done') return failures;
  if (wanted?.includes('signal')) {
    refuse(
      'on-missing-signal',
      '--on-missing-signal done and --require signal contradict each other',
      'one of them: the signal is required, or gates decide alone',
      `--require ${wanted.filter(one => one !== 'signal').join(',') || 'verify'}`,
    );
  }
  if (!canHaveGates(values)) {
    refuse(
      'on-missing-signal',
      '--on-missing-signal done has no gate: nothing would check the work',
      aGate,
      '--verify "npm test"',
    );
  }
  return failures;
};
