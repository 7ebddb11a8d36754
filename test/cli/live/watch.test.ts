// `status --watch`: when it looks again, and when it ends.
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { watchFile, watchStatus } from '../../../src/cli/live/watch.ts';
import type { StatusInput } from '../../../src/cli/status-view.ts';
import { makeFolder } from '../in-process.ts';

const seen = (runnerPid: number | null) => ({ runnerPid }) as StatusInput;

describe('how long', () => {
  const watched = async (looks: (number | null)[], patience = 100) => {
    const shown: (number | null)[] = [];
    const last = await watchStatus({
      look: async () => seen(looks.shift()!),
      show: status => shown.push(status.runnerPid),
      pause: async () => patience-- > 0,
    });
    return { shown, last };
  };

  test('until the runner is gone, and its end is shown', async () => {
    expect(await watched([7, 7, null, 7])).toEqual({ shown: [7, 7, null], last: seen(null) });
  });

  test('once where nothing runs', async () => {
    expect((await watched([null, 7])).shown).toEqual([null]);
  });

  test('until the person has had enough', async () => {
    expect(await watched([7, 7, 7, 7], 1)).toEqual({ shown: [7, 7], last: seen(7) });
  });

  test('a failure ends it', async () => {
    const failure = { exit: 65, what: 'damaged', where: null, expected: null, next: null } as const;
    const last = await watchStatus({
      look: async () => failure,
      show: () => expect.unreachable(),
      pause: async () => true,
    });
    expect(last).toBe(failure);
  });
});

describe('a file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'seqrun-watch-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('written, replaced, or written before anybody waits: seen within a second', async () => {
    const path = join(folder, 'journal.jsonl');
    writeFileSync(path, 'a\n');
    const changes = watchFile(path);
    for (const change of [
      () => appendFileSync(path, 'b\n'),
      () => {
        writeFileSync(`${path}.new`, 'a\nb\n');
        renameSync(`${path}.new`, path);
      },
    ]) {
      changes.seen();
      let isSeen = false;
      const waits = changes.changed().then(() => {
        isSeen = true;
      });
      await new Promise(resolve => setTimeout(resolve, 250));
      expect(isSeen).toBe(false);
      const beganMs = performance.now();
      change();
      await waits;
      expect(performance.now() - beganMs).toBeLessThan(1500);
    }
    changes.seen();
    appendFileSync(path, 'c\n');
    await changes.changed();
    changes.seen();
    changes.stop();
    await changes.changed();
  });

  test('in a folder that cannot be watched: asked for each second', async () => {
    const path = join(folder, 'not', 'yet', 'journal.jsonl');
    const changes = watchFile(path);
    changes.seen();
    const waits = changes.changed();
    changes.stop();
    await waits;
  });
});

test('without a run it is the status, and says that it waits for nothing', async () => {
  const spec = makeFolder();
  try {
    spec.write('- [ ] 1. A\n- [ ] 2. B\n');
    const { exit, stdout, stderr } = await spec.run('status --watch --spec .kiro/specs/cart');
    expect([exit, stdout]).toEqual([0, 'cart: 0 of 2 units completed; it was never started\n']);
    expect(stderr).toBe(
      '[seqrun] no run is at work: there is nothing to wait for; seqrun --spec .kiro/specs/cart starts one\n',
    );
    const json = await spec.run('status --watch --json --spec .kiro/specs/cart');
    expect(
      json.stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line).counts.ready),
    ).toEqual([2]);
    const wrong = await spec.run('stop --watch --spec .kiro/specs/cart');
    expect([wrong.exit, wrong.stderr]).toEqual([64, expect.stringContaining('--watch belongs to status')]);
  } finally {
    spec.close();
  }
});
