// Keys pressed on a terminal, one by one, for a view that a key ends.

/** `q`, Ctrl-C, and the end of the input. */
const isEnd = (bytes: Buffer): boolean => bytes.includes('q') || bytes.includes('Q') || bytes.includes(3);

/**
 * Calls `enough` when the person has had enough: a key where stdin is a terminal and `keys` are wanted, SIGINT always. The result gives the
 * terminal back as it was; Node itself does so when the process is ended by a signal.
 */
export const listenForEnd = (enough: () => void, keys: boolean): (() => void) => {
  const { stdin } = process;
  const listener = (bytes: Buffer) => {
    if (isEnd(bytes)) enough();
  };
  const raw = (on: boolean): boolean => {
    try {
      stdin.setRawMode(on);
      return true;
    } catch {
      // The terminal has gone.
      return false;
    }
  };
  process.on('SIGINT', enough);
  const listens = keys && stdin.isTTY === true && raw(true);
  if (listens) stdin.on('data', listener).on('error', enough).resume();
  return () => {
    process.off('SIGINT', enough);
    if (!listens) return;
    stdin.off('data', listener).pause();
    raw(false);
  };
};
