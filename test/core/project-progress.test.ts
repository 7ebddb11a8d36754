// The text of the progress file, from events.
import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/core/events.ts';
import { fold } from '../../src/core/evolve.ts';
import { journalMarker, progressMarker, readMarkers } from '../../src/core/progress-markers.ts';
import { progressEntries, progressFold, progressHeader } from '../../src/core/project-progress.ts';
import { plan, script, unit } from '../adapters/files/scene.ts';
import { given, noEntry, planOf, unitOf } from './given.ts';

const start = () => {
  const story = script();
  story.open();
  story.run();
  story.add({ type: 'plan.made', plan: plan(unit('1', 2), unit('2', 0)), ticked: [] });
  return story;
};

describe('entries', () => {
  test("each of a person's commands has one line, the same command twice as well", () => {
    const story = start();
    const add = (id: string, command: Command) => story.add({ type: 'command', id, command });
    add('a', { kind: 'accept', unit: '1' });
    add('a', { kind: 'accept', unit: '1' });
    add('b', { kind: 'skip', unit: '2' });
    add('c', { kind: 'retry', unit: '2' });
    add('d', { kind: 'reset', unit: null });
    add('e', { kind: 'resume', answer: 'Use <b>Postgres</b>\nand nothing else' });
    add('f', { kind: 'resume', answer: null });
    add('g', { kind: 'stop', now: false, because: 'stopped' });
    const texts = progressEntries(story.events, 'checkout').slice(1);
    expect(texts.map(entry => entry.text.split('\n')[0])).toEqual([
      '> accepted by a person: 1',
      '> skipped by a person: 2',
      '> retried by a person: 2',
      '> reset by a person: every unit',
      '> resumed by a person: Use &lt;b>Postgres&lt;/b>',
      '> resumed by a person',
    ]);
    expect(texts[0]!.text).toBe('> accepted by a person: 1\n\n<!-- seqrun checkout 4 -->\n\n');
  });

  test('a run, an iteration and a footer, word for word', () => {
    const story = start();
    story.begin('1');
    story.end({ kind: 'completed', signal: 'TASK_DONE' });
    story.add({ type: 'run.ended', run: 'run-1', end: 'completed', exit: 0, because: 'all done' });
    const entries = progressEntries(story.events, 'checkout', { look: '', run: '--spec specs/checkout' });
    expect(entries.map(entry => entry.text)).toEqual([
      '## Run 1 — checkout\n\n**Started:** 2026-02-03T10:00:02.000Z\n\n<!-- seqrun checkout 2 -->\n\n',
      [
        '## Iteration 1',
        '- **Task:** 1 - Unit 1',
        '- **Status:** Completed',
        '- **Time:** 2026-02-03T10:00:06.000Z',
        '- **Attempt:** 1',
        '- **Backend:** codex',
        '- **Duration:** 2 s',
        '- **Log:** /starts/1',
        '- **Message:** Task 1 completed successfully',
        '',
        '---',
        '',
        '<!-- seqrun checkout 6 -->\n\n',
      ].join('\n'),
      [
        '**Completed:** 2026-02-03T10:00:07.000Z',
        '',
        'Exit 0: all done',
        '',
        '## HANDOFF',
        '',
        'ended with 0 (all done) at 2026-02-03T10:00:07.000Z; 1 of 2 units done',
        '',
        '**Done** (seqrun receipt ID shows all that one rests on)',
        '',
        "- 1 Unit 1: on the agent's word (TASK_DONE, exit 0); no gate was set — start 1",
        '',
        '**Not done, and why**',
        '',
        '- 2 Unit 2: not reached: it became due when the run was over',
        '',
        '**What to type next**',
        '',
        '```sh',
        'seqrun --spec specs/checkout',
        '```',
        '',
        '---',
        '',
        '<!-- seqrun checkout 7 -->\n\n',
      ].join('\n'),
    ]);
  });

  test.each([
    ['halted', 2, 'Halted'],
    ['person', 2, 'Halted'],
    ['iterations', 1, 'Stopped'],
    ['signal', 130, 'Stopped'],
    ['failed', 3, 'Stopped'],
  ] as const)('Q-2.43: the end "%s" has its footer', (end, exit, word) => {
    const story = start();
    story.add({ type: 'run.ended', run: 'run-1', end, exit, because: 'why\n\nso' });
    expect(progressEntries(story.events, 'checkout').at(-1)!.text).toContain(
      `**${word}:** 2026-02-03T10:00:04.000Z\n\nExit ${exit}: why so`,
    );
  });

  test('Q-2.43: numbers go on over restarts, and are those of the state', () => {
    const story = script();
    story.open({ adopted: { ...noEntry, iterations: 4 } });
    story.run();
    story.add({ type: 'plan.made', plan: plan(unit('1', 2), unit('2', 0)), ticked: [] });
    story.begin('1');
    story.end({ kind: 'limited', because: 'limited', resetAtMs: null, window: 'five_hour' }, { worked: false });
    story.begin('1');
    story.end({ kind: 'unconfirmed', missing: 'signal' });
    story.run();
    story.begin('1', 'follow_up');
    story.end({ kind: 'interrupted', by: 'world' });
    story.begin('1', 'follow_up');
    story.end({ kind: 'not_started', message: 'no claim' });
    story.begin('1', 'follow_up');
    story.end({ kind: 'completed', signal: 'TASK_DONE' });
    story.begin('2');
    story.end({ kind: 'failed', class: 'auth', message: 'log in' }, { code: 1 });
    story.begin('2');
    story.end({ kind: 'failed', class: 'agent', message: 'broke' }, { code: 3 });
    const { starts } = fold(story.events);
    const texts = progressEntries(story.events, 'checkout').map(entry => entry.text);
    const shown = texts.flatMap(text => {
      const match = /^## Iteration (\d+)\n[\s\S]*\*\*Attempt:\*\* (\d+)(?:, follow-up (\d+))?\n/.exec(text);
      return match ? [match.slice(1).map(part => Number(part ?? 0))] : [];
    });
    expect(shown).toEqual(
      starts.filter(one => one.iteration !== null).map(one => [one.iteration, one.attempt, one.followUp]),
    );
    expect(shown.map(([n]) => n)).toEqual([5, 6, 7, 8, 9]);
    expect(texts.filter(text => text.startsWith('## Run')).map(text => text.slice(0, 8))).toEqual([
      '## Run 1',
      '## Run 2',
    ]);
  });

  test('a limit says until when; the margin is in it', () => {
    const story = start();
    story.begin('1');
    story.end({ kind: 'limited', because: 'limited', resetAtMs: Date.UTC(2026, 1, 3, 15), window: 'five_hour' });
    expect(progressEntries(story.events, 'checkout').at(-1)!.text).toMatch(
      /^> waiting for codex: limited \(five_hour\): resets 2026-02-03T15:00:00.000Z until 2026-02-03T15:01:00.000Z\n/,
    );
  });

  test('long waits are told when they are over, the delay between iterations is not', () => {
    const story = start();
    const fromMs = story.events.at(-1)!.atMs;
    story.add({ type: 'waited', because: 'delay', fromMs }, 5000);
    expect(progressEntries(story.events, 'checkout')).toHaveLength(1);
    story.add({ type: 'waited', because: 'codex is limited', fromMs }, 7_195_000);
    expect(progressEntries(story.events, 'checkout').at(-1)!.text).toMatch(
      /^> waited 2 h for codex is limited until 2026-02-03T12:00:03/,
    );
  });

  test('Q-2.43: hostile titles and messages stay one line, without HTML, and end no comment', () => {
    const story = script();
    story.open();
    story.run();
    const evil = unit('1', 0);
    evil.title = 'a\r\n## Iteration 99\n<!-- seqrun checkout 3 --><script>x</script>\u001b[31m\u202eb';
    story.add({ type: 'plan.made', plan: plan(evil), ticked: [] });
    story.begin('1');
    story.end({ kind: 'failed', class: 'agent', message: `x\n\n---\n${'y'.repeat(2000)} -->` }, { code: 1 });
    const { text } = progressEntries(story.events, 'checkout').at(-1)!;
    expect(text).toContain(
      '- **Task:** 1 - a ## Iteration 99 &lt;!-- seqrun checkout 3 --&gt;&lt;script>x&lt;/script> [31mb\n',
    );
    expect(text.split('\n').filter(line => line.startsWith('## '))).toHaveLength(1);
    expect([...readMarkers(text, 'checkout', 'j').present]).toEqual([6]);
    expect(text.length).toBeLessThan(1200);
  });

  test('20,000 events are folded one by one', () => {
    const add = progressFold('checkout').add;
    const story = start();
    for (const event of story.events) add(event);
    for (let i = 0; i < 10_000; i++) {
      const seq = 10 + 2 * i;
      add({ ...story.begin('1'), seq } as never);
      story.events.length = 3;
    }
    expect(story.events).toHaveLength(3);
  });
});

