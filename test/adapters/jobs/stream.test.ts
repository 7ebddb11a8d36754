// Lines, view and adoption of a stream.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startPaths } from '../../../src/adapters/jobs/folder.ts';
import { lineTail } from '../../../src/adapters/jobs/lines.ts';
import { jobStream } from '../../../src/adapters/jobs/stream.ts';
import { viewText } from '../../../src/adapters/jobs/view.ts';
import { lineBytesMax } from '../../../src/core/line-splitter.ts';
import { fakeAgent } from './rig.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'seqrun-stream-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const readAll = (tail: ReturnType<typeof lineTail>, untilBytes?: number) => {
  const lines: string[] = [];
  while (tail.read(line => lines.push(line), untilBytes));
  return lines;
};

test('lines come whole, whatever piece of the file is there', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('ä', '😀', 'x', '\n', '\r\n', '"') }),
      fc.array(fc.nat(40)),
      (text, cuts) => {
        const path = join(dir, 'f');
        const bytes = Buffer.from(text);
        writeFileSync(path, '');
        const tail = lineTail(path);
        const lines: string[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          appendFileSync(path, bytes.subarray(at, at + cut));
          at += cut;
          while (tail.read(line => lines.push(line)));
        }
        const complete = text.split('\n').slice(0, -1);
        expect(lines).toEqual(complete.map(line => line.replace(/\r$/, '')));
        tail.flush(line => lines.push(line));
        expect(lines).toHaveLength(complete.length + (text === '' || text.endsWith('\n') ? 0 : 1));
        expect(tail.readBytes()).toBe(bytes.length);
        tail.close();
      },
    ),
    { numRuns: 60 },
  );
});

test('a line over 10 MB is given cut, the next one is whole; a missing file has none', () => {
  const path = join(dir, 'f');
  expect(readAll(lineTail(path))).toEqual([]);
  writeFileSync(path, `${'x'.repeat(lineBytesMax + 5)}\nnext\n`);
  const tail = lineTail(path);
  expect(readAll(tail).map(line => line.length)).toEqual([lineBytesMax, 4]);
  tail.close();
});

test('the view holds nothing that a terminal acts on', () => {
  expect(viewText({ kind: 'tool', text: 'a\x1b]0;x\x07b\x9bc\r\nd\u202ee' })).toBe('> a ]0;x b c de\n');
});

test('another life makes the same view: every interleaving, every crash point of the view', async () => {
  const paths = startPaths(dir);
  const first = jobStream(dir, fakeAgent().reader());
  for (let i = 0; i < 6; i++) {
    appendFileSync(i % 2 ? paths.stderr : paths.stdout, `line ${i}\npart`);
    if (i % 3) await first.pump();
  }
  await first.pump();
  const soFar = readFileSync(paths.view, 'utf8');
  first.close();
  appendFileSync(paths.stdout, ' rest\nlast');
  const views = new Set<string>();
  for (let cut = 0; cut <= soFar.length; cut++) {
    writeFileSync(paths.view, soFar);
    truncateSync(paths.view, cut);
    const order = readFileSync(paths.viewOrder);
    const next = jobStream(dir, fakeAgent().reader());
    await next.pump();
    await next.finish();
    expect(next.reader.facts().finalText).toBe('last');
    views.add(readFileSync(paths.view, 'utf8'));
    writeFileSync(paths.viewOrder, order);
  }
  expect(views.size).toBe(1);
  expect([...views][0]!.startsWith(soFar)).toBe(true);
});

test('pumps that overlap give each line once', async () => {
  const paths = startPaths(dir);
  const stream = jobStream(dir, fakeAgent().reader());
  const wanted: string[] = [];
  const pumps = [];
  for (let i = 0; i < 200; i++) {
    wanted.push(`line ${i}`);
    appendFileSync(paths.stdout, `line ${i}\n`);
    pumps.push(stream.pump());
  }
  await Promise.all(pumps);
  await stream.finish();
  expect(readFileSync(paths.view, 'utf8').trim().split('\n')).toEqual(wanted);
});
