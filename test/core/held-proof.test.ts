// What proves a task holds through whatever a job makes of the task file, and what it rewrites is told.
import { expect, test } from 'vitest';
import { readBelow } from '../../src/core/below-titles.ts';
import type { EventBody } from '../../src/core/events.ts';
import { personItems } from '../../src/core/handoff-person.ts';
import { asHeld } from '../../src/core/held-proof.ts';
import { makePlan } from '../../src/core/plan.ts';
import { readLeaves, tickedLeaves } from '../../src/core/ticks.ts';
import { vanishedText } from '../../src/core/vanished.ts';
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

/** The same, where the end of the job has told of the file before the plan is made. */
const seenAtEnd = (before: string[], ...after: string[]): Story => {
  const { ticked, leaves = [], ...made } = reading(...after);
  const story = given(reading(...before).plan).and(reading(...before));
  const boxes = { ticked: [], opened: [], seen: { leaves, ticked } };
  return story.start('1', { kind: 'completed', signal: 'TASK_DONE' }, { boxes }).and({ ...made, ticked, leaves });
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

test('that a job has put a task in other words is told, also when the end of the job was read', () => {
  const told = 'task 3 was put in other words while a job ran: "Pay" → "Paying by card"';
  for (const box of ['[ ]', '[x]']) {
    const after = ['- [x] 1. Keep the cart', ...cart.slice(1, 3), `- ${box} 3. Paying by card`];
    expect(afterJob(cart, ...after).state.notices).toContain(told);
    expect(seenAtEnd(cart, ...after).state.notices).toContain(told);
  }
  const mine = given(reading(...cart).plan).and(
    reading(...cart),
    reading(...cart.slice(0, 3), '- [ ] 3. Paying by card'),
  );
  expect(mine.state.notices.join()).not.toContain('other words');
  const own = afterJob(cart, '- [x] 1. Keep the shopping cart', ...cart.slice(1));
  expect(own.state.notices.join()).toContain('"Keep the cart" → "Keep the shopping cart"');
  const group = ['- [ ] 1. Keep the cart', '- [ ] 2. Prices', '  - [ ] 2.1 Add'];
  const titled = afterJob(group, '- [x] 1. Keep the cart', '- [ ] 2. Prices and taxes', '  - [ ] 2.1 Add');
  expect(titled.state.notices).toEqual([
    'the title of unit 2 was put in other words while a job ran: "Prices" → "Prices and taxes"',
  ]);
});

test('of many titles that a job changes the first ones are told, and how many more', () => {
  const many = (word: string) => Array.from({ length: 9 }, (_, k) => `- [ ] ${k + 1}. Do ${word} ${k + 1}`);
  const { notices } = afterJob(many('this'), ...many('that')).state;
  expect(notices.filter(text => text.includes(' was put in other words'))).toHaveLength(5);
  expect(notices.at(-1)).toBe('4 more titles put in other words while a job ran');
});

test('a task of quite other words under its number is another task: the old one is missed until it is back', () => {
  const swapped = ['- [x] 1. Keep the cart', ...cart.slice(1, 3), '- [ ] 3. Say thank you'];
  for (const story of [afterJob(cart, ...swapped), seenAtEnd(cart, ...swapped)]) {
    expect(vanishedText(story.state)).toContain('3 Pay (now "Say thank you" stands there) was taken out');
    expect(story.state.notices).toContain(
      'task 3 gave its place to "Say thank you" while a job ran, and was not done: "Pay"',
    );
    // Done as what stands there now; with the old words the tick is still that one's.
    story.start('2', { kind: 'completed', signal: 'TASK_DONE' });
    story.start('3', { kind: 'completed', signal: 'TASK_DONE' });
    const person = personItems(story.state, { look: '--spec s', run: '--spec s -v' });
    expect(person).toMatchObject([{ kind: 'gone', commands: ['seqrun resume --spec s -v'], blocks: true }]);
    story.and({ type: 'boxes.changed', ticked: ['2', '3'], opened: [] });
    story.and(reading('- [x] 1. Keep the cart', '- [x] 2. Add the price', '  - _verify: npm test_', '- [x] 3. Pay'));
    expect([vanishedText(story.state), [...story.state.done.keys()]]).toEqual([null, ['1', '2']]);
    expect(story.state.notices.join()).not.toContain('gave its place');
  }
  const isMissed = (was: string, is: string) =>
    afterJob(['- [ ] 1. A', `- [ ] 2. ${was}`], '- [x] 1. A', `- [ ] 2. ${is}`).state.vanished.size === 1;
  expect(isMissed('Tests for the parser', 'Testing the parsers')).toBe(false);
  expect(isMissed('添加购物车', '购物车的价格')).toBe(false);
  expect(isMissed('添加购物车', '写文档')).toBe(true);
  expect(isMissed('🛒', 'Cart')).toBe(false);
  // What is done already is not missed, nor what was cut into parts or has another number as well.
  expect(afterJob(cart, '- [x] 1. Something else', ...cart.slice(1)).state.vanished.size).toBe(0);
  expect(afterJob(cart, ...cart.slice(0, 3), '- [ ] 3. Pay', '  - [ ] 3.1 Ask the bank').state.vanished.size).toBe(0);
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
