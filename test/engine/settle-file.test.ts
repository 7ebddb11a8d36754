// When the task file is flushed: what a job has written must not come back older, with ticks that would look like a person's.
import { expect, test } from 'vitest';
import { nothingPublished } from '../../src/cli/look.ts';
import { emptyState } from '../../src/core/state.ts';
import { createDesk } from '../../src/engine/spec-desk.ts';
import { readSpec } from '../../src/spec/read.ts';

const playOf = (text: string) => {
  const asked: string[] = [];
  const desk = createDesk({
    name: 'tasks.md',
    writeTasks: true,
    plan: { granularity: 'group', includeOptional: false, lenientDeps: false, only: null, from: null, until: null },
    specFile: {
      read: async () => {
        asked.push('read');
        return { kind: 'spec', spec: readSpec(new TextEncoder().encode(text)), bytesHash: text, unchanged: false };
      },
      settle: async () => void asked.push('settle'),
      tick: async () => [],
      untick: async () => [],
    },
  });
  return { desk, asked };
};

test('at the end of a job, when it has been read', async () => {
  const { desk, asked } = playOf('- [ ] 1. One\n');
  await desk.boxChanges(emptyState());
  expect(asked).toEqual(['read', 'settle']);
});

test('where it could not be read then: with the next reading', async () => {
  const { desk, asked } = playOf('- [ ] 1. One\n');
  expect(await playOf('- [ ] 1. One\n- [ ] 1. One\n').desk.boxChanges(emptyState())).toBeNull();
  await desk.read({ ...emptyState(), tickedUnread: true }, nothingPublished);
  expect(asked).toEqual(['read', 'settle']);
});

test('not when a person alone can have written it: nobody waits for the disk', async () => {
  const { desk, asked } = playOf('- [ ] 1. One\n');
  await desk.read(emptyState(), nothingPublished);
  expect(asked).toEqual(['read']);
});
