// Turns a behaviour into the steps that play it: the lines it prints and what it does between them. Nothing is done here.
import type { RehearsalLine } from '../agents/rehearsal-protocol.ts';
import type { Behaviour } from './behaviours.ts';

/** The start that is played. */
export interface Scene {
  /** Id of the unit; empty when owners are asked for. */
  unit: string;
  title: string;
  /** Which start of the unit this is, from 1. */
  nth: number;
  session: string;
  model: string | null;
  /** The session was opened by an earlier start. */
  resumed: boolean;
  /** Nothing may be changed. */
  answerOnly: boolean;
  /** Boxes of the task file may be ticked. */
  mayTick: boolean;
  /** Units asked about and owners offered, in the order of the prompt. */
  asked: readonly string[];
  owners: readonly string[];
  promptChars: number;
}

/** One thing the program does. */
export type Step =
  /** Prints a line, then pauses for `pause` times the pace. A function gets the time of printing, epoch ms. */
  | { kind: 'say'; line: RehearsalLine | ((nowMs: number) => RehearsalLine); pause: number }
  | { kind: 'wait'; ms: number }
  /** Appends to a file in the workspace, which begins with `heading` when it is new. */
  | { kind: 'write'; path: string; heading: string; text: string }
  /** Ticks every box of tasks.md. */
  | { kind: 'tick-all' }
  /** Leaves a process behind; `hidden` = out of the session and without the mark. */
  | { kind: 'leave-child'; seconds: number; hidden: boolean }
  /** TERM, INT and HUP do nothing from here on. */
  | { kind: 'ignore-signals' }
  /** Never goes on. */
  | { kind: 'hang' }
  /** Ends at once, as a KILL from outside does. */
  | { kind: 'die' }
  | { kind: 'exit'; code: number };

/** File that the work of a unit leaves in the workspace, relative to it. One plain name per id, whatever is in the id. */
export const workFile = (unit: string): string => {
  const name = unit.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^\.+/, '');
  return `rehearsed/${name === '' ? '_' : name.slice(0, 100)}.md`;
};

/** The steps of one start, in order. The last one never lets the program go on. */
export const stepsOf = (behaviour: Behaviour, scene: Scene): Step[] => {
  const steps: Step[] = [
    say({ type: 'init', session: scene.session, model: scene.model }),
    // An agent that is limited at once has said nothing: a word of it would count as work.
    ...(behaviour.do === 'limit' && !behaviour.afterWork ? [] : [say({ type: 'text', text: greeting(scene) })]),
    ...played(behaviour, scene),
  ];
  return scene.answerOnly ? steps.filter(step => !changing.includes(step.kind)) : steps;
};

const changing: readonly Step['kind'][] = ['write', 'tick-all', 'leave-child'];

const played = (behaviour: Behaviour, scene: Scene): Step[] => {
  const { unit, nth } = scene;
  switch (behaviour.do) {
    case 'done':
      return [...work(scene), ...end(scene, doneText(scene))];
    case 'complete':
      return [
        ...work(scene),
        ...end(scene, `${summary(scene)}\nNothing is left in the spec.\n\n${promise('COMPLETE')}`),
      ];
    case 'bad-exit':
      return [...work(scene), ...end(scene, doneText(scene), 1)];
    case 'question':
      return end(
        scene,
        behaviour.text ?? `Before I begin with ${unit}: shall I go on, or do you want to see a draft first?`,
      );
    case 'halt': {
      const reason = behaviour.reason ?? `Unit ${unit} needs a decision that only a person can take.`;
      return [look(), ...end(scene, `I cannot finish this alone.\n\n${promise('HALT')}\n${reason}`)];
    }
    case 'quote-halt':
      return [...work(scene), ...end(scene, quotedHalt(scene))];
    case 'fail': {
      const message = behaviour.message ?? `the rehearsed failure of unit ${unit} (start ${nth})`;
      return [look(), ...failed({ type: 'error', class: behaviour.class ?? 'crashed', message })];
    }
    case 'limit':
      return [...(behaviour.afterWork ? work(scene) : []), ...limited(behaviour)];
    case 'hang':
      return [look(), say({ type: 'text', text: 'I fall silent now.' }), { kind: 'hang' }];
    case 'stubborn':
      // First deaf, then the line that says so: whoever waits for the line may send signals at once.
      return [
        { kind: 'ignore-signals' },
        look(),
        say({ type: 'text', text: 'I fall silent now, and TERM does not end me.' }),
        { kind: 'hang' },
      ];
    case 'slow':
      return [...slowly(behaviour.seconds ?? 10), ...work(scene), ...end(scene, doneText(scene))];
    case 'talk':
      return [...talk(behaviour.lines ?? 200), ...work(scene), ...end(scene, doneText(scene))];
    case 'crash':
      return [...work(scene), say({ type: 'text', text: 'Now the tests.' }), { kind: 'die' }];
    case 'tick-others': {
      const then = behaviour.then ?? 'done';
      const command = 'tick every box of tasks.md';
      const leftAlone = 'left alone: a rehearsal ticks boxes only with --no-write-tasks=false';
      return [
        ...(scene.mayTick ? [{ kind: 'tick-all' } as const] : []),
        say({ type: 'tool', command, output: scene.mayTick ? '' : leftAlone, exit: scene.mayTick ? 0 : 1 }),
        ...played({ do: then }, scene),
      ];
    }
    case 'child': {
      const { seconds = 600, hidden = false } = behaviour;
      const leave: Step[] = [{ kind: 'leave-child', seconds, hidden }];
      // Who looks for descendants does so each second; a hidden one is not found in any other way.
      if (hidden) leave.push({ kind: 'wait', ms: 2500 });
      return [...leave, ...work(scene), ...end(scene, doneText(scene))];
    }
    case 'assign':
      return end(scene, answer(scene, behaviour));
  }
};

