// What reaches stdout and stderr, in which colour, and what happens when nobody reads.
import { expect, it } from 'vitest';
import { type ConsoleOptions, createConsole, type Sink } from '../../src/cli/console.ts';
import { failureLines, quote, underline } from '../../src/cli/errors.ts';
import { clean, cleanLines, green, safeJson } from '../../src/cli/text.ts';

/** A stream whose errors the test decides. */
const sink = (options: { tty?: boolean; throws?: boolean } = {}) => {
  const listeners: ((error: Error) => void)[] = [];
  const state = {
    text: '',
    isTTY: options.tty ?? false,
    write: (text: string, done?: () => void) => {
      if (options.throws) throw new Error('EIO');
      state.text += text;
      done?.();
    },
    on: (_event: 'error', listener: (error: Error) => void) => listeners.push(listener),
    break: () => {
      for (const listener of listeners) listener(new Error('EPIPE'));
    },
  };
  return state satisfies Sink;
};

const make = async (options: Partial<ConsoleOptions> & { tty?: boolean } = {}) => {
  const stdout = sink(options);
  const stderr = sink(options);
  const rest = { env: {}, quiet: false, verbose: false, noColor: false, ...options };
  return { stdout, stderr, console: await createConsole({ stdout, stderr, ...rest }) };
};

it('prints results on stdout and messages on stderr', async () => {
  const { console, stdout, stderr } = await make();
  console.out('a', green('b'));
  console.json({ a: 1 });
  console.say('hello');
  console.detail('more');
  console.warn('careful');
  expect(stdout.text).toBe('ab\n{"a":1}\n');
  expect(stderr.text).toBe('[seqrun] hello\n[seqrun] warning: careful\n');
});

it('prints again what was said as it was, each prefix once, and knows how wide a terminal is', async () => {
  const { console, stderr } = await make();
  console.say('hello');
  console.fail({ exit: 65, what: 'it broke', where: { name: 'a' }, expected: null, next: 'b' });
  const before = stderr.text;
  console.again(before.trimEnd());
  expect(stderr.text).toBe(before + before);
  expect(before).toBe('[seqrun] hello\n[seqrun] error: it broke\n  at a\n  next: b\n');
  console.again('[seqrun] \u001b[2Jx');
  expect(stderr.text).toBe(`${before}${before}[seqrun] x\n`);
  expect(console.columns('stderr')).toBeNull();
  expect((await make({ tty: true })).console.columns('stdout')).toBe(80);
});

it('is quiet and verbose', async () => {
  const quiet = await make({ quiet: true });
  quiet.console.say('hello');
  quiet.console.warn('careful');
  quiet.console.out('result');
  expect(quiet.stderr.text).toBe('[seqrun] warning: careful\n');
  expect(quiet.stdout.text).toBe('result\n');
  const verbose = await make({ verbose: true });
  verbose.console.detail('more');
  expect(verbose.stderr.text).toBe('[seqrun] more\n');
});

it.each([
  [{ tty: true }, true],
  [{ tty: false }, false],
  [{ tty: true, env: { NO_COLOR: '1' } }, false],
  [{ tty: true, env: { NO_COLOR: '' } }, true],
  [{ tty: true, env: { TERM: 'dumb' } }, false],
  [{ tty: true, noColor: true, env: { FORCE_COLOR: '1' } }, false],
  [{ tty: false, env: { FORCE_COLOR: '1' } }, true],
  [{ tty: false, env: { FORCE_COLOR: '1', NO_COLOR: '1' } }, true],
  [{ tty: true, env: { FORCE_COLOR: '0' } }, false],
])('colours %j: %s', async (options, colored) => {
  const { console, stdout } = await make(options);
  console.out(green('x'));
  expect(stdout.text).toBe(colored ? '\u001b[32mx\u001b[39m\n' : 'x\n');
});

