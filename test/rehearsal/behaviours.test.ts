// Each behaviour of the rehearsal agent, played by the program itself.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RehearsalLine } from '../../src/agents/rehearsal-protocol.ts';
import { findSignal } from '../../src/core/signal.ts';
import { behaviourNames } from '../../src/rehearsal/behaviours.ts';
import { bundleProgram, type Ended, stage } from './program.ts';

let program: ReturnType<typeof bundleProgram>;
const stages: ReturnType<typeof stage>[] = [];
const children: number[] = [];

beforeAll(() => {
  program = bundleProgram();
});
afterAll(() => program.remove());
afterEach(() => {
  for (const pid of children.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
  for (const one of stages.splice(0)) one.remove();
});

const staged = (script: unknown) => {
  const one = stage(program.script, script);
  stages.push(one);
  return one;
};
const playing = (behaviour: unknown) => staged({ default: behaviour });

const last = (ended: Ended): RehearsalLine => ended.lines.at(-1)!;
const finalText = (ended: Ended): string => {
  const line = last(ended);
  if (line.type !== 'result') throw new Error(`no result: ${JSON.stringify(ended)}`);
  return line.text;
};
const signalOf = (ended: Ended) => findSignal(finalText(ended), { lastLineOnly: false });
const types = (ended: Ended) => ended.lines.map(line => line.type);
const isRunning = (pid: number): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

describe('behaviours that end well', () => {
  it('done: init first, a file that names the title, TASK_DONE, exit 0', async () => {
    const shop = playing('done');
    const ended = await shop.run({ unit: '1.2' });
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(types(ended)).toEqual(['init', 'text', 'tool', 'text', 'result']);
    expect(ended.lines[0]).toEqual({ type: 'init', session: 'session-1', model: null });
    expect(signalOf(ended)?.kind).toBe('TASK_DONE');
    expect(shop.read('rehearsed/1.2.md')).toBe('# 1.2 Opening hours\n\n- start 1: played, nothing was built\n');
  });

  it('done twice: the file tells of both starts', async () => {
    const shop = playing('done');
    await shop.run();
    await shop.run();
    expect(shop.read('rehearsed/1.md')).toContain('- start 1: played, nothing was built\n- start 2: ');
  });

  it('complete says COMPLETE', async () => {
    expect(signalOf(await playing('complete').run())?.kind).toBe('COMPLETE');
  });

  it('question ends with 0, without a signal and without work', async () => {
    const shop = playing({ do: 'question', text: 'Which colour?' });
    const ended = await shop.run();
    expect(ended.code).toBe(0);
    expect(finalText(ended)).toBe('Which colour?');
    expect(signalOf(ended)).toBeNull();
    expect(shop.read('rehearsed/1.md')).toBeNull();
  });

  it('halt gives its reason', async () => {
    const ended = await playing({ do: 'halt', reason: 'The price list is missing.' }).run();
    expect(ended.code).toBe(0);
    expect(signalOf(ended)).toEqual({ kind: 'HALT', reason: 'The price list is missing.' });
  });

  it('Q-2.36 quote-halt quotes HALT in a sentence and alone in a fence, and is done', async () => {
    const ended = await playing('quote-halt').run();
    const text = finalText(ended);
    expect(text).toMatch(/never had to say <promise>HALT<\/promise>/);
    expect(text).toMatch(/```\n<promise>HALT<\/promise>\n/);
    expect(signalOf(ended)?.kind).toBe('TASK_DONE');
  });

  it('Q-2.38 bad-exit says TASK_DONE and exits with 1', async () => {
    const ended = await playing('bad-exit').run();
    expect(ended.code).toBe(1);
    expect(last(ended)).toMatchObject({ type: 'result', ok: true });
    expect(signalOf(ended)?.kind).toBe('TASK_DONE');
  });

  it('talk mentions limits in text and tool output only', async () => {
    const ended = await playing({ do: 'talk', lines: 100 }).run();
    expect(ended.lines.length).toBeGreaterThan(100);
    expect(JSON.stringify(ended.lines)).toMatch(/usage limit.*HTTP\/1.1 429/);
    expect(types(ended).filter(type => type === 'limit' || type === 'error')).toEqual([]);
    expect(signalOf(ended)?.kind).toBe('TASK_DONE');
  });

  it('slow takes its time', async () => {
    const startedMs = performance.now();
    const ended = await playing({ do: 'slow', seconds: 0.3 }).run();
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(300);
    expect(signalOf(ended)?.kind).toBe('TASK_DONE');
  });

  it('tick-others ticks every box and leaves the rest of the file, once it may', async () => {
    // biome-ignore lint/suspicious/noThenProperty: an option of the script, never awaited.
    const shop = playing({ do: 'tick-others', then: 'fail' });
    const before =
      '# Plan\n\n- [ ] 1. One\n  - [-] 1.1 A [ ] in the text\n  - [x] 1.2 B\n- [ ]* 2. Two\n1. [~] Three\n';
    writeFileSync(join(shop.spec, 'tasks.md'), before);
    const tasks = () => shop.read('.kiro/specs/shop/tasks.md');
    await shop.run();
    expect(tasks()).toBe(before);
    const ended = await shop.run({ args: ['--session-id', 'session-2', '--may-tick'] });
    expect(tasks()).toBe(
      '# Plan\n\n- [x] 1. One\n  - [x] 1.1 A [ ] in the text\n  - [x] 1.2 B\n- [x]* 2. Two\n1. [x] Three\n',
    );
    expect(last(ended)).toMatchObject({ type: 'error' });
  });

  it.each([false, true])('child leaves a process behind (hidden: %s)', async hidden => {
    const shop = playing({ do: 'child', seconds: 60, hidden });
    const ended = await shop.run({ env: { SEQRUN_START: 'mark-1' } });
    expect(signalOf(ended)?.kind).toBe('TASK_DONE');
    const left = ended.lines.find(line => line.type === 'tool' && line.command.startsWith('sleep'));
    const pid = Number(/pid (\d+)/.exec((left as { output: string }).output)![1]);
    children.push(pid);
    expect(isRunning(pid)).toBe(true);
    if (!existsSync('/proc/self/environ')) return;
    const { environ, stat } = { environ: `/proc/${pid}/environ`, stat: `/proc/${pid}/stat` };
    expect(readFileSync(environ, 'utf8').includes('SEQRUN_START=mark-1')).toBe(!hidden);
    const sid = readFileSync(stat, 'utf8').split(') ')[1]!.split(' ')[3];
    expect(sid === String(pid)).toBe(hidden);
  });
});

describe('behaviours that break', () => {
  it('fail ends with an error event of its class', async () => {
    const shop = playing({ do: 'fail', class: 'overloaded', message: 'too busy' });
    const ended = await shop.run();
    expect(ended.code).toBe(1);
    expect(last(ended)).toEqual({ type: 'error', class: 'overloaded', message: 'too busy' });
    expect(shop.read('rehearsed/1.md')).toBeNull();
  });

  it('limit frees after its seconds, never before', async () => {
    const fromMs = Date.now();
    const ended = await playing({ do: 'limit', seconds: 5 }).run();
    const toMs = Date.now();
    expect(ended.code).toBe(1);
    const line = last(ended);
    if (line.type !== 'limit') throw new Error('no limit');
    expect(line.resets_at! * 1000).toBeGreaterThanOrEqual(fromMs + 5000);
    expect(line.resets_at! * 1000).toBeLessThan(toMs + 6001);
    expect(Number.isInteger(line.resets_at)).toBe(true);
  });

  it('limit at a time, with a window; limit without a time', async () => {
    const shop = staged({
      units: {
        1: [
          { do: 'limit', at: '2027-03-01T06:30:00+01:00', window: 'seven_day' },
          { do: 'limit', seconds: null },
        ],
      },
    });
    const at = Date.parse('2027-03-01T05:30:00Z') / 1000;
    expect(last(await shop.run())).toMatchObject({ type: 'limit', resets_at: at, window: 'seven_day' });
    expect(last(await shop.run())).toMatchObject({ type: 'limit', resets_at: null, window: 'five_hour' });
  });

  it('crash dies of KILL without an end event', async () => {
    const ended = await playing('crash').run();
    expect(ended).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(last(ended).type).toBe('text');
  });

  it('hang stays until TERM ends it', async () => {
    const running = playing('hang').start();
    await running.sees(line => line.type === 'text' && /silent/.test(line.text));
    expect(running.child.exitCode).toBeNull();
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  it('stubborn outlives TERM, INT and HUP, and KILL ends it', async () => {
    const running = playing('stubborn').start();
    children.push(running.child.pid!);
    await running.sees(line => line.type === 'text' && /silent/.test(line.text));
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) running.child.kill(signal);
    // The signals are delivered in order of time: one that is not ignored would have ended it before this one does.
    await expect.poll(() => signalsPending(running.child.pid!)).toBe(false);
    running.child.kill('SIGKILL');
    expect(await running.ended).toMatchObject({ code: null, signal: 'SIGKILL' });
  });
});

describe('the question who shall do what', () => {
  const question =
    '# Who shall do what\n\nTask list: @.kiro/specs/shop/tasks.md\n\nUnits:\n- 1: Page (Rows; Styles)\n- 2.1: Tests: all\n\nOwners to choose from:\n- `codex`\n- `gemini`\n\nAnswer\n';
  const args = ['--session-id', 'q', '--answer-only'];

  it('is answered with the first owner and one entry per unit', async () => {
    const shop = playing('halt');
    const ended = await shop.run({ unit: '', args, prompt: question });
    expect(JSON.parse(finalText(ended))).toEqual({
      assignments: [
        { task_id: '1', type: 'code', owner_agent: 'codex' },
        { task_id: '2.1', type: 'code', owner_agent: 'codex' },
      ],
    });
  });

  it('can go wrong like any start, and changes nothing', async () => {
    const shop = staged({ assign: ['done', { do: 'assign', owner: 'gemini', type: 'review' }] });
    const wrong = await shop.run({ unit: '', args, prompt: question });
    expect(types(wrong)).toContain('result');
    expect(shop.read('rehearsed')).toBeNull();
    expect(existsSync(join(shop.workspace, 'rehearsed'))).toBe(false);
    const right = await shop.run({ unit: '', args, prompt: question });
    expect(finalText(right)).toContain('"type":"review","owner_agent":"gemini"');
  });
});

it('every behaviour is played somewhere above', () => {
  const told = readFileSync(import.meta.filename, 'utf8');
  for (const name of behaviourNames) expect(told, name).toContain(`'${name}'`);
});

/** A signal that was sent and has not reached the process yet. */
const signalsPending = (pid: number): boolean => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return /^(?:SigPnd|ShdPnd):\s*0*[1-9a-f]/m.test(status);
  } catch {
    return false;
  }
};
