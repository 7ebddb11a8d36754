// File events of a start folder. Only a hint to look earlier: where they cannot be had, the check each second does it all.
import { type FSWatcher, watch } from 'node:fs';

export interface FolderWatch {
  /** Called with the name that changed, or null when the system does not say. One listener at a time. */
  listen(onChange: ((name: string | null) => void) | null): void;
  close(): void;
}

/** Watches from now on. Keeps no process alive; never throws (no inotify watches left, a file system without events). */
export const folderWatch = (folder: string): FolderWatch => {
  let listener: ((name: string | null) => void) | null = null;
  let watcher: FSWatcher | null = null;
  const close = () => {
    watcher?.close();
    watcher = null;
  };
  try {
    watcher = watch(folder, { persistent: false }, (_event, name) => listener?.(name));
    watcher.on('error', close);
  } catch {
    watcher = null;
  }
  return {
    listen: onChange => {
      listener = onChange;
    },
    close,
  };
};
