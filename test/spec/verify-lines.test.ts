// Lines that name commands: what is one, what is only nearly one, and where they are read.
import { describe, expect, it } from 'vitest';
import { readSpec } from '../../src/spec/read.ts';
import { readVerifyLine, saysNoChange } from '../../src/spec/verify-lines.ts';

const read = (...lines: string[]) => readSpec(new TextEncoder().encode(lines.join('\n')));
const proofs = (...lines: string[]) =>
  Object.fromEntries(read(...lines).tasks.map(({ id, verify, noChange }) => [id, [verify, noChange]]));

describe('a command', () => {
  it.each([
    ['_verify: npm test_', 'npm test'],
    ['  - _verify: npm test_  ', 'npm test'],
    ['* _Verify:npm test_', 'npm test'],
    ['- _verify: pytest tests/test_cart_price.py -k "a_b"_', 'pytest tests/test_cart_price.py -k "a_b"'],
    ['- _verify: `npm test`_', 'npm test'],
    ['- _verify: `` npm `test` ``_', 'npm `test`'],
    ['- _verify: ``x``_', 'x'],
    ['- _verify: echo `a` `b`_', 'echo `a` `b`'],
    ['- _verify: `a` && `b`_', '`a` && `b`'],
    ['- _verify: ls *.ts **/x_y_', 'ls *.ts **/x_y'],
    ["- _verify: grep '_ _b: ' x_", "grep '_ _b: ' x"],
    ['- _verify: __', '_'],
  ])('%j is %j', (line, command) => {
    expect(readVerifyLine(line)).toEqual({ command });
  });

  it.each([
    ['- _verify: _', 'empty'],
    ['- _verify:_', 'empty'],
    ['- _verify: ``_', 'empty'],
    ['- _verify: npm test', 'underscore'],
    ['- _verify: pytest test_a.py', 'underscore'],
    ['- _verify: npm test_ (quick)', 'underscore'],
    ['- see _verify: npm test_', 'own'],
    ['- _verify: npm test_ _agent: claude_', 'something else'],
    ['- _verify: npm\u0000test_', 'not seen'],
    ['- _verify: npm\ttest_', 'not seen'],
    ['- _verify: rm\u202e x_', 'not seen'],
    ['- _verify: a\u200bb_', 'not seen'],
    ['- _verify: a\ud800_', 'not seen'],
    ['- _verify: a <!-- b_', 'comment'],
    [`- _verify: ${'x'.repeat(2001)}_`, 'longer'],
    [`- _verify: ${'_ '.repeat(50_000)}_`, 'longer'],
  ])('%j is none', (line, why) => {
    const found = readVerifyLine(line);
    expect(found).toMatchObject({ problem: expect.stringContaining(why) });
  });

  it.each(['- verify: npm test', '- the `_verify: x_` lines', '- __verify: x__', '- pre_verify: x_'])(
    '%j names none and is no mistake',
    line => expect(readVerifyLine(line)).toBeNull(),
  );
});

it('_no_change_ stands alone', () => {
  expect(['_no_change_', '  - _no_change_ ', '* _NO_CHANGE_'].map(saysNoChange)).toEqual([true, true, true]);
  expect(['no_change', '- _no_change_ here', '`_no_change_`', '_no_change'].map(saysNoChange)).toEqual(
    Array(4).fill(false),
  );
});

describe('in a file', () => {
  it('belongs to the innermost task, in order, and not from a fence or a comment', () => {
    expect(
      proofs(
        '- [ ] 1. A',
        '  - _verify: one_',
        '  - [ ] 1.1 B',
        '    - _verify: two_',
        '    - note',
        '    - _verify: three_',
        '    ```',
        '    _verify: four_',
        '    _no_change_',
        '    ```',
        '    <!-- _verify: five_ -->',
        '- [ ] 2. C',
        '  _no_change_',
      ),
    ).toEqual({ '1': [['one'], undefined], '1.1': [['two', 'three'], undefined], '2': [undefined, true] });
  });

  it('belongs to a numbered heading, and to a heading that is a task', () => {
    const spec = read('## 1. Setup', '_verify: make all_', '- _no_change_', '', '- [ ] 1.1 A', '  - _verify: a_');
    expect(spec.groups).toMatchObject([{ id: '1', verify: ['make all'], noChange: true }]);
    expect(spec.tasks[0]!.verify).toEqual(['a']);
    const [task] = read('### Task 1: Build', '', '- step', '- _verify: npm run build_', '', '### Task 2: Ship').tasks;
    expect(task).toMatchObject({ id: '1', verify: ['npm run build'] });
  });

  it('is read in a todo JSON as in the text it stands for', () => {
    const json = (todo: object) => read(JSON.stringify([{ id: '1', title: 'A', status: 'pending', ...todo }], null, 1));
    const verify = (todo: object) => json(todo).tasks[0]!.verify;
    expect(verify({ verificationCriteria: 'npm test' })).toEqual(['npm test']);
    expect(verify({ description: '- _verify: a_\n- _verify: b_', verificationCriteria: 'a && b' })).toEqual(['a', 'b']);
    expect(verify({ description: '- _verify: a_', verificationCriteria: 'b' })).toEqual(['a', 'b']);
    // Its own words say what it validates: no command.
    expect(verify({ description: '**Validates: 1.2**', verificationCriteria: '1.2' })).toBeUndefined();
    expect(verify({ description: '```', verificationCriteria: 'npm test' })).toEqual(['npm test']);
    expect(json({ description: '_no_change_' }).tasks[0]!.noChange).toBe(true);
    expect(
      json({ verificationCriteria: 'a\u0007b' }).diagnostics.map(d => `${d.severity} ${d.code} ${d.line}`),
    ).toEqual(['warning bad_verify 3']);
  });

  it('tells what is no command, with its line, and takes no dependency from a command', () => {
    const spec = read(
      '- [ ] 1. A',
      '- [ ] 2. B',
      '  - _verify: _',
      '  - _verify: run depends on: 1_',
      '',
      '## 3. C',
      '',
      '_verify: x',
      '- [ ] 3.1 D',
    );
    expect(spec.diagnostics.map(d => `${d.severity} ${d.code} ${d.line}`)).toEqual([
      'warning bad_verify 3',
      'warning bad_verify 8',
    ]);
    expect(spec.tasks[1]).toMatchObject({ dependsOn: [], verify: ['run depends on: 1'] });
  });
});
