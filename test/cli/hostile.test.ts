// Hostile text from every source (titles, agents, people, config, git) against every place that shows or keeps it.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { slugOf } from '../../src/adapters/files/paths.ts';
import { safeSlug } from '../../src/adapters/jobs/folder.ts';
import { viewText } from '../../src/adapters/jobs/view.ts';
import { encodePath, safeName } from '../../src/adapters/tmux/client.ts';
import { view } from '../../src/agents/view.ts';
import { createConsole } from '../../src/cli/console.ts';
import { liveView } from '../../src/cli/live/view.ts';
import { detailLines, eventLines } from '../../src/cli/run-lines.ts';
import { openStatusLog } from '../../src/cli/status-log.ts';
import { commitMessage } from '../../src/core/commit-message.ts';
import { eventLine } from '../../src/core/event-line.ts';
import type { JournalEvent } from '../../src/core/events.ts';
import { evolve, fold } from '../../src/core/evolve.ts';
import { progressEntries, progressHeader } from '../../src/core/project-progress.ts';
import { projectEntry } from '../../src/core/project-state.ts';
import { fill } from '../../src/core/prompt.ts';
import { receiptOf } from '../../src/core/receipt.ts';
import { findSignal, quoteSignals } from '../../src/core/signal.ts';
import { emptyState } from '../../src/core/state.ts';
import { plainJson } from '../../src/core/unseen.ts';
import { everyEvent } from '../core/every-event.ts';
import { allHostile, expectClean, expectNothingRun, hostile } from '../hostile.ts';
import { type Folder, makeFolder } from './in-process.ts';

/** Fields that hold words of others: task file, agents, gates, people, config, git, host. */
const free = new Set(
  (
    'title message reason because text answer note missing output next summary achieved evidence remaining changes validation nextPrompt ' +
    'followUp command says problem branch host model config version signature window'
  ).split(' '),
);

/** The event with hostile text behind each of these fields; the same behind all, so that what names the same still does. */
const poisoned = (value: unknown, text: string, key = ''): unknown => {
  // One word there is a kind, not a sentence.
  const word = (key === 'because' || key === 'missing') && /^\w+$/.test(String(value));
  if (typeof value === 'string') return free.has(key) && !word ? `${value} ${text}` : value;
  if (Array.isArray(value)) return value.map(one => poisoned(one, text, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poisoned(one, text, name)]));
};
const journalWith = (text: string): JournalEvent[] => everyEvent().map(event => poisoned(event, text) as JournalEvent);

/** A console on two streams; what it printed, its own colours taken out. */
const printed = async (tty: boolean, print: (console: Awaited<ReturnType<typeof createConsole>>) => void) => {
  let text = '';
  const sink = {
    isTTY: tty,
    write: (piece: string, done?: () => void) => {
      text += piece;
      done?.();
    },
    on: () => undefined,
  };
  const rest = { env: { TERM: 'xterm' }, quiet: false, verbose: true, noColor: false };
  print(await createConsole({ stdout: sink, stderr: sink, ...rest }));
  return text.replace(/\u001b\[\d+m|\r\u001b\[K/g, '');
};

const rows = [
  ...Object.entries(hostile),
  ['all at once', allHostile],
  ['a long line', 'x\u001b]0;y'.repeat(4_000)],
] as [string, string][];

describe.each(rows)('%s', (_, text) => {
  const events = journalWith(text);
  const spec = `a b ${text.slice(0, 200)}`;

  test('the progress file: clean lines, its own headings and markers alone', () => {
    const entries = progressEntries(events, spec);
    const plain = progressEntries(everyEvent(), 'plain');
    const whole = progressHeader(`/repo/${spec}`, 0) + entries.map(entry => entry.text).join('');
    for (const line of whole.split('\n')) expectClean(line);
    const count = (of: string, pattern: RegExp) => of.match(pattern)?.length ?? 0;
    const before = plain.map(entry => entry.text).join('');
    for (const pattern of [/^## /gm, /^## Iteration \d+$/gm, /^- \*\*Status:\*\*/gm, /^```/gm])
      expect(count(whole, pattern), String(pattern)).toBe(count(before, pattern));
    expect(whole.match(/<!--/g)).toHaveLength(entries.length);
    expect(whole).not.toMatch(/<\/?script/);
    expect(whole.length).toBeLessThan(1_000_000);
  });

  test('state file and receipts: JSON that is the same and plain', () => {
    const state = fold(events);
    for (const value of [projectEntry(state, spec), ...state.starts.map(start => receiptOf(state, start, spec))]) {
      const json = plainJson(JSON.stringify(value));
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      expectClean(json);
    }
  });

  test('console (terminal and pipe), --json, status window: clean lines', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'seqrun-hostile-'));
    const status = openStatusLog(join(folder, 'status.log'));
    for (const tty of [true, false]) {
      const state = emptyState();
      const room = { columns: 1000, rows: 1000, colour: false, unicode: tty };
      const facts = {
        specName: text,
        nowMs: 0,
        alive: true,
        wait: null,
        lineAtMs: 0,
        local: (words: string) => words,
        clock: (words: string) => words,
      };
      const out = await printed(tty, console => {
        for (const event of structuredClone(events)) {
          evolve(state, event);
          for (const line of [...eventLines(event, state), ...detailLines(event)]) {
            console.say(line);
            if (tty) status.add(line);
          }
          console.json(eventLine(event, state, spec));
        }
        for (const line of liveView(state, { ...facts, line: text }, room)) expectClean(line);
        console.fail({
          exit: 65,
          what: text,
          where: { name: text, line: 3, column: 2, source: text },
          expected: text,
          next: text,
        });
      });
      const lines = out.split('\n');
      for (const line of lines) expectClean(line);
      for (const line of lines) if (line.startsWith('{')) expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
    status.close();
    for (const line of readFileSync(join(folder, 'status.log'), 'utf8').split('\n')) expectClean(line);
    rmSync(folder, { recursive: true });
  });

  test('the view in a window: one clean line for each', () => {
    for (const kind of ['text', 'tool', 'result', 'notice', 'error'] as const) {
      const lines = view(kind, text).map(viewText);
      for (const line of lines) {
        expect(line.endsWith('\n')).toBe(true);
        expectClean(line.slice(0, -1));
        expect(line.length).toBeLessThan(1_100);
      }
    }
    // Whatever a reader forgets.
    expectClean(viewText({ kind: 'text', text }).slice(0, -1));
  });

  test('names of folders, windows, sessions, options, refs: nothing but plain characters, and bounded', () => {
    expect(safeSlug(text)).toMatch(/^(?!\.)[A-Za-z0-9._-]{1,60}$/);
    expect(slugOf(text)).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,39}$/);
    expect(safeName(text)).toMatch(/^[A-Za-z0-9_-]{0,50}$/);
    const path = Buffer.from(text).toString().replaceAll('\0', '');
    expect(encodePath(path)).toMatch(/^[A-Za-z0-9._~%/-]*$/);
  });

  test('a commit message: a subject of one line, three trailers', () => {
    const template = '{{unit_title}}\n\n{{spec}} {{unit_id}}\n';
    const { text: message } = commitMessage({ spec, unit: text, title: text, start: 1, mark: `1-${text}`, template });
    const lines = message.trimEnd().split('\n');
    for (const line of lines) expectClean(line);
    expect(lines[0]!.length).toBeLessThanOrEqual(72);
    expect(lines.slice(-4).map(line => line.replace(/:.*/, ''))).toEqual([
      '',
      'Seqrun-Spec',
      'Seqrun-Unit',
      'Seqrun-Start',
    ]);
  });

  test('a prompt: no signal, and no placeholder filled twice', () => {
    const prompt = fill('{{a}}\n{{b}}', { a: quoteSignals(`{{b}} $& ${text}`), b: 'B' });
    expect(findSignal(prompt, { lastLineOnly: false })).toBeNull();
    expect(prompt.startsWith('{{b}} $& ')).toBe(true);
  });
});

