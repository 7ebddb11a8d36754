// One stream of values for any number of readers, each from the moment it begins to read.

/** `send` never waits for a reader; what a reader has not read yet is kept for it. */
export interface Broadcast<Value> {
  /** From now on nothing is missed, whenever the first value is asked for. */
  read(): AsyncIterableIterator<Value>;
  send(value: Value): void;
  /** Ends the stream for all readers, once they have read what was sent. */
  close(): void;
}

interface Reader<Value> {
  waiting: Value[];
  left: boolean;
  wake(): void;
}

export const createBroadcast = <Value>(): Broadcast<Value> => {
  const readers = new Set<Reader<Value>>();
  let closed = false;
  return {
    read: () => {
      const reader: Reader<Value> = { waiting: [], left: false, wake: () => undefined };
      readers.add(reader);
      const iterator: AsyncIterableIterator<Value> = {
        next: async () => {
          while (reader.waiting.length === 0 && !closed && !reader.left) {
            await new Promise<void>(resolve => {
              reader.wake = resolve;
            });
          }
          return reader.waiting.length > 0
            ? { value: reader.waiting.shift()!, done: false }
            : { value: undefined, done: true };
        },
        return: async () => {
          readers.delete(reader);
          Object.assign(reader, { waiting: [], left: true });
          reader.wake();
          return { value: undefined, done: true };
        },
        [Symbol.asyncIterator]: () => iterator,
      };
      return iterator;
    },
    send: value => {
      for (const reader of readers) {
        reader.waiting.push(value);
        reader.wake();
      }
    },
    close: () => {
      closed = true;
      for (const reader of readers) reader.wake();
    },
  };
};