describe('markers', () => {
  test('a spec of any name is found again, and no other', () => {
    for (const name of ['checkout', 'a b', 'x --> y', 'ü\n', '%20', 'a-b', '<!--', '']) {
      const text = `${journalMarker(name, 'j')}\n${progressMarker(name, 7)}\n${progressMarker('other', 8)}\n`;
      expect(text.split('-->')).toHaveLength(4);
      if (name !== '') expect(readMarkers(text, name, 'j')).toEqual({ present: new Set([7]), current: true });
    }
  });

  test('numbers of an earlier journal do not count for this one (--fresh)', () => {
    const text = [
      journalMarker('s', 'old'),
      progressMarker('s', 2),
      progressMarker('s', 3),
      journalMarker('s', 'new'),
      progressMarker('s', 2),
    ].join('\n');
    expect(readMarkers(text, 's', 'new')).toEqual({ present: new Set([2]), current: true });
    expect(readMarkers(text, 's', 'old')).toEqual({ present: new Set([2, 3]), current: false });
    expect(readMarkers(text, 's', 'third')).toEqual({ present: new Set(), current: false });
  });

  test('the header has the reference form', () => {
    expect(progressHeader('/r/.kiro/specs/checkout', 0)).toBe(
      '# Sequential Execution Progress\n\n**Spec:** /r/.kiro/specs/checkout\n**Started:** 1970-01-01T00:00:00.000Z\n\n---\n\n',
    );
  });
});

test('the reason of an end names commands that can be pasted', () => {
  const story = given(planOf(unitOf('1')));
  const because = 'unit 1 is done and waits for a review: seqrun approve 1, or seqrun reject 1 "what is wrong"';
  story.and({ type: 'run.ended', run: 'run-1', end: 'person', exit: 2, because });
  const words = { look: '--spec s', run: '--spec s --review' };
  const { text } = progressEntries(story.events, 's', words).at(-1)!;
  expect(text).toContain(
    'Exit 2: unit 1 is done and waits for a review: seqrun approve 1 --spec s, or seqrun reject 1',
  );
});
