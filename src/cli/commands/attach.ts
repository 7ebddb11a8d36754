// `seqrun attach [unit]`: shows the spec's tmux session, at the unit's window when one is named.
import { execa } from 'execa';
import { attachArgs, attachHint, findSessions, listWindows, startKey, tmuxClient, windowOf } from '../../compose.ts';
import type { Intention } from '../intention.ts';
import { lookAt } from '../look.ts';
import type { Io } from '../main.ts';
import { lookWords } from '../spec-words.ts';
import { lastStartOf } from '../which-unit.ts';

export const run = async (intention: Intention, io: Io): Promise<number> => {
  const looked = await lookAt(intention, io);
  if ('exit' in looked) {
    io.console.fail(looked);
    return looked.exit;
  }
  const { places, state } = looked;
  const client = tmuxClient({ command: ['tmux'], env: io.env });
  const [session] = await findSessions(client, places.specFolder);
  if (!session) {
    io.console.fail({
      exit: 66,
      what: 'no tmux session shows this spec',
      where: { name: places.specFolder },
      expected: 'a run in tmux, now or before',
      next: `seqrun logs <unit> ${lookWords(intention)} shows what an agent said`,
    });
    return 66;
  }
  const unit = intention.command === 'attach' ? intention.unit : null;
  let window = null;
  if (unit !== null) {
    const found = lastStartOf(state, unit);
    if ('exit' in found) {
      io.console.fail(found);
      return found.exit;
    }
    window = windowOf(await listWindows(client, session.id), startKey(found.start.folder));
    if (!window)
      io.console.warn(
        `the window of unit ${unit} is closed; seqrun logs ${unit} ${lookWords(intention)} shows its text`,
      );
  }
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    io.console.out(attachHint(client, session));
    return 0;
  }
  const args = attachArgs(session, window, Boolean(io.env.TMUX));
  const [program, ...before] = client.command;
  const shown = await execa(program!, [...before, ...args], {
    stdio: 'inherit',
    env: io.env,
    extendEnv: false,
    reject: false,
  });
  return shown.exitCode ?? 70;
};
