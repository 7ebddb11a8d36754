// What is refused inside a job: an agent can type every command that a person decides with.
import type { Failure } from './errors.ts';

/** A failure (64) when this process runs inside a start of seqrun, else null. `what` begins the sentence. */
export const inJobFailure = (env: Readonly<Record<string, string | undefined>>, what: string): Failure | null =>
  env.SEQRUN_START === undefined && env.SEQRUN === undefined
    ? null
    : {
        exit: 64,
        what: `${what} is refused inside a job of seqrun`,
        where: { name: env.SEQRUN_UNIT ? `unit ${env.SEQRUN_UNIT}` : 'environment variable SEQRUN' },
        expected: 'a person at a terminal of their own: an agent must not decide about its own work',
        next: 'type it outside, or unset SEQRUN and SEQRUN_START when this shell was opened by an agent and you know better',
      };
