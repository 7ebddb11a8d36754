// One tmux client that stays (control mode): a call over its pipe takes 2 ms where starting a client for it takes 6.
import { spawn } from 'node:child_process';
import type { TmuxAnswer, TmuxClient } from './client.ts';

export interface ControlClient {
  /**
   * As `TmuxClient.run`. null: the client is gone or was never there, ask another way; the call may have been done all the same
   * (a window that opens twice ends at the fence of its start).
   */
  run(args: readonly string[], options: { timeoutMs: number }): Promise<TmuxAnswer | null>;
}

interface Block {
  lines: string[];
  failed: boolean;
}

/**
 * Attaches a client in control mode to a session (tmux(1), "CONTROL MODE"). It has no size, gets no output of panes, changes no
 * environment of the session, and keeps no process alive: it ends with this one, with its session, and with the server. Needs
 * tmux 3.2; with an older one every call answers null.
 */
export const controlClient = (
  client: Pick<TmuxClient, 'command'>,
  env: Readonly<Record<string, string | undefined>>,
  session: string,
): ControlClient => {
  const { TMUX, ...rest } = env;
  // Inside tmux a client may not attach; which server is meant stands in the variable that is taken away.
  const socket = TMUX && client.command.length === 1 ? ['-S', TMUX.split(',')[0]!] : [];
  const [program, ...words] = [...client.command, ...socket];
  const attach = ['-C', 'attach-session', '-E', '-f', 'ignore-size,no-output', '-t', session];
  const child = spawn(program!, [...words, ...attach], {
    env: rest as NodeJS.ProcessEnv,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let alive = true;
  let calls = 0;
  let text = '';
  let block: Block | null = null;
  let blocks: Block[] = [];
  let waiting: { sentinel: string; resolve(blocks: Block[] | null): void } | null = null;

  const gone = (): void => {
    alive = false;
    waiting?.resolve(null);
    waiting = null;
  };
  const line = (one: string): void => {
    if (block === null) {
      if (one.startsWith('%begin ')) block = { lines: [], failed: false };
      else if (one.startsWith('%exit')) gone();
      return;
    }
    if (!/^%(end|error) \d+ \d+ \d+$/.test(one)) {
      block.lines.push(one);
      return;
    }
    block.failed = one.startsWith('%error');
    if (waiting && block.lines[0] === waiting.sentinel) {
      waiting.resolve(blocks);
      waiting = null;
      blocks = [];
    } else blocks.push(block);
    block = null;
  };
  child.on('error', gone);
  child.on('exit', gone);
  child.stdin.on('error', gone);
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      line(text.slice(0, end));
      text = text.slice(end + 1);
    }
  });
  child.unref();
  for (const stream of [child.stdin, child.stdout]) (stream as unknown as { unref?(): void }).unref?.();

  return {
    run: async (args, { timeoutMs }) => {
      if (!alive || waiting) return null;
      blocks = [];
      const sentinel = `seqrun-${process.pid}-${++calls}`;
      let timer: NodeJS.Timeout | undefined;
      const answered = new Promise<Block[] | null | 'late'>(resolve => {
        waiting = { sentinel, resolve };
        timer = setTimeout(() => resolve('late'), timeoutMs);
        child.stdin.write(`${args.map(quoted).join(' ')}\ndisplay-message -p ${sentinel}\n`);
      });
      const found = await answered;
      clearTimeout(timer);
      if (found === 'late') {
        alive = false;
        waiting = null;
        child.kill('SIGKILL');
        return { ok: false, why: 'timeout', message: `tmux ${args[0]}: no answer within ${timeoutMs} ms`, stdout: '' };
      }
      if (found === null) return null;
      const stdout = found
        .filter(one => !one.failed)
        .flatMap(one => one.lines.map(text => `${text}\n`))
        .join('');
      const failed = found.find(one => one.failed);
      if (!failed) return { ok: true, stdout };
      return { ok: false, why: 'refused', message: `tmux ${args[0]}: ${failed.lines.join(' ').trim()}`, stdout };
    },
  };
};

/**
 * A word as tmux's own parser takes it back unchanged: everything but plain characters as octal escapes of its bytes. `;` alone
 * joins commands; a `\;` at the end is what `word` made for argv.
 */
export const quoted = (text: string): string => {
  if (text === ';') return text;
  const plain = text.endsWith('\\;') ? `${text.slice(0, -2)};` : text;
  const bytes = [...Buffer.from(plain)];
  const safe = (byte: number) => /[A-Za-z0-9_./=,@:+-]/.test(String.fromCharCode(byte)) && byte < 128;
  return `"${bytes.map(byte => (safe(byte) ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`)).join('')}"`;
};