test('a megabyte on one line, wherever it comes in', async () => {
  const text = 'x\u001b]0;y\u009b\u202e'.repeat(120_000);
  for (const line of view('result', text).map(viewText)) expectClean(line.slice(0, -1));
  expectClean((await printed(true, console => console.say(text))).trimEnd());
  const halted = everyEvent().map(event =>
    event.type === 'start.ended' && event.outcome.kind === 'halted'
      ? { ...event, outcome: { ...event.outcome, reason: text } }
      : event,
  );
  for (const { text: entry } of progressEntries(halted, 'x')) for (const line of entry.split('\n')) expectClean(line);
});

describe('what a person types to look at it', () => {
  let folder: Folder;
  afterEach(() => folder.close());

  test('every command prints clean lines, and JSON that is JSON', async () => {
    folder = makeFolder();
    folder.write(Array.from({ length: 8 }, (_, k) => `- [ ] ${k + 1}. ${allHostile.replaceAll('\n', ' ')}\n`).join(''));
    const spec = realpathSync(join(folder.root, '.kiro/specs/cart'));
    const home = join(
      folder.root,
      'state',
      'seqrun',
      'specs',
      `cart-${createHash('sha256').update(spec).digest('hex').slice(0, 16)}`,
    );
    mkdirSync(home, { recursive: true });
    const lines = journalWith(allHostile).map(event => JSON.stringify(event));
    writeFileSync(join(home, 'journal.jsonl'), `${lines.join('\n')}\n`);
    const config = { verify: [{ name: allHostile, command: allHostile }], [allHostile]: 1 };
    for (const words of [
      'status',
      'why',
      'handoff',
      'receipt 1',
      'receipt 3',
      'plan',
      'lint',
      'logs 1',
      'checkpoint list',
    ]) {
      for (const json of ['', ' --json']) {
        const { exit, stdout, stderr } = await folder.run(`${words} --spec .kiro/specs/cart${json}`);
        expect(exit, words + stderr).not.toBe(70);
        for (const line of (stdout + stderr).split('\n')) expectClean(line, words);
        if (json !== '' && exit === 0) expect(() => JSON.parse(stdout) as unknown, words).not.toThrow();
      }
    }
    folder.write(JSON.stringify(config), 'seqrun.config.json');
    const refused = await folder.run('plan --spec .kiro/specs/cart');
    expect(refused.exit).toBe(64);
    for (const line of (refused.stdout + refused.stderr).split('\n')) expectClean(line);
    expect(refused.stderr).toContain('seqrun.config.json');
    const todos = [{ id: 'T-1', title: allHostile, description: allHostile, status: 'pending' }];
    folder.write(JSON.stringify({ todos }), 'todo/todos.json');
    rmSync(join(folder.root, 'seqrun.config.json'));
    for (const words of [
      'plan --spec todo --json',
      'plan --spec todo',
      'lint --spec todo',
      'todos export --spec todo',
    ]) {
      const looked = await folder.run(words);
      for (const line of (looked.stdout + looked.stderr).split('\n')) expectClean(line, words);
      expect(looked.exit, words + looked.stderr).toBe(0);
    }
    const typed = await folder.run(`status --${hostile.title} --spec ${hostile.screen}`);
    for (const line of (typed.stdout + typed.stderr).split('\n')) expectClean(line);
    expectNothingRun(folder.root);
  });
});
