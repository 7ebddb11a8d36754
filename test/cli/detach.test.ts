// A run that was started detached: its words, and what is said when it has begun.
import { expect, test } from 'vitest';
import { begunLines, wordsOfRun } from '../../src/cli/detach.ts';

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

test('one that is paused starts nothing: that is said, with the command that goes on', () => {
  const where = { pid: 7, log: '/l', words: '--spec a' };
  const goes = begunLines({ attach: 'tmux attach', paused: null }, where);
  expect(goes[0]).toBe('the run goes on by itself: pid 7, seqrun stop --spec a ends it');
  expect(goes).toContain('watch:  tmux attach');
  const paused = begunLines({ attach: 'tmux attach', paused: { since: 'T', by: 'joe@host' } }, where);
  expect(paused).toEqual([
    'the run is paused since T by joe@host: it starts nothing (pid 7, seqrun stop --spec a ends it)',
    'go on:  seqrun continue --spec a',
    'follow: tail -f /l',
    'state:  seqrun status --spec a',
  ]);
});
