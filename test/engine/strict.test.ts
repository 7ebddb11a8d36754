// The desk of a run that is strict: a file that is warned of is not run.
import { expect, test } from 'vitest';
import { nothingPublished } from '../../src/cli/look.ts';
import { emptyState } from '../../src/core/state.ts';
import { createDesk } from '../../src/engine/spec-desk.ts';
import { readSpec } from '../../src/spec/read.ts';

const deskOf = (text: string, strict: boolean) =>
  createDesk({
    name: 'tasks.md',
    writeTasks: false,
    strict,
    plan: { granularity: 'group', includeOptional: false, lenientDeps: false, only: null, from: null, until: null },
    specFile: {
      read: async () => ({
        kind: 'spec',
        spec: readSpec(new TextEncoder().encode(text)),
        bytesHash: text,
        unchanged: false,
      }),
      tick: async () => [],
      settle: async () => {},
      untick: async () => [],
    },
  });

test('it ends with 65 and the line', async () => {
  const text = '- [ ] 1. One\n- [?] 2. Two\n';
  const strict = await deskOf(text, true).read(emptyState(), nothingPublished);
  expect(strict.event).toMatchObject({
    type: 'spec.unreadable',
    exit: 65,
    message: expect.stringMatching(/^tasks\.md:2/),
  });
  const lenient = await deskOf(text, false).read(emptyState(), nothingPublished);
  expect(lenient.event?.type).toBe('plan.made');
  expect(lenient.warnings).toHaveLength(1);
});
