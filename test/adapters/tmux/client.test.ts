// Names, words and errors of the tmux client; no server is needed.
import { expect, test } from 'vitest';
import {
  encodePath,
  safeName,
  sessionNameOf,
  startDirectory,
  tmuxClient,
  word,
} from '../../../src/adapters/tmux/client.ts';

test('Q-2.20: names without dots, colons and what else tmux reads', () => {
  expect(safeName('v1.2:x')).toBe('v1_2_x');
  expect(safeName('#{pid}\n#(x)')).toBe('pid_x');
  expect(safeName('=@%$')).toBe('');
  expect(sessionNameOf('seq-v1.2')).toBe('sequential-seq-v1_2');
  expect(sessionNameOf('über')).toBe('sequential-ber');
  expect(sessionNameOf('规范')).toBe('sequential');
});

test('words keep a trailing semicolon; directories are no formats', () => {
  expect(word('a;')).toBe('a\\;');
  expect(word('a;b')).toBe('a;b');
  expect(startDirectory('/x #{pid}')).toBe('/');
  expect(startDirectory('/x y;')).toBe('/x y\\;');
});

test('a path as an option value is one plain word, and no two paths share it', () => {
  const hostile = '/a b/#{x}/$(y)/\'"/\n;ü';
  expect(encodePath(hostile)).toMatch(/^[A-Za-z0-9%/._~-]+$/);
  expect(decodeURIComponent(encodePath(hostile))).toBe(hostile);
});

test('errors name the subcommand; a missing program is told apart', async () => {
  const absent = tmuxClient({ command: ['no-such-tmux'], env: { PATH: '/usr/bin' } });
  expect(await absent.run(['list-sessions'])).toMatchObject({
    ok: false,
    why: 'absent',
    message: expect.stringContaining('tmux list-sessions: '),
  });
  const odd = tmuxClient({ command: ['sh', '-c', 'echo no can do >&2; exit 3'], env: { PATH: '/usr/bin:/bin' } });
  expect(await odd.run(['new-window'])).toMatchObject({
    ok: false,
    why: 'refused',
    message: 'tmux new-window: no can do',
  });
  const slow = tmuxClient({ command: ['sleep', '600'], env: { PATH: '/usr/bin:/bin' }, timeoutMs: 50 });
  expect(await slow.run([])).toMatchObject({ ok: false, why: 'timeout' });
});
