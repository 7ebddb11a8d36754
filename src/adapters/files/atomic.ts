// Files that are whole or not there: written beside the target, flushed, renamed. Errors of the system pass through.
// The calls are the synchronous ones: between two units nothing else is to be done meanwhile, and handing each call to another
// thread and back takes longer than most of them do.
import { randomBytes } from 'node:crypto';
import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A name in the same folder that nobody else uses; readers of the folder skip names that begin with a dot. */
export const tempNameFor = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`);

/** Tells whether a file is still the one that was written or read: device, inode, modification time (ns), size. */
export type FileId = string;

/** The id of what stands under a name, or of an open file. */
export const fileIdOf = (info: BigIntStats): FileId => `${info.dev}:${info.ino}:${info.mtimeNs}:${info.size}`;

/**
 * Replaces a file by new content: temp file in the same folder (unique name, O_EXCL), fsync, rename, fsync of the folder (without
 * it, `flushName: false`, a power cut may leave the old content).
 * A link is followed, an existing file keeps its mode; `mode` is for a new one (default 0666 & ~umask). On failure the old
 * file is untouched, the temp file is removed and the error is thrown. write-file-atomic 7 does not look at short writes, and
 * a nearly full disk gives one: it would rename a cut file over a good one. Returns the id of the file written.
 */
export const writeAtomic = async (
  path: string,
  data: string | Uint8Array,
  mode = 0o666,
  { flushName } = { flushName: true },
): Promise<FileId> => {
  const target = realOf(path);
  const old = statSync(target, { throwIfNoEntry: false }) ?? null;
  const { temp, info } = prepare(target, data, old ? old.mode & 0o7777 : mode);
  try {
    if (old && Number(info.mode) !== old.mode) chmodSync(temp, old.mode & 0o7777);
    renameSync(temp, target);
  } catch (error) {
    removeTemp(temp);
    throw error;
  }
  if (flushName) syncFolderNow(dirname(target));
  return fileIdOf(info);
};

/** Writes and flushes a finished temp file beside `path` and returns its name; the caller renames, links or removes it. */
export const writeTemp = async (path: string, data: string | Uint8Array, mode = 0o666): Promise<string> =>
  prepare(path, data, mode).temp;

const prepare = (path: string, data: string | Uint8Array, mode: number): { temp: string; info: BigIntStats } => {
  const temp = tempNameFor(path);
  const fd = openSync(temp, 'wx', mode);
  try {
    writeAll(fd, typeof data === 'string' ? Buffer.from(data) : data);
    fsyncSync(fd);
    return { temp, info: fstatSync(fd, { bigint: true }) };
  } catch (error) {
    removeTemp(temp);
    throw error;
  } finally {
    closeSync(fd);
  }
};

const removeTemp = (temp: string): void => {
  try {
    unlinkSync(temp);
  } catch {
    // It stays, under a name that readers skip.
  }
};

const realOf = (path: string): string => {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
};

/** Writes every byte at the file's own position, or throws (ENOSPC after a short write). */
export const writeAll = (fd: number, data: Uint8Array): void => {
  for (let written = 0; written < data.length; ) {
    written += writeSync(fd, data, written, data.length - written, null);
  }
};

/** Makes names in a folder last. File systems that cannot flush a folder are no reason to stop. */
export const syncFolder = async (folder: string): Promise<void> => syncFolderNow(folder);

const syncFolderNow = (folder: string): void => {
  let fd: number;
  try {
    fd = openSync(folder, constants.O_RDONLY);
  } catch {
    return;
  }
  try {
    fsyncSync(fd);
  } catch {
    // As said above.
  } finally {
    closeSync(fd);
  }
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
