// Values of settings without what looks like a secret: a config file may hold one, and what shows settings is pasted elsewhere. Pure.
import { isSecretName, secretsOf } from '../core/secrets.ts';

/**
 * The value with each secret replaced by its name in brackets: values of secret variables of `env`, what is given to a word with such a
 * name (`--api-key x`, `TOKEN=x`, a key of an object), passwords within URLs, and keys that show by their form what they are.
 */
export const hideSecrets = (value: unknown, env: Readonly<Record<string, string | undefined>>): unknown => {
  if (typeof value === 'string') return secretsOf({ ...env, hidden: value }).hide(hideGiven(value));
  if (Array.isArray(value)) {
    return value.map((item, k) => {
      const [, name] = /^--?([A-Za-z][\w-]*)$/.exec(k > 0 ? String(value[k - 1]) : '') ?? [];
      return name !== undefined && typeof item === 'string'
        ? (given(name, item) ?? hideSecrets(item, env))
        : hideSecrets(item, env);
    });
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      typeof one === 'string' ? (given(key, one) ?? hideSecrets(one, env)) : hideSecrets(one, env),
    ]),
  );
};

/** `NAME=x`, `--name=x`, `--name x`; the value may stand in quotes. */
const assignment = /(^|[^\w-])(--?[A-Za-z][\w-]*(?:=|\s+)|[A-Za-z_]\w*=)("[^"]*"|'[^']*'|[^\s"']+)/g;
const bearer = /\b(Bearer|Basic|token)\s+([\w.~+/=-]{8,})/gi;
/** As providers write theirs. */
const knownForms = /\b(?:sk|pk|rk|ghp|gho|ghu|ghs|github_pat|glpat|xox[abpr]|AIza|AKIA)[-_A-Za-z0-9]{16,}/g;

const hideGiven = (text: string): string =>
  text
    .replace(assignment, (whole, before: string, head: string, said: string) => {
      const name = head.replace(/^--?|[=\s]+$/g, '');
      const hidden = given(name, said.replace(/^["']|["']$/g, ''));
      return hidden === null ? whole : `${before}${head}${hidden}`;
    })
    .replace(bearer, (_, scheme: string) => `${scheme} [hidden]`)
    .replace(knownForms, '[hidden]');

/** What stands in place of a value under that name; null: it may be shown. Variables and placeholders are filled in elsewhere. */
const given = (name: string, value: string): string | null =>
  !isSecretName(name) || value === '' || /^[${]/.test(value) || /^\d{1,6}$/.test(value) ? null : `[${name}]`;
