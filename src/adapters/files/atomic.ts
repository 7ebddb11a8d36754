// Files that are whole or not there: written beside the target, flushed, renamed. Errors of the system pass through.
import { randomBytes } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { chmod, type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A name in the same folder that nobody else uses; readers of the folder skip names that begin with a dot. */
export const tempNameFor = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`);

/** Tells whether a file is still the one that was written or read: device, inode, modification time (ns), size. */
export type FileId = string;

/** The id of what stands under a name, or of an open file. */
export const fileIdOf = (info: BigIntStats): FileId => `${info.dev}:${info.ino}:${info.mtimeNs}:${info.size}`;

/**
 * Replaces a file by new content: temp file in the same folder (unique name, O_EXCL), fsync, rename, fsync of the folder.
 * A link is followed, an existing file keeps its mode; `mode` is for a new one (default 0666 & ~umask). On failure the old
 * file is untouched, the temp file is removed and the error is thrown. write-file-atomic 7 does not look at short writes, and
 * a nearly full disk gives one: it would rename a cut file over a good one. Returns the id of the file written.
 */
export const writeAtomic = async (path: string, data: string | Uint8Array, mode = 0o666): Promise<FileId> => {
  const target = await realpath(path).catch(() => path);
  const old = await stat(target).catch(() => null);
  const { temp, info } = await prepare(target, data, old ? old.mode & 0o7777 : mode);
  try {
    if (old && Number(info.mode) !== old.mode) await chmod(temp, old.mode & 0o7777);
    await rename(temp, target);
  } catch (error) {
    await unlink(temp).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(target));
  return fileIdOf(info);
};

/** Writes and flushes a finished temp file beside `path` and returns its name; the caller renames, links or removes it. */
export const writeTemp = async (path: string, data: string | Uint8Array, mode = 0o666): Promise<string> =>
  (await prepare(path, data, mode)).temp;

const prepare = async (
  path: string,
  data: string | Uint8Array,
  mode: number,
): Promise<{ temp: string; info: BigIntStats }> => {
  const temp = tempNameFor(path);
  const file = await open(temp, 'wx', mode);
  try {
    await writeAll(file, typeof data === 'string' ? Buffer.from(data) : data);
    await file.sync();
    return { temp, info: await file.stat({ bigint: true }) };
  } catch (error) {
    await unlink(temp).catch(() => {});
    throw error;
  } finally {
    await file.close();
  }
};

/** Writes every byte at the file's own position, or throws (ENOSPC after a short write). */
export const writeAll = async (file: FileHandle, data: Uint8Array): Promise<void> => {
  let written = 0;
  while (written < data.length) {
    const { bytesWritten } = await file.write(data, written, data.length - written, null);
    written += bytesWritten;
  }
};

/** Makes names in a folder last. File systems that cannot flush a folder are no reason to stop. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, constants.O_RDONLY).catch(() => null);
  if (!handle) return;
  await handle.sync().catch(() => {});
  await handle.close();
};

/** Error code of the system (`ENOENT`), or null when the value is no such error. */
export const codeOf = (error: unknown): string | null => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
};

/** One line about an error of the system for messages: `no space left on device (ENOSPC)`. */
export const reasonOf = (error: unknown): string => {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  return code ? `${reasons[code] ?? message.replace(/^[A-Z]+: /, '').replace(/, .*$/s, '')} (${code})` : message;
};

const reasons: Record<string, string> = {
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota used up',
  EROFS: 'read-only file system',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  EIO: 'the disk reports an error',
};
