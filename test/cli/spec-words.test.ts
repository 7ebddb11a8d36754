// What a command that is shown names: the words of this call, and of the last run what this call does not speak of. Pure.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asLastTime, droppedGates, proofTyped } from '../../src/cli/as-last-time.ts';
import { chooseBackends } from '../../src/cli/backend.ts';
import { flagOf } from '../../src/cli/flags.ts';
import type { Intention } from '../../src/cli/intention.ts';
import { bothWords, lastingWords, wordsInWorkdir } from '../../src/cli/spec-words.ts';
import { checkTemplate, readTemplate } from '../../src/cli/template.ts';
import { valueTexts } from '../../src/cli/values.ts';
import { parseWords } from '../../src/cli/words.ts';

const intend = (argv: string[], options: { env?: Record<string, string>; config?: object } = {}): Intention => {
  const parsed = parseWords(argv, options.env ?? {}, {
    readConfigFile: () =>
      options.config ? { path: '/w/seqrun.config.json', bytes: Buffer.from(JSON.stringify(options.config)) } : null,
    specsNearby: () => [],
    withinStart: () => null,
  });
  if (parsed.kind !== 'intention') throw new Error(JSON.stringify(parsed));
  return parsed.intention;
};

const night = ['--spec', 's', '--command', 'agent {prompt}', '--verify', 'npm test', '--delay', '1.5'].concat(
  ['--only', '2,3.1', '--max-iterations', '9', '--on-fail', 'skip', '--timeout', '1h30m', '--no-tmux', '--review'],
  ['--granularity', 'leaf', '--workdir', '..', '--quiet', '--accept-config'],
);
const lasting = (argv: string[]) => lastingWords(intend(argv), '/w');

describe('the words of the last run', () => {
  it('are in each run that is shown, and what cuts the plan in everything else', () => {
    const { look, run } = bothWords(intend(['handoff', '--spec', 'other/s']), lasting(night));
    expect(look).toBe('--spec other/s --workdir /w --granularity leaf');
    expect(run).toBe(
      '--spec other/s --workdir /w --only 2,3.1 --granularity leaf ' +
        `--command 'agent {prompt}' --max-iterations 9 --delay 1.5 --timeout 1h30m --verify 'npm test' --review ` +
        '--on-fail skip --no-tmux',
    );
  });

  it('give way to what this call says, and to what it excludes', () => {
    const now = intend(['retry', '2', '--spec', 's', '--backend', 'codex', '--stop-at-checkpoints', '--from', '3']);
    const { run } = bothWords(now, lasting(night));
    expect(run).toContain('--from 3');
    expect(run).toContain('--backend codex --stop-at-checkpoints');
    for (const gone of ['--only', '--command', '--review']) expect(run).not.toContain(gone);
    expect(run).toContain("--verify 'npm test'");
  });

  it('are typed in the workdir where they are read there', () => {
    const words = wordsInWorkdir(
      { workdir: '/w', spec: '/w/specs/s' },
      intend(['--spec', '../s', '--workdir', '..']),
      [],
    );
    expect(words.look).toBe('--spec specs/s --workdir .');
    const kept = wordsInWorkdir(
      { workdir: '/w', spec: '/w/specs/s' },
      intend(['status', '--spec', 's']),
      lasting(night),
    );
    expect(kept.look).toBe('--spec specs/s --workdir . --granularity leaf');
  });

  it('can be read again, whatever they hold', () => {
    const odd = ['--spec', 's', '--model=--x', '--verify', "a 'b' $c", '--verify=-x', '--include-optional=false'];
    const { run } = bothWords(intend(odd), []);
    expect(run).toBe(`--spec s --include-optional=false --model=--x --verify 'a '\\''b'\\'' $c' --verify=-x`);
  });
});

