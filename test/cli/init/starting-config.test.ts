// The first settings file where little was found.
import { expect, it } from 'vitest';
import { startingConfig } from '../../../src/cli/init/starting-config.ts';

it.each([
  [[], 'No agent CLI was found. Without a line here, the first that is installed does.', '# backend: codex'],
  [
    ['claude', 'codex'],
    'Found: claude, codex. Without a line here, the first that is installed does.',
    'backend: claude',
  ],
])('with agents %j it says who works, and names no tool of one language', (agents, words, line) => {
  const lines = startingConfig({ specs: [], agents, gates: [], schema: null }).split('\n');
  const at = lines.indexOf(`# Who does the work. ${words}`);
  expect(at).toBeGreaterThan(0);
  expect(lines[at + 1]).toBe(line);
  expect(lines.join('\n')).not.toMatch(/npm|pytest|cargo/);
});
