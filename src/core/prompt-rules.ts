// The sentences of a prompt that say how tests and documentation are to be treated in this unit.
import type { Unit } from './plan-types.ts';
import type { Task } from './task.ts';

/** One line. `tasks` = those of the unit; `bugfix` = the spec is one that begins with a test that must fail. */
export const rulesOf = (unit: Unit, tasks: readonly Task[], bugfix: boolean): string => {
  const own = unit.checkpoint || !unit.noChange ? [] : ['It may need no change at all: then say so, and why.'];
  return ['Follow the conventions of the repository.', ...testRules(unit, tasks, bugfix), ...own].join(' ');
};

const testRules = (unit: Unit, tasks: readonly Task[], bugfix: boolean): string[] => {
  if (unit.checkpoint) {
    return [
      'This unit is a checkpoint: run the checks of the repository, mend what fails, and change nothing else.',
      'If you have a question to the user, halt with it; if you have none, go on.',
    ];
  }
  if (unit.expects === 'red') {
    return [
      'Write the test, run it, and see it fail for the reason that the text gives.',
      'Do not fix the code and do not make the test pass: that failing is the success of this unit.',
    ];
  }
  if (unit.docs) return ['This unit is about documentation: check what you write against the code.'];
  const usual = bugfix
    ? 'This is a bugfix spec: a test that reproduces the bug must fail before the fix.'
    : 'For production code write the test first, see it fail, then make it pass.';
  if (unit.expects !== 'green') return [usual];
  const leaves = new Set(unit.leaves.map(leaf => leaf.id));
  if (tasks.every(task => !leaves.has(task.id) || task.expects === 'green')) {
    return [
      'The tests that were written earlier must pass now: run the same ones, write no new one.',
      'Where one fails, mend the code, not the test.',
    ];
  }
  return [
    usual,
    'At the end of this unit the tests that its text names must pass; where it names an earlier one, run that one and write no new one for it.',
  ];
};
