// Finding programs on a PATH.
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findExecutable } from '../../../src/adapters/files/executables.ts';

test('the first executable regular file counts; folders and plain files do not', async () => {
  const root = mkdtempSync(join(tmpdir(), 'seqrun-path-'));
  for (const name of ['a', 'b', 'c']) mkdirSync(join(root, name));
  mkdirSync(join(root, 'a/codex'));
  writeFileSync(join(root, 'b/codex'), '#!/bin/sh\n');
  writeFileSync(join(root, 'c/codex'), '#!/bin/sh\n');
  chmodSync(join(root, 'c/codex'), 0o755);
  const path = ['a', 'b', 'missing', 'c'].map(name => join(root, name)).join(':');
  expect(await findExecutable('codex', path, root)).toBe(join(root, 'c/codex'));
  expect(await findExecutable('claude', path, root)).toBeNull();
  expect(await findExecutable('./c/codex', '', root)).toBe(join(root, 'c/codex'));
});
