// What waits for a person: each thing with the words it was asked in and the commands that answer it.
import { disputeCommands, disputeOf, disputeWords } from './disputes.ts';
import type { SpecWords } from './handoff.ts';
import { shellWord } from './shell-word.ts';
import type { State } from './state.ts';
import { haltedUnits, isDone } from './units.ts';
import { vanishedText } from './vanished.ts';

/** One thing that a person has to do or to decide. */
export interface PersonItem {
  kind: 'halt' | 'review' | 'disputed' | 'gone' | 'config' | 'survivors' | 'limit' | 'run';
  /** One sentence. */
  what: string;
  /** What was asked or told, word for word, with its lines; null = `what` says it all. */
  quote: string | null;
  /** What can be typed, most likely first. */
  commands: string[];
  /** Nothing else is started before it is done. */
  blocks: boolean;
}

/** Ends that the state itself does not explain. */
const hardEnds: ReadonlySet<string> = new Set(['bad_spec', 'no_agent', 'internal', 'lock_lost', 'unwritable']);

/** Everything that waits for a person now. */
export const personItems = (state: State, specWords: SpecWords): PersonItem[] => {
  const { look } = specWords;
  const run = `seqrun ${specWords.run}`;
  const alive = survivors(state, run);
  const items: PersonItem[] = [
    ...halts(state, specWords),
    ...disputes(state, look, run),
    ...goneTasks(state, specWords),
    ...alive,
    ...(state.configChanged === null
      ? []
      : [
          {
            kind: 'config',
            what: 'the config file was changed while a job ran: look at it, then accept it or put it back',
            quote: null,
            commands: [`seqrun --accept-config ${specWords.run}`],
            blocks: true,
          } satisfies PersonItem,
        ]),
    ...reviews(state, look, run),
  ];
  const { lastEnd, mustEnd } = state;
  if (!lastEnd || !hasLeft(state)) return items;
  if (lastEnd.end === 'limit_bound') {
    const untilMs = Math.max(0, ...[...state.limits.values()].map(limit => limit.untilMs));
    const when = untilMs > lastEnd.atMs ? `; not before ${new Date(untilMs).toISOString()}` : '';
    items.push({ kind: 'limit', what: `${lastEnd.because}${when}`, quote: null, commands: [run], blocks: true });
  } else if (hardEnds.has(lastEnd.end) || (mustEnd?.because === lastEnd.because && alive.length === 0)) {
    const [first, ...rest] = lastEnd.because.split('\n');
    const quote = rest.length > 0 ? lastEnd.because : null;
    const commands = endCommands(lastEnd.end, specWords);
    items.push({ kind: 'run', what: `the run ended: ${first}`, quote, commands, blocks: true });
  }
  return items;
};

const halts = (state: State, { look, run }: SpecWords): PersonItem[] =>
  haltedUnits(state).map(({ id, standing }) => {
    const asked = standing.reason !== null;
    return {
      kind: 'halt' as const,
      what: asked ? `unit ${id} halted and asks:` : `unit ${id} halted without a reason (seqrun logs ${id} shows why)`,
      quote: standing.reason,
      commands: [
        `seqrun resume ${run} --answer "…"`,
        // What is done needs no leaving out.
        ...(standing.decided === 'done' ? [] : [`seqrun skip ${shellWord(id)} ${look} && seqrun ${run}`]),
      ],
      blocks: true,
    };
  });

const disputes = (state: State, look: string, run: string): PersonItem[] => {
  const dispute = disputeOf(state);
  if (!dispute) return [];
  const { accept, resets } = disputeCommands(dispute, look);
  const are = dispute.ids.length === 1 ? 'is it' : 'are they';
  return [
    {
      kind: 'disputed',
      what: `${disputeWords(dispute)}: ${are} done?`,
      quote: null,
      commands: [`${accept} && ${run}`, `${resets.join(' && ')} && ${run}`],
      blocks: true,
    },
  ];
};

/** Tasks that a job took out of the file: all others are done first, and only then does a run end for these. */
const goneTasks = (state: State, { run }: SpecWords): PersonItem[] => {
  const what = hasLeft(state) ? null : vanishedText(state);
  return what === null ? [] : [{ kind: 'gone', what, quote: null, commands: [`seqrun resume ${run}`], blocks: true }];
};

/** Of the last start: an earlier one's were no hindrance to it. */
const survivors = (state: State, run: string): PersonItem[] => {
  const start = state.starts.at(-1);
  const alive = (start?.left ?? []).filter(one => !one.ended);
  if (!start || alive.length === 0 || !state.lastEnd) return [];
  const pids = alive.map(({ pid }) => pid).join(',');
  return [
    {
      kind: 'survivors',
      what: `processes of start ${start.n} survived KILL; end them, if they still live, before the next run`,
      quote: alive.map(({ pid, command }) => `${pid} ${command}`).join('\n'),
      commands: [`ps -o pid,stat,user,args -p ${pids}`, run],
      blocks: true,
    },
  ];
};

const reviews = (state: State, look: string, run: string): PersonItem[] => {
  const { review = 'none' } = state.run?.policy ?? {};
  return (state.plan?.units ?? []).flatMap(unit => {
    const open = state.units.get(unit.id)?.review;
    if (open?.kind !== 'open' || !isDone(state, unit)) return [];
    const blocks = review === 'all' || (review === 'checkpoints' && unit.checkpoint === true);
    const then = blocks ? ` && ${run}` : '';
    const id = shellWord(unit.id);
    return {
      kind: 'review' as const,
      what: `unit ${unit.id} is done and waits for a review`,
      quote: open.because,
      commands: [`seqrun approve ${id} ${look}${then}`, `seqrun reject ${id} "what is wrong" ${look} && ${run}`],
      blocks,
    };
  });
};

const hasLeft = (state: State): boolean => (state.plan?.units ?? []).some(unit => !isDone(state, unit)) || !state.plan;

const endCommands = (end: string, { look, run }: SpecWords): string[] => {
  switch (end) {
    case 'bad_spec':
      return [`seqrun lint ${look}`];
    case 'no_agent':
    case 'unwritable':
      return [`seqrun doctor ${look}`, `seqrun ${run}`];
    default:
      return [`seqrun ${run}`];
  }
};
