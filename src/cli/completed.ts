// Failures completed with the spec of their call: the core names commands without it.
import type { SpecWords } from '../core/handoff.ts';
import { withSpec } from '../core/with-spec.ts';
import type { Failure } from './errors.ts';

/** The failure with `--spec …` behind each command of seqrun that it names without. */
export const completed = (failure: Failure, words: SpecWords): Failure => {
  const said = (text: string): string => withSpec(text, words);
  return {
    ...failure,
    what: said(failure.what),
    expected: failure.expected && said(failure.expected),
    next: failure.next && said(failure.next),
  };
};
