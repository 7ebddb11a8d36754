// A number that every process of a start inherits and none can lose: its limit of file locks. Pure.

/**
 * The number that belongs to a mark. RLIMIT_LOCKS means nothing to Linux since 2.4.25 (getrlimit(2)), is handed down over fork and exec
 * whatever happens to environment, session and parent, and can only be lowered. 44 bits of the mark's random part: no accident
 * gives the same. Null for a mark that seqrun did not make.
 */
export const inheritedNumber = (mark: string): number | null =>
  /[0-9a-f]{11}$/.test(mark) ? Number.parseInt(mark.slice(-11), 16) || null : null;

/** Whether /proc/PID/limits of a process tells of that number. */
export const hasNumber = (limits: string, mark: string): boolean => {
  const number = inheritedNumber(mark);
  return number !== null && new RegExp(`^Max file locks +${number} `, 'm').test(limits);
};

/** The limit of file locks that /proc/PID/limits tells of, null when there is none (as everywhere but in a start). */
export const inheritedNumberIn = (limits: string): number | null => {
  const found = /^Max file locks +(?:unlimited|\d+) +(unlimited|\d+) /m.exec(limits);
  return found === null || found[1] === 'unlimited' ? null : Number(found[1]);
};

/**
 * Whether seqrun may have made the number that /proc/PID/limits tells of. Below 2^32 it is an administrator's (limits.conf, a
 * container): seqrun makes none so small, and one in 4096 of its old marks was.
 */
export const hasOwnNumber = (limits: string): boolean => (inheritedNumberIn(limits) ?? 0) >= 2 ** 32;
