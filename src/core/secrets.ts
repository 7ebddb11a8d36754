// Secrets of the environment in text that is shown or kept: found by their exact values, and named instead.

export interface Secrets {
  /**
   * The text with each known value replaced by its variable's name, `[OPENAI_API_KEY]`; the very same text where there is none. A line
   * of JSON stays JSON. Linear in the text for each value.
   */
  hide(text: string): string;
}

/** Shorter ones would be found in ordinary words. */
const valueMin = 8;
/** A value of many lines (a private key in PEM form) is found by its lines, too: shorter ones say nothing. */
const lineMin = 16;
/** Each value costs a search in every line: no honest environment has more. */
const valuesMax = 200;

/** The secrets of an environment: of variables whose names say so, and passwords within URLs. */
export const secretsOf = (env: Readonly<Record<string, string | undefined>>): Secrets => {
  const names = new Map<string, string>();
  const add = (value: string, name: string): void => {
    if (value.length >= valueMin && !isOrdinary(value) && !names.has(value)) names.set(value, `[${name}]`);
  };
  for (const [name, value = ''] of Object.entries(env)) {
    if (value.length < valueMin) continue;
    const given = isSecretName(name) ? [value.trim(), ...linesOf(value)] : passwordsIn(value);
    for (const one of given) for (const form of formsOf(one)) add(form, name);
  }
  // The longest first: one may be part of another.
  const known = [...names].sort(([one], [other]) => other.length - one.length).slice(0, valuesMax);
  return {
    hide: text => {
      let hidden = text;
      for (const [value, name] of known) {
        if (hidden.includes(value)) hidden = withoutValue(hidden, value, name);
      }
      return hidden;
    },
  };
};

/** Parts of a name between its separators. `AUTHOR` is none. */
const secretPart =
  /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL)S?$|^PASS$|^PAT$|^AUTH(?!ORS?(?:$|[^A-Z]))/i;
/** What such a name ends with when its value tells where or how, not what. */
const harmlessEnd =
  /^(?:FILE|PATH|SOCK|SOCKET|DIR|HOME|PROGRAM|TYPE|MODE|METHOD|NAME|HEADER|TTL|TIMEOUT|LENGTH|COUNT|ALGORITHM|URL|URI)$/i;

/** Whether a variable's name says that its value is a secret. */
export const isSecretName = (name: string): boolean => {
  const parts = name.split(/[^A-Za-z0-9]+/).filter(part => part !== '');
  if (/^(?:SEQRUN_|GIT_CONFIG_KEY_)/.test(name) || harmlessEnd.test(parts.at(-1) ?? '')) return false;
  return parts.some(part => secretPart.test(part));
};

/**
 * A value that stands for something else in ordinary text and in the words of a stream of events: to replace it would hide nothing, and
 * harm what is read. Words of one case, numbers, paths.
 */
const isOrdinary = (value: string): boolean =>
  (value.length < 20 && /^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)(?:[ ._-](?:[a-z]+|[A-Z]+|[A-Z][a-z]+))*$/.test(value)) ||
  /^\d{1,15}$/.test(value) ||
  /^(?:~|\/[A-Za-z]{2,10})\/\S*$/.test(value);

const linesOf = (value: string): string[] => {
  const lines = value.split(/\r?\n/);
  return lines.length < 2
    ? []
    : lines.map(line => line.trim()).filter(line => line.length >= lineMin && !/^-{3}/.test(line));
};

/** Of `scheme://user:password@host`: the password; a user name alone only where it is long enough to be a token. */
const passwordsIn = (value: string): string[] =>
  [...value.matchAll(/\b[a-z][a-z0-9+.-]*:\/\/([^\s/?#:@]*)(?::([^\s/?#]*))?@/gi)].flatMap(
    ([, user = '', password]) => {
      const found = password ?? (user.length >= 20 ? user : '');
      return found === '' ? [] : [found, decoded(found)];
    },
  );

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** As it stands, and as a string of JSON holds it. */
const formsOf = (value: string): string[] => [value, JSON.stringify(value).slice(1, -1)];

/** In JSON a value that seems to begin within an escape (`\n…`) is another text: nothing is cut out of the escape. */
const withoutValue = (text: string, value: string, name: string): string => {
  const json = /^\s*[{[]/.test(text);
  return text.replaceAll(value, (found, at: number) => (json && isEscaped(text, at) ? found : name));
};

const isEscaped = (text: string, at: number): boolean => {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
};
