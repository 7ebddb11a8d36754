// What proves a task holds through whatever a job makes of the task file, and what it rewrites is told.
import { expect, test } from 'vitest';
import { readBelow } from '../../src/core/below-titles.ts';
import type { EventBody } from '../../src/core/events.ts';
import { asHeld } from '../../src/core/held-proof.ts';
import { makePlan } from '../../src/core/plan.ts';
import { readLeaves, tickedLeaves } from '../../src/core/ticks.ts';
import { readSpec } from '../../src/spec/read.ts';
import { given, type Story } from './given.ts';

/** The reading of a task file. */
const reading = (...lines: string[]): EventBody & { type: 'plan.made' } => {
  const spec = readSpec(new TextEncoder().encode(`# Plan\n\n${lines.join('\n')}\n`));
  const { plan } = makePlan(spec, {
    granularity: 'group',
    includeOptional: false,
    lenientDeps: false,
    only: null,
    from: null,
    until: null,
  });
  return { type: 'plan.made', plan, ticked: tickedLeaves(spec), leaves: readLeaves(spec), below: readBelow(spec) };
};

const cart = ['- [ ] 1. Keep the cart', '- [ ] 2. Add the price', '  - _verify: npm test_', '- [ ] 3. Pay'];

/** Unit 1 runs, and the file is this afterwards. */
const afterJob = (before: string[], ...after: string[]): Story => {
  const story = given(reading(...before).plan);
  story.and(reading(...before));
  return story.start('1', { kind: 'completed', signal: 'TASK_DONE' }).and(reading(...after));
};

const verifyOf = ({ state }: Story, id: string) => {
  const unit = state.plan!.units.find(one => one.id === id)!;
  return asHeld(state, unit).verify ?? [];
};

test('a unit that gets other words and another number keeps its commands', () => {
  const story = afterJob(cart, '- [x] 1. Keep the cart', '- [ ] 7. Say what it costs', '- [ ] 3. Pay');
  expect(verifyOf(story, '7')).toEqual(['npm test']);
  expect(story.state.notices.join()).toContain('unit 7 got tasks of another unit');
});

test('a task that is taken out of its unit takes the commands of that unit along', () => {
  const group = [
    '- [ ] 1. Keep the cart',
    '- [ ] 2. Prices',
    '  - [ ] 2.1 Add',
    '  - [ ] 2.2 Sum',
    '  - _verify: make_',
  ];
  const story = afterJob(
    group,
    '- [x] 1. Keep the cart',
    '- [ ] 2. Prices',
    '  - [ ] 2.1 Add',
    '  - _verify: make_',
    '- [ ] 9. Sum',
  );
  expect([verifyOf(story, '2'), verifyOf(story, '9')]).toEqual([['make'], ['make']]);
});

test('a task that is moved into another unit brings its commands there', () => {
  const group = [...cart.slice(0, 1), '- [ ] 2. Prices', '  - [ ] 2.1 Add', '  - [ ] 2.2 Sum', '  - _verify: make_'];
  const rest = ['- [ ] 3. Pay', '  - [ ] 3.1 By card', '  - _verify: npm test_'];
  const moved = ['- [ ] 2. Prices', '  - [ ] 2.1 Add', '  - _verify: make_', ...rest.slice(0, 2), '  - [ ] 3.2 Sum'];
  const story = afterJob([...group, ...rest], '- [x] 1. Keep the cart', ...moved, rest[2]!);
  expect([verifyOf(story, '2'), verifyOf(story, '3').sort()]).toEqual([['make'], ['make', 'npm test']]);
});

test('what a person rewrites holds as it is written, and so does a unit of new tasks', () => {
  const mine = given(reading(...cart).plan).and(reading(...cart));
  mine.and(reading('- [ ] 1. Keep the cart', '- [ ] 7. Say what it costs', '- [ ] 3. Pay'));
  expect(verifyOf(mine, '7')).toEqual([]);
  const more = afterJob(cart, '- [x] 1. Keep the cart', ...cart.slice(1), '- [ ] 4. Send it');
  expect(verifyOf(more, '4')).toEqual([]);
  expect(verifyOf(more, '2')).toEqual(['npm test']);
});

test('that a job has put an open task in other words is told', () => {
  const story = afterJob(cart, '- [x] 1. Keep the cart', ...cart.slice(1, 3), '- [ ] 3. Say thank you');
  expect(story.state.notices).toContain('task 3 was put in other words while a job ran: "Pay" → "Say thank you"');
  const mine = given(reading(...cart).plan).and(
    reading(...cart),
    reading(...cart.slice(0, 3), '- [ ] 3. Say thank you'),
  );
  expect(mine.state.notices.join()).not.toContain('other words');
});

test('that a job has changed what is asked for below the title of an open task is told', () => {
  const asked = (...lines: string[]) => ['- [ ] 1. Keep the cart', '- [ ] 2. Prices', '  - [ ] 2.1 Add', ...lines];
  const before = asked('    - round to cents', '    - _Requirements: 1.2_');
  const toldOf = ({ state }: Story) => state.notices.filter(line => line.includes('below the title'));
  const told = 'what is asked for below the title of task 2.1 "Add" was changed in the task file while a job ran';
  for (const after of [asked('    - round to cents', '    - _Requirements: 1.1_'), asked()])
    expect(toldOf(afterJob(before, ...after))).toEqual([told]);
  expect(toldOf(afterJob(asked(), ...before))).toEqual([told]);
  // Under another number it is the same task; blanks are no words, and what is done is asked for no more.
  const moved = ['- [x] 1. Keep the cart', '  - kept in a file', '- [ ] 4. Prices', '  - [ ] 4.1 Add'];
  expect(toldOf(afterJob(before, ...moved, '', '      - round to  cents', '      - _Requirements: 1.2_'))).toEqual([]);
  expect(toldOf(given(reading(...before).plan).and(reading(...before), reading(...asked())))).toEqual([]);
  const { below: _, ...old } = reading(...before);
  const story = given(old.plan).and(old).start('1', { kind: 'completed', signal: 'TASK_DONE' });
  expect(toldOf(story.and(reading(...asked())))).toEqual([]);
});
