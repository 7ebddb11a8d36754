import { expect, test } from 'vitest';
import { withSpec } from '../../src/core/with-spec.ts';

const words = { look: '--spec s', run: '--spec s --verify x' };

test.each([
  [
    'failed; seqrun retry 2 tries it again, seqrun skip 2 leaves it out',
    'failed; seqrun retry 2 --spec s tries it again, seqrun skip 2 --spec s leaves it out',
  ],
  [
    'waits: seqrun approve 3.1, or seqrun reject 3.1 "what is wrong"',
    'waits: seqrun approve 3.1 --spec s, or seqrun reject 3.1 "what is wrong" --spec s',
  ],
  ['seqrun resume --answer "…" goes on', 'seqrun resume --spec s --verify x --answer "…" goes on'],
  [
    'not in the plan: seqrun resume goes on without it',
    'not in the plan: seqrun resume --spec s --verify x goes on without it',
  ],
  ['not counted (seqrun accept T1 counts it)', 'not counted (seqrun accept T1 --spec s counts it)'],
  [
    'seqrun accept 1 2.1 (they are done) or seqrun reset 1 and seqrun reset 2 (do them again)',
    'seqrun accept 1 2.1 --spec s (they are done) or seqrun reset 1 --spec s and seqrun reset 2 --spec s (do them again)',
  ],
  [
    'say seqrun accept 1 (it is done) or seqrun reset 1 (do it again)',
    'say seqrun accept 1 --spec s (it is done) or seqrun reset 1 --spec s (do it again)',
  ],
  ['were not read (seqrun lint shows them)', 'were not read (seqrun lint --spec s shows them)'],
  ['see seqrun status; end it: seqrun stop', 'see seqrun status --spec s; end it: seqrun stop --spec s'],
  ['nothing is started until seqrun continue', 'nothing is started until seqrun continue --spec s'],
  ['when you know: seqrun --break-lock …', 'when you know: seqrun --break-lock --spec s --verify x'],
  // Nothing that is complete, and nothing that is no command.
  ['seqrun retry 12 --spec a b', 'seqrun retry 12 --spec a b'],
  ['run seqrun again, another seqrun has taken it', 'run seqrun again, another seqrun has taken it'],
  ['seqrun status-page 3', 'seqrun status-page 3'],
])('%s', (sentence, completed) => {
  expect(withSpec(sentence, words)).toBe(completed);
  expect(withSpec(completed, words)).toBe(completed);
});