describe('what counts as done', () => {
  const typed = proofTyped(intend(night));

  it('is as in the last run where nobody says otherwise', () => {
    const meant = asLastTime(intend(['--spec', 's']), { policy: { proofTyped: typed }, words: [] }) as Intention;
    expect(meant.settings).toMatchObject({ review: 'all', require: ['signal', 'verify'] });
    expect(meant.settings.gates.map(gate => gate.command)).toEqual(['npm test']);
    expect(meant.origins).toMatchObject({ verify: 'last', review: 'last' });
    // And is handed on.
    expect(proofTyped(meant)).toEqual(typed);
    expect(bothWords(meant, []).run).toBe("--spec s --verify 'npm test' --review");
  });

  it('counts what stood in a variable, and nothing of a config file', () => {
    const env = { SEQRUN_REVIEW: '1', SEQRUN_DELAY: '3' };
    const before = intend(['--spec', 's'], { env, config: { verify: 'make check', git: 'check' } });
    expect(proofTyped(before)).toEqual([{ flag: 'review', value: null }]);
  });

  it('gives way to the call, its environment and its config file', () => {
    const last = { policy: { proofTyped: typed }, words: [] };
    const gates = (meant: Intention | object) => (meant as Intention).settings.gates.map(gate => gate.command);
    expect(gates(asLastTime(intend(['--spec', 's', '--verify', 'x']), last))).toEqual(['x']);
    expect(gates(asLastTime(intend(['--spec', 's'], { env: { SEQRUN_VERIFY: 'y' } }), last))).toEqual(['y']);
    expect(gates(asLastTime(intend(['--spec', 's'], { config: { verify: 'z' } }), last))).toEqual(['z']);
    expect(gates(asLastTime(intend(['--spec', 's', '--verify', 'none']), last))).toEqual([]);
    const unseen = asLastTime(intend(['--spec', 's', '--review=false']), last) as Intention;
    expect(unseen.settings.review).toBe('none');
    const checkpoints = asLastTime(intend(['--spec', 's', '--stop-at-checkpoints']), last) as Intention;
    expect(checkpoints.settings.review).toBe('checkpoints');
  });

  it('lets the gates go with all that was said of them', () => {
    const argv = ['--spec', 's', '--verify', 'x', '--require', 'verify,change', '--baseline', 'halt'];
    const last = { policy: { proofTyped: proofTyped(intend(argv)) }, words: [] };
    const meant = asLastTime(intend(['--spec', 's', '--verify', 'none']), last) as Intention;
    expect(meant.settings).toMatchObject({ gates: [], require: ['signal', 'change'], everyUnitGated: false });
    expect(meant.origins.baseline).toBeUndefined();
    expect(droppedGates({ gates: intend(argv).settings.gates }, { gates: [] })).toEqual([
      'the last run of this spec had gate verify (x), this one has not',
    ]);
  });

  it('refuses what cannot be meant together, and says where the other half is from', () => {
    const before = intend(['--spec', 's', '--verify', 'x', '--on-missing-signal', 'done']);
    const last = { policy: { proofTyped: proofTyped(before) }, words: [] };
    expect(asLastTime(intend(['--spec', 's', '--require', 'signal']), last)).toMatchObject({
      exit: 64,
      what: '--on-missing-signal done and --require signal contradict each other',
      where: { name: 'the last run, which had --verify x --on-missing-signal done' },
    });
  });

  it('takes nothing from a run that kept none of it', () => {
    const now = intend(['--spec', 's']);
    expect(asLastTime(now, { policy: {}, words: [] })).toBe(now);
    expect(asLastTime(now, null)).toBe(now);
  });
});

describe("a command of one's own", () => {
  const last = { policy: {}, words: lasting(night) };
  const meant = (argv: string[], options = {}) =>
    asLastTime(intend(['--spec', 's', ...argv], options), last) as Intention;

  it('is the agent of the next run too, with none of what else was typed', () => {
    const next = meant([]);
    expect(next.settings).toMatchObject({ backend: 'command', commandTemplate: ['agent', '{prompt}'], delayMs: 5000 });
    // And of the one after that.
    expect(bothWords(next, []).run).toBe(`--spec s --command 'agent {prompt}'`);
  });

  it('gives way to any other agent that is named, wherever', () => {
    expect(meant(['--command', 'other']).settings.commandTemplate).toEqual(['other']);
    for (const other of [meant(['--backend', 'codex']), meant([], { env: { SEQRUN_BACKEND: 'codex' } })])
      expect(other.settings).toMatchObject({ backend: 'codex', commandTemplate: null });
    expect(meant([], { config: { backend: 'codex' } }).settings.backend).toBe('codex');
  });

  it('is said to be that of the last run', async () => {
    const world = { installed: async () => true, hasRehearsal: false, previous: 'command' };
    expect(await chooseBackends(meant([]), world)).toMatchObject({
      backend: 'command',
      note: 'command (as in the last run)',
    });
    expect(await chooseBackends(meant(['--command', 'x']), world)).toMatchObject({ note: null });
    // Known from the state file alone: never another agent by itself.
    expect(await chooseBackends(intend(['--spec', 's']), world)).toMatchObject({ exit: 64 });
  });
});

it('a command is named as it may be typed: the same words come back', () => {
  const texts = fc.stringMatching(/^[-\w@%+=:,./{}[\]"' $~*]{1,8}$/);
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1, maxLength: 3 }), argv => {
      const [text] = valueTexts(flagOf('command'), argv);
      const again = readTemplate(text!);
      // What a command may not be is not named either.
      if (again.ok) expect(again.argv).toEqual(argv);
      else expect(checkTemplate(argv).ok).toBe(false);
    }),
  );
  expect(valueTexts(flagOf('command'), ['my-agent', '--file={prompt}'])).toEqual(['my-agent --file={prompt}']);
  expect(valueTexts(flagOf('command'), ['sh', '-c', 'a b'])).toEqual(['["sh","-c","a b"]']);
});
