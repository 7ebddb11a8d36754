// Settings and agents of a run → the policy that its journal keeps. Pure but for the time zone.
import type { Policy } from '../../core/policy.ts';
import { proofTyped } from '../as-last-time.ts';
import type { Intention } from '../intention.ts';
import { nextTime } from '../until-time.ts';
import type { Workers } from './workers.ts';

/** What the loop decides with, from the first event of the run to its last. `nowMs` is when the run begins. */
export const policyOf = (intention: Intention, { chosen, modes, agentNamed }: Workers, nowMs: number): Policy => {
  const { settings } = intention;
  const { backend, assignBackend, owners } = chosen;
  return {
    delayMs: settings.delayMs,
    maxIterations: settings.maxIterations,
    ...(settings.jitterPercent > 0 ? { jitter: settings.jitterPercent / 100 } : {}),
    ...(settings.maxRuntimeMs === null ? {} : { maxRuntimeMs: settings.maxRuntimeMs }),
    ...(settings.untilTime === null
      ? {}
      : { endAt: { atMs: nextTime(settings.untilTime, nowMs), asked: settings.untilTime } }),
    maxAttempts: settings.maxAttempts,
    maxFollowUps: settings.maxFollowUps,
    onFail: settings.onFail,
    onMissingSignal: settings.onMissingSignal === 'fail' ? 'fail' : 'follow-up',
    timeoutMs: settings.timeoutMs,
    stallTimeoutMs: settings.stallTimeoutMs,
    limitMarginMs: settings.limitMarginMs,
    assign: settings.assign,
    backend,
    assignBackend,
    model: settings.model,
    owners,
    resumable: [...new Set([backend, assignBackend, ...Object.values(owners)])].filter(
      name => agentNamed(name).resumable,
    ),
    modes: Object.fromEntries(modes.map(({ agent, mode }) => [agent, mode])),
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
};
