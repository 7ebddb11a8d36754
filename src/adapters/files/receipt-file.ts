// receipt.json in each start's folder: the outcome with what it rests on, written once the start has ended.

import { existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { receiptOf } from '../../core/receipt.ts';
import type { State } from '../../core/state.ts';

export interface ReceiptWriter {
  /** Writes the receipts that are missing. A start whose folder is gone has none. Throws what the disk says otherwise. */
  write(state: State): Promise<void>;
}

export const createReceiptWriter = (specName: string): ReceiptWriter => {
  /** Starts before this index have their receipts. */
  let next = 0;
  return {
    write: async state => {
      for (; next < state.starts.length; next++) {
        const start = state.starts[next]!;
        if (start.outcome === null) return;
        const path = join(start.folder, 'receipt.json');
        const { size = null } = statSync(path, { throwIfNoEntry: false }) ?? {};
        if (size === null ? !existsSync(dirname(path)) : size > 0) continue;
        // It was made, empty, with the folder; a start of an older seqrun has none.
        const flag = size === null ? 'w' : 'r+';
        writeFileSync(path, `${JSON.stringify(receiptOf(state, start, specName), null, 2)}\n`, { mode: 0o600, flag });
      }
    },
  };
};
