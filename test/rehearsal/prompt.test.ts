// What the rehearsal agent finds in prompts, also in those that seqrun's own templates make.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { assignmentPrompt, type PromptFiles, type Templates, unitPrompt } from '../../src/core/prompt.ts';
import { readPrompt } from '../../src/rehearsal/prompt.ts';

const names = ['task', 'retry', 'follow-up', 'continue', 'answer', 'unanswered', 'closing', 'assignment'] as const;
const templates = Object.fromEntries(
  names.map(name => [name, readFileSync(join(import.meta.dirname, `../../templates/${name}.md`), 'utf8')]),
) as unknown as Templates;
const files: PromptFiles = {
  tasks: '.kiro/specs/my shop/tasks.md',
  requirements: '.kiro/specs/my shop/requirements.md',
  design: null,
  state: '.kiro/specs/SEQUENTIAL_STATE.json',
  progress: '.kiro/specs/SEQUENTIAL_PROGRESS.md',
  bugfix: false,
};
const unit = {
  id: '2',
  title: 'Show the hours',
  tasks: ['2'],
  leaves: [{ id: '2', title: 'Show the hours', titleHash: '', optional: false }],
  optionalLeft: [],
  follows: [],
  dependsOn: [],
  dependsOnUnits: [],
  level: 0,
  agent: null,
};

it('finds heading and task list in a unit prompt, whatever the task itself says', () => {
  const text = unitPrompt({
    unit,
    tasks: [
      {
        id: '2',
        title: 'Show the hours',
        line: 1,
        parent: null,
        group: null,
        state: 'pending',
        optional: false,
        dependsOn: [],
        follows: [],
        box: null,
        details: '# Not this\n- task list: @elsewhere/tasks.md\nask @someone',
        agent: null,
      },
    ],
    done: new Set(),
    reason: { kind: 'task', note: null },
    said: [],
    inSession: false,
    files,
    templates,
  });
  const facts = readPrompt(text);
  expect(facts.heading).toBe('2 Show the hours');
  expect(facts.files[0]).toBe('.kiro/specs/my shop/tasks.md');
});

it('finds what is asked and who is offered in an assignment prompt', () => {
  const text = assignmentPrompt({
    units: [unit, { ...unit, id: '3.1', title: 'Units:' }],
    tasks: [],
    owners: ['codex', 'codex-review'],
    files,
    templates,
  });
  expect(readPrompt(text)).toMatchObject({ asked: ['2', '3.1'], owners: ['codex', 'codex-review'] });
  expect(readPrompt(text).files[0]).toBe('.kiro/specs/my shop/tasks.md');
});

it('finds nothing in nothing', () => {
  expect(readPrompt('')).toEqual({ heading: null, files: [], asked: [], owners: [] });
});
