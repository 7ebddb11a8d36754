// What every git of seqrun bears in its environment: hooks and filters are programs that an agent may have put there.

/** A person decides nothing below it (`withinStart`), and a git that has outlived its runner is found (`strangersIn`). No name of a flag. */
export const marked = { SEQRUN: '1', SEQRUN_CALLS_GIT: String(process.pid) };
