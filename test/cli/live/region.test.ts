// The region on a real terminal emulator: what stands on the screen and in its history, whatever is printed and however it is resized.
import { createRequire } from 'node:module';
import type { Terminal as Xterm } from '@xterm/headless';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRegion } from '../../../src/cli/live/region.ts';

const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as { Terminal: typeof Xterm };

const open = (columns = 40, rows = 12) => {
  const terminal = new Terminal({ cols: columns, rows, scrollback: 1000, allowProposedApi: true, convertEol: true });
  let written = '';
  const write = (text: string) => {
    written += text;
    terminal.write(text);
  };
  const region = createRegion(write, () => ({ columns: terminal.cols, rows: terminal.rows }));
  return {
    region,
    terminal,
    /** A line above the region. */
    print: (line: string) => {
      region.lift();
      write(`${line}\n`);
      region.back();
    },
    /** Everything, without blank lines at its end. */
    text: async () => {
      await new Promise<void>(resolve => terminal.write('', resolve));
      const buffer = terminal.buffer.active;
      const lines = Array.from({ length: buffer.length }, (_, k) => buffer.getLine(k)!.translateToString(true));
      while (lines.at(-1) === '') lines.pop();
      return lines;
    },
    cursor: () => [terminal.buffer.active.cursorX, terminal.buffer.active.cursorY + terminal.buffer.active.baseY],
    written: () => {
      const text = written;
      written = '';
      return text;
    },
  };
};

test('lines scroll above it, it is rewritten in place, and nothing is left when it goes', async () => {
  const { region, print, text, cursor } = open();
  print('one');
  region.draw(['a', 'b', 'c']);
  print('two');
  region.draw(['a', 'B']);
  expect(await text()).toEqual(['one', 'two', 'a', 'B']);
  expect(cursor()).toEqual([0, 4]);
  region.lift();
  expect(await text()).toEqual(['one', 'two']);
  expect(cursor()).toEqual([0, 2]);
});

test('writes nothing when nothing has changed, and only the lines that have', async () => {
  const { region, written } = open();
  region.draw(['alpha', 'beta', 'gamma']);
  written();
  region.draw(['alpha', 'beta', 'gamma']);
  expect(written()).toBe('');
  region.draw(['alpha', 'BETA', 'gamma']);
  expect(written()).toMatch(/BETA/);
  region.draw(['alpha', 'beta', 'gamma']);
  expect(written()).not.toMatch(/alpha|gamma/);
});

test('a line that the terminal takes for wider than we do costs its end, no more', async () => {
  const { region, text } = open(10);
  region.draw(['0123456789ABC', 'next']);
  region.draw(['0123456789ABC', 'then']);
  expect((await text()).slice(1)).toEqual(['then']);
});

test('a narrower terminal wraps what stands there: all of it goes with the next drawing', async () => {
  const { region, print, text, terminal } = open(40);
  print('event');
  region.draw(['x'.repeat(39), 'y'.repeat(25)]);
  await text();
  terminal.resize(20, 12);
  region.draw(['x'.repeat(19), 'y'.repeat(19)]);
  expect(await text()).toEqual(['event', 'x'.repeat(19), 'y'.repeat(19)]);
  terminal.resize(60, 12);
  region.draw(['z']);
  expect(await text()).toEqual(['event', 'z']);
});

test.each([[[5, 24]], [[14, 9, 5, 24]], [[5, 8, 24]], [[5, 24, 5, 24]]])(
  'a terminal that becomes lower and higher again, %j, keeps nothing of what it scrolled away',
  async heights => {
    const { region, print, text, terminal } = open(40, 24);
    const lines = (rows: number) => ['head', ...Array.from({ length: Math.min(14, rows - 2) }, (_, k) => `line ${k}`)];
    for (let k = 0; k < 20; k++) print(`event ${k}`);
    region.draw(lines(24));
    for (const rows of heights) {
      await text();
      terminal.resize(40, rows);
      region.draw(lines(rows));
    }
    const events = Array.from({ length: 20 }, (_, k) => `event ${k}`);
    expect(await text()).toEqual([...events, ...lines(24)]);
    // What was printed while it was low stays.
    terminal.resize(40, 5);
    region.draw(lines(5));
    print('late');
    await text();
    terminal.resize(40, 24);
    region.draw(lines(24));
    expect(await text()).toContain('late');
    expect((await text()).slice(0, 20)).toEqual(events);
  },
);

test('any sequence of lines, drawings and sizes leaves each line once, in order, and the region below', async () => {
  const act = fc.oneof(
    fc.record({ kind: fc.constant('print' as const) }),
    fc.record({
      kind: fc.constant('draw' as const),
      widths: fc.array(fc.integer({ min: 0, max: 57 }), { maxLength: 4 }),
    }),
    fc.record({ kind: fc.constant('resize' as const), columns: fc.integer({ min: 20, max: 60 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 30 }), async acts => {
      const { region, print, text, terminal } = open(40, 14);
      const printed: string[] = [];
      let drawn: string[] = [];
      for (const one of acts) {
        if (one.kind === 'print') {
          printed.push(`event ${printed.length}`);
          print(printed.at(-1)!);
        } else if (one.kind === 'draw') {
          drawn = one.widths.map((width, k) => `${k}${'-'.repeat(Math.min(width, terminal.cols - 2))}`);
          region.draw(drawn);
        } else {
          await text();
          terminal.resize(one.columns, 14);
          drawn = drawn.map(line => line.slice(0, one.columns - 1));
          region.draw(drawn);
        }
      }
      expect(await text()).toEqual([...printed, ...drawn]);
      terminal.dispose();
    }),
    { numRuns: 60 },
  );
});
