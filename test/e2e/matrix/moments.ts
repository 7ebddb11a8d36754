// The moments in the life of unit 2 at which something can break, each hit exactly: who is held still there, and how it goes on.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Running, until, type World } from '../harness.ts';
import { logged } from './cell.ts';

/** One call of node:fs in seqrun. `path` and `text` (of what is written) are regular expressions. */
interface Call {
  call: 'writeSync' | 'renameSync';
  path: string;
  text?: string;
}

export interface Moment {
  /**
   * Who stands still there: seqrun in that call (the calls before it have been made), launch.sh at its claim, the agent or the gate at
   * its work, or seqrun while it is stopped and the agent ends.
   */
  holds:
    | { who: 'seqrun'; steps: Call[]; when: 'before' | 'half' | 'after' }
    | { who: 'launch.sh'; when: 'before' | 'after' }
    | { who: 'agent' | 'gate' | 'stopped seqrun' };
  /** Each unit has a gate. */
  gate?: true;
  /** The agent of the next unit is at work then: the state file is written a moment later. */
  nextWorks?: true;
}

const journal = (text: string): Call => ({ call: 'writeSync', path: '/journal\\.jsonl$', text });
const intent = journal('"type":"start.intended".*"unit":"2"');
const end = journal('"type":"start.ended","n":2,');
/** With gates the starts are agent 1, gate 2, agent 3, gate 4. */
const gateEnd = journal('"type":"start.ended","n":4,');
const note: Call = { call: 'renameSync', path: '/open$' };
const stateText: Call = { call: 'writeSync', path: '/\\.SEQUENTIAL_STATE\\.json\\.[^/]*$' };
const stateName: Call = { call: 'renameSync', path: '/SEQUENTIAL_STATE\\.json$' };
const progress: Call = { call: 'writeSync', path: '/SEQUENTIAL_PROGRESS\\.md$', text: '## Iteration 2\\b' };
const box: Call = { call: 'writeSync', path: '/tasks\\.md$' };
/** Of the next unit: on a busy machine the state file may be written before that is at work, and once more behind it. */
const began = journal('"type":"start.began"');
const runEnd = journal('"type":"run.ended"');

const at = (when: 'before' | 'half' | 'after', ...steps: Call[]): Moment => ({ holds: { who: 'seqrun', steps, when } });

export const moments = {
  'before the intent': at('before', intent),
  'in the middle of the intent': at('half', intent),
  'after the intent': at('after', intent),
  'before the launch': at('after', intent, note),
  'while the window opens': { holds: { who: 'launch.sh', when: 'before' } },
  'right after the claim': { holds: { who: 'launch.sh', when: 'after' } },
  'while the agent runs': { holds: { who: 'agent' } },
  'agent gone, exit not read': { holds: { who: 'stopped seqrun' } },
  'before its end is written': at('before', end),
  'in the middle of its end': at('half', end),
  'after its end is written': at('after', end),
  'while a gate runs': { holds: { who: 'gate' }, gate: true },
  "in the middle of the gate's end": { ...at('half', gateEnd), gate: true },
  "after the gate's end": { ...at('after', gateEnd), gate: true },
  'STATE.json half written': { ...at('half', end, began, stateText), nextWorks: true },
  'STATE.json before its rename': { ...at('before', end, began, stateName), nextWorks: true },
  'STATE.json after its rename': { ...at('after', end, began, stateName), nextWorks: true },
  'PROGRESS.md half written': at('half', progress),
  'PROGRESS.md written': at('after', progress),
  'before the boxes are ticked': at('before', end, box),
  'between two boxes': at('after', end, box),
  'after the boxes are ticked': at('after', end, box, box, box),
  "before the run's end is written": at('before', runEnd),
  "in the middle of the run's end": at('half', runEnd),
} as const satisfies Record<string, Moment>;

export type MomentName = keyof typeof moments;

/** Three units; the second has subtasks, so that ticking it takes several writes. */
export const tasks =
  '# Plan\n\n- [ ] 1. First\n- [ ] 2. Second\n  - [ ] 2.1 One part\n  - [ ] 2.2 Other part\n- [ ] 3. Third\n';

/** What the call of seqrun that is to be hit needs in its environment. */
export const holdEnv = (world: World, moment: Moment): Record<string, string> => {
  const { holds } = moment;
  if (holds.who !== 'seqrun' && holds.who !== 'launch.sh') return {};
  const steps = holds.who === 'seqrun' ? holds.steps.map(one => ({ text: '', ...one, when: holds.when })) : [];
  const launch = holds.who === 'launch.sh' ? holds.when : null;
  return {
    NODE_OPTIONS: `--import ${pathToFileURL(join(import.meta.dirname, 'preload.mjs')).href}`,
    SEQRUN_TEST_HOLD: JSON.stringify({ steps, launch, ...holdFiles(world) }),
  };
};

const holdFiles = (world: World) => ({ reached: join(world.root, 'reached'), go: join(world.root, 'goes-on') });

/** Lets seqrun or launch.sh go on. */
export const letGo = (world: World): void => writeFileSync(holdFiles(world).go, '');

/** Resolves when the moment has come and whoever is held stands still. The agent and the gate wait for `world.go()`. */
export const untilMoment = async (world: World, moment: Moment, runner: Running): Promise<void> => {
  const { who } = moment.holds;
  const agentWaits = () =>
    until(
      'the agent of unit 2',
      () => logged(world, 'alive').length === 2 && journalHas(world, '"start.began","n":2,'),
    );
  switch (who) {
    case 'seqrun':
    case 'launch.sh':
      await until(`${who} to be held`, () => existsSync(holdFiles(world).reached));
      return;
    case 'agent':
      await agentWaits();
      return;
    case 'gate':
      await until(
        'the gate of unit 2',
        () => logged(world, 'alive').length === 4 && journalHas(world, '"start.began","n":4,'),
      );
      return;
    case 'stopped seqrun':
      await agentWaits();
      runner.child.kill('SIGSTOP');
      world.go();
      await until('the exit file', () => readFileSync(join(startFolder(world, 2), 'exit.json'), 'utf8').trim() !== '');
  }
};

/** True when the journal has a whole line with that text. */
export const journalHas = (world: World, text: string): boolean =>
  existsSync(world.journal()) &&
  readFileSync(world.journal(), 'utf8')
    .split('\n')
    .slice(0, -1)
    .some(line => line.includes(text));

/** The folder of a start. */
export const startFolder = (world: World, n: number): string => {
  const starts = join(dirname(world.journal()), 'starts');
  return join(starts, readdirSync(starts).find(name => name.startsWith(`${n}-`))!);
};