it('lets no text from outside act on the terminal', async () => {
  const hostile = 'a\u001b[2J\u001b]0;title\u0007b\u009b31mc\r\nd\u202ee\u0000\tf';
  const { console, stdout, stderr } = await make({ tty: true });
  console.out(hostile, green(hostile));
  console.text(hostile);
  console.json({ hostile });
  console.fail({
    exit: 65,
    what: hostile,
    where: { name: hostile, line: 1, source: hostile },
    expected: hostile,
    next: hostile,
  });
  expect(`${stdout.text}${stderr.text}`.replaceAll(/\u001b\[\d+m/g, '')).not.toMatch(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/,
  );
  expect(JSON.parse(stdout.text.trimEnd().split('\n').at(-1)!)).toEqual({ hostile });
});

it.each(['break', 'throw'])('goes on without a stream that is dead: %s', async how => {
  const stdout = sink({ throws: how === 'throw' });
  const stderr = sink();
  const console = await createConsole({ stdout, stderr, env: {}, quiet: false, verbose: false, noColor: false });
  console.out('before');
  if (how === 'break') stdout.break();
  console.out('after');
  console.say('still here');
  await console.flush();
  expect(stdout.text).toBe(how === 'break' ? 'before\n' : '');
  expect(stderr.text).toBe('[seqrun] still here\n');
});

it('prints nothing once it is off', async () => {
  const { console, stdout, stderr } = await make();
  console.off();
  console.out('x');
  console.fail({ exit: 70, what: 'x', where: null, expected: null, next: null });
  await console.flush();
  expect(stdout.text + stderr.text).toBe('');
});

it('keeps lines of a screen below the others, on a terminal only', async () => {
  const { console, stderr } = await make({ tty: true, env: { NO_COLOR: '1', LANG: 'C.UTF-8' } });
  const screen = (await console.screen('stderr'))!;
  expect(screen).toMatchObject({ colour: false, unicode: true });
  const rows = () => stderr.text.replace(/\u001b\[(?:\?7[hl]|K)/g, '').replaceAll('\r', '');
  screen.draw(['a', 'b']);
  screen.draw(['a', 'b']);
  expect(rows()).toBe('a\nb\n\u001b[J');
  stderr.text = '';
  console.say('hello');
  console.say('world');
  await new Promise(setImmediate);
  expect(rows()).toBe('\u001b[2A\u001b[J[seqrun] hello\n[seqrun] world\na\nb\n\u001b[J');
  stderr.text = '';
  screen.close();
  console.say('end');
  screen.draw(['c']);
  await new Promise(setImmediate);
  expect(rows()).toBe('\u001b[2A\u001b[J[seqrun] end\n');
});

it.each([
  ['a pipe', {}],
  ['--quiet', { tty: true, quiet: true }],
  ['a dumb terminal', { tty: true, env: { TERM: 'dumb' } }],
  ['a CI', { tty: true, env: { CI: 'true' } }],
])('has no screen on %s', async (_, options) => {
  const { console } = await make(options);
  expect(await console.screen('stderr')).toBeNull();
});

it('draws nothing on a terminal that has gone', async () => {
  const { console, stderr } = await make({ tty: true });
  const screen = (await console.screen('stderr'))!;
  screen.draw(['a']);
  stderr.text = '';
  stderr.break();
  screen.draw(['b']);
  console.say('x');
  await new Promise(setImmediate);
  screen.close();
  expect(stderr.text).toBe('');
});

it('cleans line by line', () => {
  expect(clean(' a\n\tb ')).toBe(' a b ');
  expect(cleanLines('a\r\n\u001b[1mb\u001b[0m\rc')).toEqual(['a', 'b', 'c']);
  expect(safeJson({ a: '\u009b\u001b' }, 0)).toBe('{"a":"\\u009b\\u001b"}');
});

it('shows what, where, expected and next', () => {
  const where = { name: 'tasks.md', line: 12, column: 7, source: '- [ ] 1.1 Title' };
  expect(
    failureLines({ exit: 65, what: 'two tasks have the id 1.1', where, expected: 'ids once', next: 'rename one' }),
  ).toEqual([
    'two tasks have the id 1.1',
    '  at tasks.md:12:7',
    '    12 | - [ ] 1.1 Title',
    '       |       ^',
    '  expected: ids once',
    '  next: rename one',
  ]);
});

it('keeps long lines on the screen with the caret at its place', () => {
  const source = `${'x'.repeat(300)}HERE${'y'.repeat(300)}`;
  const [line, caret] = underline({ name: 'f', line: 3, column: 301, source });
  expect(line!.length).toBeLessThanOrEqual(76);
  expect(line!.slice(caret!.indexOf('^')).startsWith('HERE')).toBe(true);
  expect(underline({ name: 'f', line: 1, column: 99, source: 'short' })[1]).toBe('  |      ^');
  expect(underline({ name: 'f' })).toEqual([]);
  expect(quote('x'.repeat(300))).toHaveLength(202);
});

it('shows what is expected line by line where it has lines', () => {
  const expected = 'a person who has looked at it:\n    - "delay": 1\n    + "delay": 2';
  expect(failureLines({ exit: 2, what: 'changed', where: null, expected, next: null })).toEqual([
    'changed',
    '  expected: a person who has looked at it:',
    '    - "delay": 1',
    '    + "delay": 2',
  ]);
});
