// Times in their strict form, command templates, and the nearest word.
import { expect, it } from 'vitest';
import { nearest } from '../../src/cli/nearest.ts';
import { readTemplate } from '../../src/cli/template.ts';
import { durationMs, durationText } from '../../src/cli/values.ts';

it.each([0, 1, 999, 1000, 61_000, 3_600_000, 5_400_000, 90_061_001])('writes %i ms so that it is read again', ms => {
  expect(durationMs(durationText(ms))).toBe(ms);
});

it.each<[string, string[]]>([
  ['agent', ['agent']],
  ["agent  --m '{model}' ''", ['agent', '--m', '{model}', '']],
  ['agent "a \\"b\\" \\n" c\\ d', ['agent', 'a "b" \\n', 'c d']],
  ['agent \'a\'"b"c', ['agent', 'abc']],
  ["sh -c 'a | b > $HOME'", ['sh', '-c', 'a | b > $HOME']],
  ['awk \'{print}\' {"json":1}', ['awk', '{print}', '{json:1}']],
  [' ["sh","-c","a | b {session}"]', ['sh', '-c', 'a | b {session}']],
])('splits %s', (text, argv) => {
  expect(readTemplate(text)).toEqual({ ok: true, argv });
});

it.each([
  ['', /program name/],
  ['   ', /program name/],
  ['[]', /program name/],
  ['[""]', /program name/],
  ['["a", 1]', /JSON array of strings/],
  ['["a"', /JSON array of strings/],
  ['agent | tee log', /no bare \| .*no shell/],
  ['agent $MODEL', /no bare \$/],
  ['agent "$MODEL"', /no bare \$/],
  ['agent `x`', /no bare `/],
  ["agent 'open", /closing '/],
  ['agent "open', /closing "/],
  ['agent \\', /after the last backslash/],
  ['agent {task}', /stdin or in the file \{prompt\}/],
  ['agent {promt}', /did you mean \{prompt\}/],
  ['agent {worktree} {modle}', /\{modle\} is none, did you mean \{model\}/],
])('refuses %j', (text, expected) => {
  expect(readTemplate(text)).toMatchObject({ ok: false, expected: expect.stringMatching(expected) });
});

it.each([
  ['stauts', 'status'],
  ['plna', 'plan'],
  ['PLAN', 'plan'],
  ['rec', 'receipt'],
  ['xyzzy', null],
  ['', null],
  ['-', null],
  ['a', null],
])('%s is nearest to %s', (word, expected) => {
  expect(nearest(word, ['run', 'plan', 'status', 'receipt', 'logs'])).toBe(expected);
});
