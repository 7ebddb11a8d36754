// Gives the whole test run a temporary folder of its own and removes it: nothing is left behind, nothing foreign is above.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const setup = (): (() => void) => {
  // A short name: sockets of tmux have little room.
  const folder = mkdtempSync(join(tmpdir(), 'sqt-'));
  mkdirSync(join(folder, 't'));
  // Some tests act as another user.
  for (const path of [folder, join(folder, 't')]) chmodSync(path, 0o755);
  process.env.TMPDIR = join(folder, 't');
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
};
