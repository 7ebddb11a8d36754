// A reading of the task file tells of other lines below the titles of open tasks, and of nothing else there.
import { expect, test } from 'vitest';
import { nothingPublished } from '../../src/cli/look.ts';
import { createDesk } from '../../src/engine/spec-desk.ts';
import { readSpec } from '../../src/spec/read.ts';
import { given, planOf } from '../core/given.ts';

test('lines that a job has changed in their place, without moving another', async () => {
  const first = '- [ ] 1. One\n  - as a list\n- [ ] 2. Two\n  - with a price\n  - [ ] in cents\n';
  let text = first;
  const desk = createDesk({
    name: 'tasks.md',
    writeTasks: false,
    plan: { granularity: 'group', includeOptional: false, lenientDeps: false, only: null, from: null, until: null },
    specFile: {
      read: async () => ({
        kind: 'spec',
        spec: readSpec(new TextEncoder().encode(text)),
        bytesHash: text,
        unchanged: false,
      }),
      settle: async () => undefined,
      tick: async () => [],
      untick: async () => [],
    },
  });
  const story = given(planOf());
  const read = async (): Promise<string[]> => {
    const { event } = await desk.read(story.state, nothingPublished);
    if (event) story.and(event);
    return event ? [event.type, ...('only' in event ? ['only'] : [])] : [];
  };
  expect(await read()).toEqual(['plan.made']);
  expect(await read()).toEqual([]);
  story.start('1', { kind: 'completed', signal: 'TASK_DONE' });
  text = first.replace('with a price', 'do nothing');
  expect(await read()).toEqual(['plan.made', 'only']);
  expect(story.state.notices.join()).toContain('below the title of task 2');
  // Done is done, and a blank is no word.
  text = text.replace('as a list', 'made a list').replace('[ ] in cents', '[ ]  in cents');
  expect(await read()).toEqual([]);
});
