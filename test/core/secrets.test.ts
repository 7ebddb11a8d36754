// Which values of an environment are secrets, and what becomes of them in text.
import { describe, expect, test } from 'vitest';
import type { StreamReader } from '../../src/core/agent.ts';
import { hidingReader } from '../../src/core/hiding-reader.ts';
import { isSecretName, secretsOf } from '../../src/core/secrets.ts';

const key = 'sk-proj-4f9A/b+c=77';

describe('names', () => {
  test.each(
    (
      'OPENAI_API_KEY ANTHROPIC_AUTH_TOKEN GITHUB_TOKEN GH_PAT AWS_SECRET_ACCESS_KEY DB_PASSWORD PGPASSWORD SSH_PASSPHRASE apiKey ' +
      'MY_KEYS AUTHORIZATION npm_config__authToken DB_PASS SESSION_SECRET STRIPE_SECRET_KEY_2 GOOGLE_CREDENTIALS'
    ).split(' '),
  )('%s holds a secret', name => expect(isSecretName(name)).toBe(true));

  test.each(
    (
      'PATH HOME GIT_AUTHOR_NAME AUTHOR AUTHORS SSH_AUTH_SOCK KEY_FILE TOKEN_URL KEYBOARD TOKENIZERS_PARALLELISM XAUTHORITY PWD ' +
      'GIT_CONFIG_KEY_0 AUTH_TYPE PASSENGER COMPASS_DIR SEQRUN_KEY'
    ).split(' '),
  )('%s holds none', name => expect(isSecretName(name)).toBe(false));
});

describe('values', () => {
  const hidden = (env: Record<string, string>, text: string) => secretsOf(env).hide(text);

  test('are named wherever they stand', () => {
    expect(hidden({ A_KEY: key }, `x${key}y ${key}`)).toBe('x[A_KEY]y [A_KEY]');
    expect(hidden({ A_KEY: ` ${key}\n` }, key)).toBe('[A_KEY]');
  });
  test('the longest first, so that no rest of one stays', () => {
    expect(hidden({ A_KEY: key, B_KEY: `${key}-more` }, `${key}-more ${key}`)).toBe('[B_KEY] [A_KEY]');
  });
  test.each([
    'short7!',
    'postgres',
    'change-me',
    'turn.completed',
    'TASK_DONE',
    '12345678',
    '/home/user/.ssh/id',
    'true',
  ])('not %s: that is ordinary text', value =>
    expect(hidden({ A_KEY: value, DB_PASSWORD: value }, `"${value}"`)).toBe(`"${value}"`),
  );
  test.each([
    ['postgres://app:pa55-w0rd!@db:5432/x', 'psql: pa55-w0rd! refused', 'psql: [DATABASE_URL] refused'],
    ['postgres://app:pa55%2Fw0rd@db/x', 'pa55/w0rd pa55%2Fw0rd', '[DATABASE_URL] [DATABASE_URL]'],
    ['https://ghp_0123456789abcdefghij@github.com/x', 'ghp_0123456789abcdefghij', '[DATABASE_URL]'],
    ['https://github.com/user/repo', 'https://github.com/user/repo', 'https://github.com/user/repo'],
    ['https://somebody@example.org/', 'somebody', 'somebody'],
  ])('a password in a URL: %s', (url, text, expected) => expect(hidden({ DATABASE_URL: url }, text)).toBe(expected));
  test('a private key, by its lines, and in JSON as a whole', () => {
    const pem = `-----BEGIN PRIVATE KEY-----\n${'aB3/'.repeat(16)}\n${'xY9+'.repeat(16)}\n-----END PRIVATE KEY-----\n`;
    expect(hidden({ SIGN_KEY: pem }, `  ${'xY9+'.repeat(16)}`)).toBe('  [SIGN_KEY]');
    expect(hidden({ SIGN_KEY: pem }, '-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----');
    expect(JSON.parse(hidden({ SIGN_KEY: pem }, JSON.stringify({ text: `is ${pem.trim()}` })))).toEqual({
      text: 'is [SIGN_KEY]',
    });
  });
  test('a line of JSON stays JSON, and only the value goes', () => {
    for (const value of ['n"ew\\line123', 'nabcdefg1', 'tab\tin 1t', 'u0041bcdefg', `${key}\\`, 'ümläut-ß9']) {
      const line = JSON.stringify({ text: `a\n${value}\\${value}`, other: '\nabcdefg1 \\nabcdefg1' });
      const parsed = JSON.parse(hidden({ A_KEY: value }, line)) as { text: string };
      expect(parsed.text).not.toContain(value);
      expect(parsed.text.startsWith('a\n')).toBe(true);
    }
  });
  test('without secrets the very same text comes back', () => {
    const text = 'x'.repeat(100);
    expect(secretsOf({ HOME: '/home/user' }).hide(text)).toBe(text);
  });
});

describe('a reader', () => {
  /** Joins pieces, as Gemini CLI tells its answer. */
  const joining = (): StreamReader => {
    let text = '';
    return {
      line: (_, piece) => {
        text += piece;
        return piece === '' ? [{ kind: 'text', text }] : [];
      },
      facts: () => ({
        session: 's',
        model: null,
        finalText: text,
        succeeded: true,
        failure: text,
        usage: null,
        worked: true,
        waiting: { because: text, evidence: text },
        warnings: [text],
      }),
      classify: ({ file }) => ({ class: 'success', evidence: `${text} ${file}`, resetAtMs: null, window: null }),
    };
  };

  test('gives nothing out that holds one, in whatever pieces it came', () => {
    const reader = hidingReader(joining(), secretsOf({ A_KEY: key }));
    for (const piece of [`${key} `, key.slice(0, 5), key.slice(5)]) expect(reader.line('stdout', piece)).toEqual([]);
    const view = reader.line('stdout', '');
    expect(view).toEqual([{ kind: 'text', text: '[A_KEY] [A_KEY]' }]);
    const end = { exit: null, file: `{"k":"${key}"}`, endedAtMs: 0, startedAtMs: 0, zone: 'UTC' };
    expect(JSON.stringify([reader.facts(), reader.classify(end)])).not.toContain(key);
    expect(reader.facts()).toMatchObject({ session: 's', succeeded: true, finalText: '[A_KEY] [A_KEY]' });
  });
});
