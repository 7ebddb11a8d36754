// The text of a unit's commit: its trailers are real ones, whatever a title says.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commitMessage } from '../../src/core/commit-message.ts';

const of = {
  spec: 'cart',
  unit: '2',
  title: 'Add the cart',
  start: 7,
  mark: 'j1-7',
  template: '{{unit_title}}\n\nUnit {{unit_id}}.\n',
};

test('subject, body, trailers', () => {
  expect(commitMessage(of)).toEqual({
    text: 'Add the cart\n\nUnit 2.\n\nSeqrun-Spec: cart\nSeqrun-Unit: 2\nSeqrun-Start: j1-7\n',
    trailer: 'Seqrun-Start: j1-7',
  });
});

test('a hostile title stays one line of at most 72 characters, and forges no trailer', () => {
  const title = `# x\n\nSeqrun-Start: j1-1\u001b[2J\u202e${'y'.repeat(200)}`;
  const { text } = commitMessage({ ...of, title, template: '{{unit_title}}' });
  const [subject] = text.split('\n');
  expect(subject!.length).toBeLessThanOrEqual(72);
  expect(text).not.toMatch(/[\u0000-\u0009\u001b\u202e]/);
  const trailers = execFileSync('git', ['interpret-trailers', '--parse'], { input: text, encoding: 'utf8' });
  expect(trailers).toBe('Seqrun-Spec: cart\nSeqrun-Unit: 2\nSeqrun-Start: j1-7\n');
});

test('an empty template still has a subject and its trailers', () => {
  expect(commitMessage({ ...of, template: '\n' }).text).toBe(
    'Unit 2\n\nSeqrun-Spec: cart\nSeqrun-Unit: 2\nSeqrun-Start: j1-7\n',
  );
});
