// A reader that never learns a secret: what comes out of it (view, facts, verdict) may be shown and kept.
import type { Classification, StreamFacts, StreamReader } from './agent.ts';
import type { Secrets } from './secrets.ts';

/**
 * The reader, fed without secrets. The lines are cleaned before they are read, so that no cut of theirs leaves half of one; and what
 * comes out once more, since some CLIs tell a text in pieces of which each is a line of its own.
 */
export const hidingReader = (reader: StreamReader, { hide }: Secrets): StreamReader => {
  const orNull = (text: string | null): string | null => text && hide(text);
  return {
    line: (stream, text) => {
      const lines = reader.line(stream, hide(text));
      for (const line of lines) line.text = hide(line.text);
      return lines;
    },
    facts: (): StreamFacts => {
      const { finalText, failure, waiting, warnings, ...facts } = reader.facts();
      return {
        ...facts,
        finalText: orNull(finalText),
        failure: orNull(failure),
        waiting: waiting && { because: hide(waiting.because), evidence: hide(waiting.evidence) },
        warnings: warnings.map(hide),
      };
    },
    classify: (end): Classification => {
      const found = reader.classify({ ...end, file: orNull(end.file) });
      return { ...found, evidence: orNull(found.evidence) };
    },
  };
};
