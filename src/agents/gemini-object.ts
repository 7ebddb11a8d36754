// An object that Gemini CLI prints over several lines: its whole answer, or its error, with `-o json`.
import { cleanText } from '../core/clean-text.ts';
import { type Json, objectOf } from './json-lines.ts';

export interface ObjectCollector {
  /** The object when this line ends one, `more` when the line is part of one, null when it is neither. */
  line(text: string): Json | 'more' | null;
  /** Forgets a begun object; true when there was one. */
  drop(): boolean;
}

/** Collects what stands between a line `{` and a line `}`, at most 10 million characters. What is no JSON is dropped. */
export const objectCollector = (): ObjectCollector => {
  let lines: string[] | null = null;
  let size = 0;
  const drop = (): boolean => {
    const begun = lines !== null;
    lines = null;
    size = 0;
    return begun;
  };
  return {
    drop,
    line: text => {
      const short = text.length < 100 ? cleanText(text).trimEnd() : text;
      if (lines === null) {
        if (short !== '{') return null;
        lines = [short];
        return 'more';
      }
      lines.push(text);
      size += text.length;
      if (short === '}') {
        const whole = lines.slice(0, -1).concat(short).join('\n');
        drop();
        return parsed(whole);
      }
      if (size > 10_000_000) {
        drop();
        return null;
      }
      return 'more';
    },
  };
};

const parsed = (text: string): Json | null => {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return null;
  }
};