const say = (line: RehearsalLine, pause = 1): Step => ({ kind: 'say', line, pause });

const promise = (word: string): string => `<promise>${word}</promise>`;

const greeting = ({ unit, title, resumed, answerOnly, asked }: Scene): string => {
  if (answerOnly)
    return `This is a rehearsal. I am asked about ${asked.length} ${asked.length === 1 ? 'unit' : 'units'}.`;
  return `This is a rehearsal. I ${resumed ? 'go on with' : 'begin with'} ${unit} ${title}.`;
};

const look = (): Step => say({ type: 'tool', command: 'ls', output: '', exit: 0 });

const work = ({ unit, title, nth }: Scene): Step[] => {
  const path = workFile(unit);
  return [
    { kind: 'write', path, heading: `# ${unit} ${title}\n\n`, text: `- start ${nth}: played, nothing was built\n` },
    say({ type: 'tool', command: `write ${path}`, output: `start ${nth} noted`, exit: 0 }),
    say({ type: 'text', text: 'A real agent would run its checks here.' }),
  ];
};

const summary = ({ unit, title }: Scene): string => `Unit ${unit} (${title}) is played. It left ${workFile(unit)}.`;

const doneText = (scene: Scene): string => `${summary(scene)}\n\n${promise('TASK_DONE')}`;

const quotedHalt = (scene: Scene): string =>
  [
    `${summary(scene)} I never had to say ${promise('HALT')}; it would have looked like this:`,
    '',
    '```',
    promise('HALT'),
    'The reason would stand here.',
    '```',
    '',
    promise('TASK_DONE'),
  ].join('\n');

/** The last line of a run that ended by itself, and its exit. */
const end = (scene: Scene, text: string, code = 0): Step[] => [
  // The counts are made up from lengths; a rehearsal costs nothing.
  say(
    {
      type: 'result',
      ok: true,
      text,
      usage: {
        input: Math.ceil(scene.promptChars / 4),
        cached: 0,
        output: Math.ceil(text.length / 4),
        cost_usd: 0,
      },
    },
    0,
  ),
  { kind: 'exit', code },
];

const failed = (line: RehearsalLine | ((nowMs: number) => RehearsalLine)): Step[] => [
  { kind: 'say', line, pause: 0 },
  { kind: 'exit', code: 1 },
];

const limited = ({ seconds, at, window = 'five_hour' }: Behaviour & { do: 'limit' }): Step[] =>
  failed(nowMs => {
    // A whole second later rather than earlier: a start before the reset would be limited again.
    const freeAt = (): number | null => {
      if (at !== undefined) return Math.ceil(Date.parse(at) / 1000);
      return seconds === null ? null : Math.ceil(nowMs / 1000 + (seconds ?? 5));
    };
    return { type: 'limit', resets_at: freeAt(), window, message: 'the rehearsed usage limit is reached' };
  });

const slowly = (seconds: number): Step[] => {
  const steps: Step[] = [];
  for (let second = 1; second <= seconds; second++) {
    steps.push({ kind: 'wait', ms: 1000 }, say({ type: 'text', text: `${second} s of ${seconds} s` }, 0));
  }
  const rest = seconds - Math.floor(seconds);
  if (rest > 0) steps.push({ kind: 'wait', ms: rest * 1000 });
  return steps;
};

/** What an agent may say about limits without having met one. */
const chatter = [
  'The API must answer HTTP 429 when a client asks too often.',
  'Test: "You have hit your usage limit, try again at 5 PM" is shown to the visitor.',
  'rate_limit_exceeded is now a constant in errors.ts.',
  'I was thinking of quotas: 429 Too Many Requests, Retry-After: 3600.',
  'Overloaded servers answer 529; the page says so.',
];

const talk = (lines: number): Step[] => [
  say({ type: 'retry', message: 'HTTP 429 from the API, trying again in 1 s' }, 0),
  ...Array.from({ length: lines }, (_, index): Step => {
    const text = chatter[index % chatter.length]!;
    const line: RehearsalLine =
      index % 7 === 3
        ? {
            type: 'tool',
            command: 'curl -i http://127.0.0.1/prices',
            output: `HTTP/1.1 429 Too Many Requests\n${text}`,
            exit: 22,
          }
        : { type: 'text', text: `${index + 1}. ${text}` };
    return say(line, 0.05);
  }),
];

const answer = (scene: Scene, { owner, type = 'code' }: Behaviour & { do: 'assign' }): string =>
  JSON.stringify({
    assignments: scene.asked.map(id => ({ task_id: id, type, owner_agent: owner ?? scene.owners[0] ?? 'rehearsal' })),
  });
