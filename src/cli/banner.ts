// The lines a run begins with: everything that was chosen, and how to watch.
import { timeBound } from '../core/holding-back.ts';
import type { Unit } from '../core/plan-types.ts';
import type { Policy } from '../core/policy.ts';
import type { State } from '../core/state.ts';
import { counts, notSelected } from '../core/units.ts';
import { count } from '../core/words.ts';
import type { ChosenMode } from './agent-modes.ts';
import type { Backends } from './backend.ts';
import type { FlagName } from './flags.ts';
import type { Intention, Settings } from './intention.ts';
import type { PromptParts } from './run/prompt-parts.ts';
import type { Taken } from './take.ts';

export interface BannerInput {
  state: State;
  settings: Settings;
  places: Taken['places'];
  taken: Taken;
  policy: Policy;
  /** Where the settings came from: what was taken over from the last run says so. */
  origins: Intention['origins'];
  chosen: Backends;
  prompts: Pick<PromptParts, 'task' | 'folder' | 'own'>;
  /** Of the agents that may be started. */
  modes: readonly ChosenMode[];
  sessionName: string;
  /** The command that shows the windows, or null without tmux. */
  attach: string | null;
}

/** Of a policy, or of the settings that will make it. */
type ProofSettings = Pick<Policy, 'gates' | 'baseline' | 'require' | 'review' | 'git' | 'allowTaskCommands'>;

/** What a unit needs to be done, as far as it is more than the agent's word; what was taken over from the last run says so. */
export const proofLines = (
  units: readonly Unit[],
  { gates = [], baseline, require = [], review, git, allowTaskCommands }: ProofSettings,
  origins: Intention['origins'],
): string[] => {
  const from = (...names: FlagName[]) => (names.some(name => origins[name] === 'last') ? ' (as in the last run)' : '');
  const own = units.filter(unit => (unit.verify ?? []).length > 0).length;
  const checked = gates.length > 0 || allowTaskCommands;
  return [
    ...gates.map(gate => `gate ${gate.name}: ${gate.command}${from('verify')}`),
    ...(allowTaskCommands ? [`gates of the task file: ${count(own, 'unit')}${from('allow-task-commands')}`] : []),
    ...(checked || require.includes('change')
      ? [`require=${require.join(',')}${from('require', 'on-missing-signal')}`]
      : []),
    ...(gates.length > 0 && baseline !== undefined ? [`baseline=${baseline}${from('baseline')}`] : []),
    ...(review === undefined || review === 'none' ? [] : [`review=${review}${from('review', 'stop-at-checkpoints')}`]),
    ...(git === undefined || git === 'note' ? [] : [`git=${git}${from('git')}`]),
  ];
};

/** Whose words the agents are told, as far as they are not those of seqrun: whoever can write there decides what they hear. */
const promptLines = ({ prompts, settings }: BannerInput): string[] => {
  const own = prompts.own.filter(name => name !== 'task' || prompts.task === null);
  return [
    ...(prompts.task === null ? [] : [`prompt_template=${settings.promptTemplate}`]),
    ...(own.length > 0 ? [`own_prompts=${own.join(',')} in ${prompts.folder}`] : []),
  ];
};

export const bannerLines = (input: BannerInput): string[] => {
  const { state, settings, places, taken, policy, chosen } = input;
  const tally = counts(state);
  const units = state.plan?.units.length ?? 0;
  const others = notSelected(state.plan).length;
  const bound = state.run && timeBound(state.run);
  const lines = [
    `spec=${places.specFolder}`,
    `state_file=${places.stateFile}`,
    `progress_file=${places.progressFile}`,
    `tasks_total=${units} completed=${tally.completed} left=${units - tally.completed}${others > 0 ? ` not_selected=${others}` : ''}`,
    `max_iterations=${policy.maxIterations} delay=${policy.delayMs / 1000}${policy.jitter ? ` jitter=${Math.round(policy.jitter * 100)}%` : ''}`,
    ...(bound ? [`ends_at=${new Date(bound.atMs).toISOString()}: ${bound.because}`] : []),
    `backend=${chosen.note ?? chosen.backend}${policy.model ? ` model=${policy.model}` : ''}`,
    ...input.modes.map(({ agent, mode, words }) => `agent_mode=${mode} of ${agent}: ${words}`),
    `workdir=${taken.workdir}`,
    ...promptLines(input),
    ...proofLines(state.plan?.units ?? [], policy, input.origins),
    `assign_backend=${chosen.assignBackend} assign_opencode_agent=${settings.assignOpencodeAgent}`,
    `tmux_session=${input.attach === null ? 'none' : input.sessionName}`,
  ];
  const chooses = new Set([...Object.values(policy.owners), policy.backend]).size > 1;
  if (policy.assign !== 'none' && !chooses)
    lines.push(`assignment: not asked, ${policy.backend} is the only agent to choose`);
  if (chosen.backend === 'rehearsal') {
    const boxes = settings.tickRehearsed
      ? 'boxes of tasks.md are ticked all the same (--no-write-tasks=false)'
      : 'the boxes of tasks.md are left alone';
    lines.push(`REHEARSAL: nothing is really done, no account is used; ${boxes}`);
  }
  if (input.attach !== null) lines.push(`watch: ${input.attach}`);
  return lines;
};
