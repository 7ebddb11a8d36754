// Contents of objects of one repository, one after the other, through one `git cat-file`.
import { once } from 'node:events';
import { endGit, startGit, Trouble } from './call.ts';

export interface Blobs {
  /** Gives the bytes of an object piece by piece. Throws `Trouble` when it is missing. One call at a time. */
  read(oid: string, take: (piece: Buffer) => void): Promise<void>;
  close(): void;
}

/** No single answer takes this long. */
const answerMs = 60_000;

/** Raw bytes as they are stored: no smudge filter, no line ends changed. No process is started before the first read. */
export const openBlobs = (root: string): Blobs => {
  let child: ReturnType<typeof startGit> | null = null;
  let pieces: AsyncIterator<Buffer> | null = null;
  let rest: Buffer = Buffer.alloc(0);

  const more = async (): Promise<Buffer> => {
    if (rest.length > 0) {
      const piece = rest;
      rest = Buffer.alloc(0);
      return piece;
    }
    const timer = setTimeout(() => child && endGit(child), answerMs);
    try {
      const next = await pieces!.next();
      if (next.done) throw new Trouble(`git cat-file in ${root} ended too early`);
      return next.value;
    } finally {
      clearTimeout(timer);
    }
  };

  const header = async (): Promise<string> => {
    let line = Buffer.alloc(0);
    for (;;) {
      line = Buffer.concat([line, await more()]);
      const end = line.indexOf(10);
      if (end === -1) continue;
      rest = line.subarray(end + 1);
      return line.subarray(0, end).toString('latin1');
    }
  };

  const start = async () => {
    child = startGit(root, ['cat-file', '--batch'], {});
    child.stderr.resume();
    pieces = child.stdout[Symbol.asyncIterator]();
    await Promise.race([once(child, 'spawn'), once(child, 'error')]).catch(() => {});
    if (child.pid === undefined) throw new Trouble('git could not be started');
    child.on('error', () => {});
  };

  const read = async (oid: string, take: (piece: Buffer) => void): Promise<void> => {
    if (child === null) await start();
    child!.stdin.write(`${oid}\n`);
    const line = await header();
    const [, size] = /^[0-9a-f]+ blob (\d+)$/.exec(line) ?? [];
    if (size === undefined) throw new Trouble(`git has no such file content in ${root}: ${line}`);
    // One byte more: a line feed ends each answer.
    for (let left = Number(size) + 1; left > 0; ) {
      const piece = await more();
      const mine = piece.subarray(0, Math.max(0, left - 1));
      if (mine.length > 0) take(mine);
      rest = piece.subarray(Math.min(left, piece.length));
      left -= piece.length - rest.length;
    }
  };

  const close = () => {
    child?.stdin.end();
    if (child) endGit(child);
    child?.stdout.destroy();
  };

  return { read, close };
};
