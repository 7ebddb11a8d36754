// receipt.json in each start's folder: the outcome with what it rests on, written once it is the last word.

import { existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isFinal, receiptOf } from '../../core/receipt.ts';
import type { StartRecord, State } from '../../core/state.ts';
import { plainJson } from '../../core/unseen.ts';

export interface ReceiptWriter {
  /**
   * Writes the receipts that are missing; that of an agent's start only when its gates have been run. A start whose folder is gone
   * has none. Throws what the disk says otherwise.
   */
  write(state: State): Promise<void>;
}

export const createReceiptWriter = (specName: string): ReceiptWriter => {
  /** Starts before this index have their receipts, except those that are `checking`. */
  let next = 0;
  let checking: number[] = [];
  const writeOne = (state: State, start: StartRecord): void => {
    const path = join(start.folder, 'receipt.json');
    const { size = null } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (size === null ? !existsSync(dirname(path)) : size > 0) return;
    // It was made, empty, with the folder; a start of an older seqrun has none.
    const flag = size === null ? 'w' : 'r+';
    const text = plainJson(JSON.stringify(receiptOf(state, start, specName), null, 2));
    writeFileSync(path, `${text}\n`, { mode: 0o600, flag });
  };
  return {
    write: async state => {
      for (const k of checking) if (isFinal(state, state.starts[k]!)) writeOne(state, state.starts[k]!);
      checking = checking.filter(k => !isFinal(state, state.starts[k]!));
      for (; next < state.starts.length; next++) {
        const start = state.starts[next]!;
        if (start.outcome === null) return;
        if (isFinal(state, start)) writeOne(state, start);
        else checking.push(next);
      }
    },
  };
};
