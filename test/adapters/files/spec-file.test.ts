// The user's task file: what is said when it cannot be read, and that ticking changes one byte and nothing else.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSpecFile, type SpecText } from '../../../src/adapters/files/spec-file.ts';
import type { Task } from '../../../src/core/task.ts';
import type { SpecReading } from '../../../src/engine/ports.ts';
import { flipBox } from '../../../src/spec/boxes.ts';
import { readSpec } from '../../../src/spec/read.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqrun-spec-'));
  path = join(folder, 'tasks.md');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tasks =
  '# Plan\r\n\r\n- [ ] 1. First\r\n  - [x] 1.1 Ümläut\r\n  - [ ] 1.2 Two\r\n- [] 2. No room\r\n- [ ] 3. Last';
const file = (text: Partial<SpecText> = {}) =>
  createSpecFile(path, { readSpec: bytes => readSpec(bytes), flipBox, ...text });
const saying = (reading: SpecReading) => (reading as { message: string }).message;

describe('reading', () => {
  test('after a tick of our own nothing is parsed, and the spec is what parsing would give', async () => {
    for (const text of [
      tasks,
      `${tasks}\n  - [ ] 3.1* One\n    - _Requirements: 1_\n- [-] 4. Half\n- [ ] 4. Twice\n- [?] 5. Odd\n`,
      '- [ ] one\n- [ ] two\n  - [ ] three\n',
    ]) {
      writeFileSync(path, text);
      let parsed = 0;
      const one = file({
        readSpec: bytes => {
          parsed++;
          return readSpec(bytes);
        },
      });
      const first = await one.read();
      const { spec } = first as Extract<SpecReading, { kind: 'spec' }>;
      for (const { id, line } of spec.tasks) {
        parsed = 0;
        const refused = [...(await one.tick([id])), ...(await one.untick([id])), ...(await one.tick([id]))];
        const now = await one.read();
        expect((now as { spec: object }).spec).toEqual(readSpec(readFileSync(path)));
        if (refused.length === 0 && !spec.diagnostics.some(said => said.line === line)) expect(parsed).toBe(0);
      }
    }
  });

  test('settling changes nothing, follows a link, and stands a file that is gone', async () => {
    const one = file();
    await expect(one.settle()).resolves.toBeUndefined();
    writeFileSync(join(folder, 'real.md'), tasks);
    symlinkSync(join(folder, 'real.md'), path);
    await one.settle();
    rmSync(join(folder, 'real.md'));
    await expect(one.settle()).resolves.toBeUndefined();
  });

  test('the same bytes are parsed once and give the same spec', async () => {
    writeFileSync(path, tasks);
    let parsed = 0;
    const one = file({
      readSpec: bytes => {
        parsed++;
        return readSpec(bytes);
      },
    });
    const first = await one.read();
    const second = await one.read();
    expect(first).toMatchObject({ kind: 'spec', unchanged: false });
    expect(second).toMatchObject({ kind: 'spec', unchanged: true });
    expect((second as { spec: object }).spec).toBe((first as { spec: object }).spec);
    expect((second as { bytesHash: string }).bytesHash).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(parsed).toBe(1);
    appendFileSync(path, '\n- [ ] 4. More\n');
    expect(await one.read()).toMatchObject({ kind: 'spec', unchanged: false });
    expect(parsed).toBe(2);
  });

  test('no folder, no file, and a file that vanished, each with what is there instead', async () => {
    writeFileSync(join(folder, 'todo.md'), '');
    expect(saying(await file().read())).toMatch(
      /does not exist\.\n {2}at .*tasks\.md\nExpected.*"todo\.md".*seqrun --spec/,
    );
    writeFileSync(path, tasks);
    const one = file();
    await one.read();
    rmSync(path);
    expect(await one.read()).toMatchObject({ kind: 'missing', path });
    expect(saying(await one.read())).toContain('it was there at the last reading');
    rmSync(folder, { recursive: true });
    expect(saying(await one.read())).toMatch(/spec folder has vanished/);
  });

  test('a folder and a fifo in its place are 66, and nothing blocks', async () => {
    mkdirSync(path);
    expect(await file().read()).toMatchObject({ kind: 'unreadable', exit: 66 });
    rmSync(path, { recursive: true });
    execFileSync('mkfifo', [path]);
    expect(saying(await file().read())).toContain('no regular file');
  });

  test('more than 5 MB is 65; exactly 5 MB is read', async () => {
    writeFileSync(path, Buffer.alloc(5 * 1024 * 1024 + 1, '\n'));
    const reading = await file().read();
    expect(reading).toMatchObject({ kind: 'unreadable', exit: 65 });
    expect(saying(reading)).toMatch(/5242881 bytes[\s\S]*at most/);
    writeFileSync(path, Buffer.alloc(5 * 1024 * 1024, '\n'));
    // What a parser makes of that much is not asked here.
    const nothing = { dialect: 'none', because: null, tasks: [], groups: [], waves: null, diagnostics: [] };
    expect(await file({ readSpec: () => nothing }).read()).toMatchObject({ kind: 'spec' });
  });

  test('no right to read is 66 with the reason', async () => {
    if (process.getuid?.() !== 0) {
      writeFileSync(path, tasks);
      chmodSync(path, 0);
      expect(saying(await file().read())).toContain('permission denied (EACCES)');
      return;
    }
    // Root may read everything: another user asks.
    const programs = mkdtempSync(join(tmpdir(), 'seqrun-reader-'));
    try {
      const program = join(programs, 'read.mjs');
      await build({
        stdin: {
          contents: `
            import { createSpecFile } from './spec-file.ts';
            const file = createSpecFile(process.argv[2], { readSpec: () => ({}), flipBox: () => ({ reason: '' }) });
            console.log(JSON.stringify(await file.read()));
          `,
          resolveDir: join(import.meta.dirname, '../../../src/adapters/files'),
          loader: 'ts',
        },
        bundle: true,
        platform: 'node',
        format: 'esm',
        outfile: program,
      });
      writeFileSync(path, tasks);
      chmodSync(path, 0o600);
      for (const open of [programs, folder]) chmodSync(open, 0o755);
      const said = execFileSync('setpriv', ['--reuid=1000', '--clear-groups', process.execPath, program, path]);
      expect(JSON.parse(String(said))).toMatchObject({ kind: 'unreadable', exit: 66 });
      expect(String(said)).toContain('permission denied (EACCES)');
    } finally {
      rmSync(programs, { recursive: true });
    }
  });
});

