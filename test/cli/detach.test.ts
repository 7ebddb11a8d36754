// The words of a run that was started detached.
import { expect, test } from 'vitest';
import { wordsOfRun } from '../../src/cli/detach.ts';

test.each([
  [
    ['--spec', 'a', '--detach'],
    ['--spec', 'a'],
  ],
  [
    ['resume', '--attach=true', '--answer', 'yes', '--detach=false'],
    ['resume', '--answer', 'yes'],
  ],
  [
    ['--spec', 'a', '--attach', '--', '--detach'],
    ['--spec', 'a', '--', '--detach'],
  ],
  [
    ['--spec', '--detached', '--tmux-session', 'detach'],
    ['--spec', '--detached', '--tmux-session', 'detach'],
  ],
])('%j', (typed, words) => {
  expect(wordsOfRun(typed)).toEqual(words);
});
