// Knows a failure again: the same words with other times, numbers and addresses are the same failure.
import { hashText } from './hash.ts';

/**
 * 16 hex digits over a failure's text without what differs from run to run: escape sequences, numbers (so times, ports, pids,
 * line counts), units of time behind them, long hexadecimal words, temporary folders, blanks. Two failures of one kind may well have different
 * signatures; the other way round is unlikely.
 */
export const failureSignature = (text: string): string =>
  hashText(
    text
      .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
      .replace(/\/(?:tmp|var\/folders|var\/tmp)\/[^\s:'")]+/g, '/tmp/…')
      .replace(/\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b/gi, '#')
      .replace(/\d+(?:[.,:]\d+)*/g, '#')
      .replace(/# ?(?:[mnuµ]?s|sec|seconds?|m|min|minutes?|h)\b/g, '#')
      .replace(/\s+/g, ' ')
      .trim(),
  );