describe('ticking', () => {
  test('one byte for each task; inode, mode, line ends and everything else stay', async () => {
    writeFileSync(path, tasks);
    chmodSync(path, 0o640);
    const before = statSync(path);
    const one = file();
    expect(await one.tick(['1.2', '1.1', '3'])).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe(tasks.replace('[ ] 1.2', '[x] 1.2').replace('[ ] 3', '[x] 3'));
    const after = statSync(path);
    expect([after.ino, after.mode, after.size]).toEqual([before.ino, before.mode, before.size]);
    expect(await one.untick(['1.1', '3', '1'])).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe(tasks.replace('[ ] 1.2', '[x] 1.2').replace('[x] 1.1', '[ ] 1.1'));
  });

  test('what is ticked already is not touched', async () => {
    writeFileSync(path, tasks);
    const before = statSync(path, { bigint: true });
    expect(await file().tick(['1.1'])).toEqual([]);
    expect(statSync(path, { bigint: true }).mtimeNs).toBe(before.mtimeNs);
  });

  test('what cannot be ticked is named with the reason, the others are ticked', async () => {
    writeFileSync(path, tasks);
    const refused = await file().tick(['2', '9', '3']);
    expect(refused.map(one => one.id)).toEqual(['2', '9']);
    expect(refused[0]!.reason).toMatch(/no room|\[\]/);
    expect(refused[1]!.reason).toContain('no task 9');
    expect(readFileSync(path, 'utf8')).toContain('[x] 3');
  });

  test('a link is followed and stays a link', async () => {
    const real = join(folder, 'real.md');
    writeFileSync(real, tasks);
    symlinkSync(real, path);
    expect(await file().tick(['3'])).toEqual([]);
    expect(readFileSync(real, 'utf8')).toContain('[x] 3');
  });

  test('a file that changes while it is ticked is read again, whether written in place or replaced', async () => {
    for (const change of [
      () => writeFileSync(path, `- [ ] 0. New on top\r\n${tasks}`),
      () => {
        writeFileSync(`${path}.new`, `- [ ] 0. New on top\r\n${tasks}`);
        renameSync(`${path}.new`, path);
      },
    ]) {
      writeFileSync(path, tasks);
      let changes = 1;
      const one = file({
        flipBox: (bytes, task, mark) => {
          if (changes-- > 0) change();
          return flipBox(bytes, task, mark);
        },
      });
      expect(await one.tick(['3'])).toEqual([]);
      expect(readFileSync(path, 'utf8')).toBe(`- [ ] 0. New on top\r\n${tasks.replace('[ ] 3', '[x] 3')}`);
    }
  });

  test('a file that changes each time is given up, not written', async () => {
    writeFileSync(path, tasks);
    const one = file({
      flipBox: (bytes, task, mark) => {
        appendFileSync(path, ' ');
        return flipBox(bytes, task, mark);
      },
    });
    expect(await one.tick(['3'])).toEqual([{ id: '3', reason: expect.stringContaining('changes faster') }]);
    expect(readFileSync(path, 'utf8')).not.toContain('[x] 3');
  });

  test('a flip that would change anything but the box is refused', async () => {
    writeFileSync(path, tasks);
    for (const flip of [
      (bytes: Uint8Array) => bytes.slice(0, -1),
      (bytes: Uint8Array, task: Task) => {
        const copy = bytes.slice();
        copy[task.box!.offset] = 120;
        copy[0] = 120;
        return copy;
      },
    ]) {
      const one = file({ flipBox: (bytes, task) => ({ bytes: flip(bytes, task) }) });
      expect(await one.tick(['3'])).toHaveLength(1);
      expect(readFileSync(path, 'utf8')).toBe(tasks);
    }
  });

  test('a file that is gone or may not be written is a reason, and is not made', async () => {
    expect(await file().tick(['3'])).toEqual([{ id: '3', reason: expect.stringContaining('does not exist') }]);
    mkdirSync(path);
    expect(await file().tick(['3'])).toHaveLength(1);
  });
});
