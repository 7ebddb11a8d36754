// What a refusal tells to type next can be pasted: it has all that was typed, and no word that only stands for one. Pure.
import { expect, test } from 'vitest';
import { parseWords } from '../../src/cli/words.ts';

const next = (argv: string[], nearby: string[], env: Record<string, string> = {}) => {
  const parsed = parseWords(argv, env, {
    readConfigFile: () => null,
    specsNearby: () => nearby,
    withinStart: () => null,
  });
  if (parsed.kind !== 'refused') throw new Error('not refused');
  return [parsed.failures[0]!.exit, parsed.failures[0]!.next];
};

test.each([
  [
    ['checkpoint', 'restore', 'chk-1', '--dry-run'],
    ['a b/s'],
    "seqrun checkpoint restore chk-1 --dry-run --spec 'a b/s'",
  ],
  [['--only', '2', '--verify', 'npm test'], ['s'], "seqrun --only 2 --verify 'npm test' --spec s"],
  [['approve', '1'], ['s', 't'], 'seqrun approve 1 --spec s (also here: t)'],
])('%j has all of its words', (argv, nearby, words) => {
  expect(next(argv, nearby)).toEqual([64, words]);
});

test('the spec is the one that was typed, the only one here, or a word that a shell leaves alone', () => {
  expect(next(['retry', '--spec', 'x'], [])).toEqual([64, 'seqrun retry 2 --spec x']);
  expect(next(['retry'], [], { SEQRUN_SPEC: 'e' })).toEqual([64, 'seqrun retry 2 --spec e']);
  expect(next(['retry'], ['s'])).toEqual([64, 'seqrun retry 2 --spec s']);
  expect(next(['plan', '--spec'], ['s', 't'])).toEqual([64, '--spec s']);
  expect(next(['plan', '--spec'], [])).toEqual([64, '--spec DIR']);
  expect(next(['why', '1'], [])).toEqual([64, 'seqrun why 1 --spec DIR']);
  expect(next(['retry'], ['s', 't'])).toEqual([64, 'seqrun retry 2 --spec DIR']);
});

test.each([
  [['resume', '--spec', 's', '--answer', '…'], 'seqrun resume --spec s --answer "Use SQLite"'],
  [['resume', '--spec', 's', '--answer', '...'], 'seqrun resume --spec s --answer "Use SQLite"'],
  [['follow', '1', 'what to do', '--spec', 's'], 'seqrun follow 1 "also add a test" --spec s'],
  [['reject', '3', 'what is wrong', '--spec', 's'], 'seqrun reject 3 "the error case has no test" --spec s'],
  [['reject', '3', '"…"', '--spec', 's'], 'seqrun reject 3 "the error case has no test" --spec s'],
  [['approve', '3', '…', '--spec', 's'], 'seqrun approve 3 "looks right" --spec s'],
  [['reject', '3', '', '--spec', 's'], 'seqrun reject 3 "the error case has no test" --spec s'],
  [['--spec', 's', '--command', '<template>'], `--command '["my-agent","--model","{model}"]'`],
])('%j is refused with an example', (argv, example) => {
  expect(next(argv, [])).toEqual([64, example]);
});

test.each([
  ['--baseline', 'hlat', '--baseline halt'],
  ['--git', 'comit', '--git commit'],
  ['--dialect', 'openspce', '--dialect openspec'],
  ['--backend', 'claud', '--backend claude'],
  ['--require', 'signal,chnage', '--require signal,change'],
  ['--git', 'xyzzy', '--git check'],
  ['--command', '[', `--command '["my-agent","--model","{model}"]'`],
])('%s %s: what was probably meant is what is shown', (flag, typed, shown) => {
  expect(next(['--spec', 's', flag, typed], [])).toEqual([64, shown]);
});

test('what a config file asks for in vain is told with its line', () => {
  const bytes = Buffer.from('{\n  "delay": 1,\n  "require": ["signal", "verify"]\n}\n');
  const parsed = parseWords(
    ['--spec', 's'],
    {},
    {
      readConfigFile: () => ({ path: '/w/seqrun.config.json', bytes }),
      specsNearby: () => [],
      withinStart: () => null,
    },
  );
  if (parsed.kind !== 'refused') throw new Error('not refused');
  expect(parsed.failures).toMatchObject([
    { what: '--require signal,verify has no gate to run', where: { name: '/w/seqrun.config.json', line: 3 } },
  ]);
});
