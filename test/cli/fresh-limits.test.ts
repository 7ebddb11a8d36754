// What `--fresh` does not forget: until when an agent is limited; and the word by which a person opens it.
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from './in-process.ts';

test('an agent that is limited is not started again by --fresh, but by retry', async () => {
  const folder = makeFolder();
  try {
    folder.write('- [ ] 1. One\n- [ ] 2. Two\n');
    folder.write('#!/bin/sh\necho started >> starts\necho "quota spent" >&2\nexit 1\n', 'mine');
    chmodSync(join(folder.root, 'mine'), 0o755);
    const agents = { mine: { command: join(folder.root, 'mine'), patterns: { limit: ['quota spent'] } } };
    folder.write(JSON.stringify({ agents }), 'seqrun.config.json');
    const starts = () => readFileSync(join(folder.root, 'starts'), 'utf8').trim().split('\n').length;
    const PATH = process.env.PATH ?? '';
    const run = '--spec .kiro/specs/cart --no-tmux --backend mine --delay 0 --max-runtime 60s';
    expect(await folder.run(run, { PATH })).toMatchObject({ exit: 4 });
    expect(starts()).toBe(1);
    expect(await folder.run(`${run} --fresh`, { PATH })).toMatchObject({ exit: 4 });
    expect(starts()).toBe(1);
    expect((await folder.run('why --spec .kiro/specs/cart')).stdout).toContain('mine is limited');
    expect(await folder.run('retry 1 --spec .kiro/specs/cart', { PATH })).toMatchObject({ exit: 0 });
    await folder.run(run, { PATH });
    expect(starts()).toBe(2);
    expect((await folder.run('retry 2 --spec .kiro/specs/cart', { PATH })).exit).toBe(0);
    expect((await folder.run('retry 2 --spec .kiro/specs/cart', { PATH })).exit).toBe(64);
  } finally {
    folder.close();
  }
});
