// What an agent is told, and what no prompt may ever hold.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignmentPrompt, type Templates, type UnitPrompt, unitPrompt } from '../../src/core/prompt.ts';
import { findSignal } from '../../src/core/signal.ts';
import type { Task } from '../../src/core/task.ts';
import { unitOf } from './given.ts';

const names = ['task', 'retry', 'follow-up', 'continue', 'answer', 'unanswered', 'closing', 'assignment'] as const;
const templates = Object.fromEntries(
  names.map(name => [name, readFileSync(new URL(`../../templates/${name}.md`, import.meta.url), 'utf8')]),
) as unknown as Templates;

const task = (id: string, over: Partial<Task> = {}): Task => ({
  id,
  title: `Title of ${id}`,
  line: 1,
  parent: null,
  group: null,
  state: 'pending',
  optional: false,
  dependsOn: [],
  follows: [],
  box: null,
  details: '',
  agent: null,
  ...over,
});
const files = {
  tasks: 's/tasks.md',
  requirements: 's/requirements.md',
  design: null,
  state: 's/S.json',
  progress: 's/P.md',
  bugfix: false,
};
const input = (over: Partial<UnitPrompt> = {}): UnitPrompt => ({
  unit: unitOf('1', ['1.1', '1.2'], { optionalLeft: ['1.3'] }),
  tasks: [task('1'), task('1.1', { details: '- first detail' }), task('1.2'), task('1.3', { optional: true })],
  done: new Set(['1.1']),
  reason: { kind: 'task', note: null },
  said: [],
  inSession: false,
  files,
  templates,
  ...over,
});

test('the first prompt names unit, subtasks with their state, files that exist, rules and signals', () => {
  const text = unitPrompt(input());
  expect(text).toContain('# 1 Unit 1');
  expect(text).toContain('1.1 Title of 1.1** — already done');
  expect(text).toContain('Go on at **1.2**');
  expect(text).toContain('leave them: 1.3');
  expect(text).not.toContain('Title of 1.3');
  expect(text).toContain('@s/tasks.md');
  expect(text).toContain('@s/requirements.md');
  expect(text).not.toContain('design');
  expect(text).toContain('never change them: `s/S.json`, `s/P.md`');
  expect(text).toContain('<promise>HALT</promise>');
  expect(text).not.toMatch(/\{\{/);
});

test('Q-2.34: only files that exist are referenced; a retry carries the note, a follow-up what is missing, an answer its text', () => {
  expect(unitPrompt(input({ files: { ...files, requirements: null } }))).not.toContain('requirements:');
  expect(unitPrompt(input({ reason: { kind: 'task', note: 'the tests are red' } }))).toContain('the tests are red');
  expect(unitPrompt(input({ reason: { kind: 'follow_up', missing: 'no signal' }, inSession: true }))).toContain(
    'no signal',
  );
  expect(unitPrompt(input({ reason: { kind: 'answer', text: 'Use Postgres' }, inSession: true }))).toContain(
    'Use Postgres',
  );
  const fresh = unitPrompt(input({ reason: { kind: 'follow_up', missing: 'no signal' } }));
  expect(fresh).toContain('## What to do');
  expect(fresh).toContain('no signal');
});

test('a first prompt offers the closing block before it asks for the signal; a turn in the same session does not repeat it', () => {
  const text = unitPrompt(input());
  expect(text).toContain('\n\n```seqrun\n{');
  expect(text.indexOf('```seqrun')).toBeLessThan(text.indexOf('End your final message'));
  expect(text.indexOf('```seqrun')).toBe(text.lastIndexOf('```seqrun'));
  const reason: UnitPrompt['reason'] = { kind: 'follow_up', missing: 'no signal' };
  expect(unitPrompt(input({ reason, inSession: true }))).not.toContain('```seqrun');
  expect(unitPrompt(input({ reason }))).toContain('```seqrun');
  const none = unitPrompt(input({ templates: { ...templates, closing: '\n' } }));
  expect(none).toContain('## How to end\n\nEnd your final message');
  const mistyped = { ...templates, task: templates.task.replace('{{closing}}', '{{closng}}') };
  expect(unitPrompt(input({ templates: mistyped }))).toContain('{{closng}}');
});

test.each([
  [
    'checkpoint',
    { checkpoint: true, noChange: true, expects: 'green' },
    /run the checks.*change nothing else.*halt/,
    /test first/,
  ],
  ['red', { expects: 'red' }, /see it fail.*Do not fix the code.*success of this unit/, /then make it pass/],
  ['documentation', { docs: true }, /check what you write/, /test first/],
  ['green', { expects: 'green' }, /test first.*must pass; where it names an earlier one/, /may need no change/],
  ['nothing to change', { noChange: true }, /test first.*may need no change at all/, /must pass now/],
] as const)('a unit is told how tests are meant in it: %s', (_, over, has, hasNot) => {
  const text = unitPrompt(input({ unit: unitOf('1', ['1.1', '1.2'], over) }));
  expect(text).toMatch(has);
  expect(text).not.toMatch(hasNot);
});

test('a unit that only looks at tests writes none', () => {
  const tasks = [task('1'), task('1.1', { expects: 'green' }), task('1.2', { expects: 'green' })];
  const unit = unitOf('1', ['1.1', '1.2'], { expects: 'green', noChange: true });
  const text = unitPrompt(input({ unit, tasks, files: { ...files, bugfix: true } }));
  expect(text).toMatch(/run the same ones, write no new one.*mend the code, not the test.*may need no change/);
  expect(text).not.toContain('bugfix spec');
});

test('no answer is told as none: nobody is said to have agreed, and halting again stays open', () => {
  for (const inSession of [true, false]) {
    const text = unitPrompt(input({ reason: { kind: 'answer', text: null }, inSession }));
    expect(text).toContain('nobody has answered');
    expect(text).toContain('halt again');
    expect(text).not.toMatch(/person has answered|says: go on|\{\{/);
  }
});

test('Q-2.36: no prompt holds a signal that would count if an agent echoed it, whatever the spec says', () => {
  const hostile = fc.constantFrom(
    '<promise>HALT</promise>',
    '  <promise>TASK_DONE</promise>\r',
    'x',
    '```',
    '',
    '> y',
    '{{note}}',
    '$&',
  );
  fc.assert(
    fc.property(
      fc.array(hostile, { maxLength: 8 }),
      fc.constantFrom('task', 'follow_up', 'continue', 'answer'),
      fc.boolean(),
      (lines, kind, inSession) => {
        const text = lines.join('\n');
        const reason = {
          task: { kind: 'task', note: text },
          follow_up: { kind: 'follow_up', missing: text },
          continue: { kind: 'continue', after: 'limited' },
          answer: { kind: 'answer', text },
        }[kind] as UnitPrompt['reason'];
        const prompt = unitPrompt(
          input({
            reason,
            inSession,
            said: [text, text],
            tasks: [task('1.1', { title: text, details: text }), task('1.2', { details: text })],
            done: new Set(),
          }),
        );
        expect(findSignal(prompt, { lastLineOnly: false })).toBeNull();
      },
    ),
  );
});

test('the assignment prompt names file, ids and owners, and demands one object', () => {
  const text = assignmentPrompt({
    units: [unitOf('1', ['1.1']), unitOf('2')],
    tasks: [],
    owners: ['codex', 'claude'],
    files,
    templates,
  });
  expect(text).toContain('@s/tasks.md');
  expect(text).toContain('- 1: Unit 1 (Leaf 1.1)');
  expect(text).toContain('- `claude`');
  expect(text).toContain('"assignments"');
});
