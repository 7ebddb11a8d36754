// Merged values → settings: every default is filled in here.
import { defaults } from '../core/defaults.ts';
import type { Values } from './flags.ts';
import type { Settings } from './intention.ts';

/** The settings of one call. Nothing is absent any more. */
export const settingsOf = (values: Values, opencode: { agent: string | null; model: string | null }): Settings => ({
  workdir: values.workdir ?? null,
  only: values.only ?? null,
  from: values.from ?? null,
  until: values.until ?? null,
  includeOptional: values['include-optional'] ?? false,
  granularity: values.granularity ?? defaults.granularity,
  lenientDeps: values['lenient-deps'] ?? false,
  backend: values.command === undefined ? (values.backend ?? null) : 'command',
  assignBackend: values['assign-backend'] ?? null,
  model: values.model ?? null,
  commandTemplate: values.command ?? null,
  assign: values['no-assign'] ? 'none' : (values.assign ?? defaults.assign),
  assignOpencodeAgent: values['assign-opencode-agent'] ?? defaults.assignOpencodeAgent,
  opencodeAgent: opencode.agent,
  opencodeModel: opencode.model,
  maxIterations: values['max-iterations'] ?? defaults.maxIterations,
  delayMs: values.delay ?? defaults.delayMs,
  timeoutMs: values.timeout ?? defaults.timeoutMs,
  stallTimeoutMs: values['stall-timeout'] ?? defaults.stallTimeoutMs,
  limitMarginMs: values['limit-margin'] ?? defaults.limitMarginMs,
  maxAttempts: values['max-attempts'] ?? defaults.maxAttempts,
  maxFollowUps: values['max-follow-ups'] ?? defaults.maxFollowUps,
  onFail: values['on-fail'] ?? defaults.onFail,
  onMissingSignal: values['on-missing-signal'] === 'fail' ? 'fail' : defaults.onMissingSignal,
  tmuxSession: values['tmux-session'] ?? null,
  noTmux: values['no-tmux'] ?? false,
  keepWindows: values['keep-windows'] ?? defaults.keepWindows,
  writeTasks: !values['no-write-tasks'],
  fresh: values.fresh ?? false,
  acceptConfig: values['accept-config'] ?? false,
  adoptState: values['adopt-state'] ?? false,
  breakLock: values['break-lock'] ?? false,
  json: values.json ?? false,
  quiet: values.quiet ?? false,
  verbose: values.verbose ?? false,
  noColor: values['no-color'] ?? false,
});
