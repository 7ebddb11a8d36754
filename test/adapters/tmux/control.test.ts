// The tmux client that stays: words arrive as they are, failures are told, and its end is no end of the run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { word } from '../../../src/adapters/tmux/client.ts';
import { type ControlClient, controlClient } from '../../../src/adapters/tmux/control.ts';
import { hasTmux, type Rig, rig } from '../jobs/rig.ts';

describe.skipIf(!hasTmux)('the client that stays', () => {
  let world: Rig;
  afterEach(() => world.close());
  const attached = (): ControlClient => {
    world = rig('tmux');
    world.tmux('new-session', '-d', '-s', 'x', 'sleep', '1000');
    return controlClient({ command: world.command }, world.env, '=x');
  };
  const timeoutMs = 10_000;

  test('any word arrives unchanged', async () => {
    const control = attached();
    const pieces = fc.constantFrom(
      'a',
      ';',
      '\\;',
      "'",
      '"',
      '$HOME',
      '#{pid}',
      '\n',
      '~',
      '{',
      '}',
      '%',
      ' ',
      'ü',
      '\\',
      '\t',
      '-',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { minLength: 1, maxLength: 12 }), async parts => {
        const text = `x${parts.join('')}`;
        expect(await control.run(['set-buffer', '-b', 'b', word(text)], { timeoutMs })).toEqual({
          ok: true,
          stdout: '',
        });
        const file = join(world.dir, 'buffer');
        expect(await control.run(['save-buffer', '-b', 'b', file], { timeoutMs })).toMatchObject({ ok: true });
        expect(readFileSync(file, 'utf8')).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  test('several commands in one call; what was printed before a failure is told with it', async () => {
    const control = attached();
    const call = ['display-message', '-p', 'one', ';', 'kill-pane', '-t', '%999', ';', 'display-message', '-p', 'two'];
    const answer = await control.run(call, { timeoutMs });
    expect(answer).toMatchObject({ ok: false, why: 'refused', stdout: 'one\n' });
    expect(await control.run(['display-message', '-p', 'again'], { timeoutMs })).toEqual({
      ok: true,
      stdout: 'again\n',
    });
  });

  test('no such session, or the server gone: null, so that another way is taken', async () => {
    const control = attached();
    expect(await control.run(['display-message', '-p', 'here'], { timeoutMs })).toMatchObject({ ok: true });
    world.tmux('kill-server');
    // The server takes a moment to go, and may answer until then; the time limit of the test bounds it.
    while ((await control.run(['display-message', '-p', 'gone'], { timeoutMs })) !== null);
    const never = controlClient({ command: world.command }, world.env, '=nothing');
    expect(await never.run(['display-message', '-p', 'x'], { timeoutMs })).toBe(null);
  });
});
