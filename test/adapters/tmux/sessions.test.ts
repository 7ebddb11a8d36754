// Which names of a tmux server's environment launch.sh can take away by itself.
import { expect, test } from 'vitest';
import { namesToUnset } from '../../../src/adapters/tmux/sessions.ts';

test('every name of the server and of the session, and those that tmux or a client that attaches adds', () => {
  const names = namesToUnset('3.3a\nA=1\nB=\n_=/usr/bin/tmux\nPWD=/\n-SSH_AGENT_PID\n-GONE\nC=a=b\n');
  expect(names).toEqual(expect.arrayContaining(['A', 'B', 'C', 'GONE', 'PWD', '_', 'TMUX', 'TMUX_PANE', 'DISPLAY']));
  expect(new Set(names).size).toBe(names?.length);
});

test.each([
  ['an old tmux', '2.9a\nA=1\n'],
  ['a version that says nothing', 'master\nA=1\n'],
  ['no words at all', ''],
  ['the rest of a value', '3.4\nA=1\nsecond line\n'],
  ['a function', '3.4\nBASH_FUNC_f%%=() {  :\n}\n'],
  ['what bash acts on', '3.4\nSHELLOPTS=xtrace\n'],
  ['a name that ends dash when it is unset', '3.4\nUID=7\n'],
  ['more names than a call holds', `3.4\n${Array.from({ length: 500 }, (_, i) => `N${i}=1`).join('\n')}`],
])('a clean start is needed: %s', (_, text) => {
  expect(namesToUnset(text)).toBeNull();
});

test.each(['3.0a', '3.5', 'next-3.6', 'openbsd-7.6'])('tmux %s can set a variable for one window', version => {
  expect(namesToUnset(`${version}\nA=1\n`)).toContain('A');
});
