// What a terminal can show: asked of the environment, as its users set it. Pure.

type Env = Readonly<Record<string, string | undefined>>;

/** Whether lines may be rewritten: not on a dumb terminal, and not where a CI keeps what is printed. */
export const canRewrite = (env: Env): boolean =>
  env.TERM !== 'dumb' && (env.CI === undefined || ['', '0', 'false'].includes(env.CI));

/** Whether characters beyond ASCII arrive as such: by the locale in the order of POSIX, and not on the Linux console, whose font lacks them. */
export const showsUnicode = (env: Env): boolean =>
  env.TERM !== 'linux' && /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '');
