// The examples of docs/library.md, each run as a user would: a file of its own beside an installed seqrun.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { repoRoot } from './harness.ts';

const text = readFileSync(join(repoRoot, 'docs', 'library.md'), 'utf8');
const examples = text.split(/^## /m).flatMap(section => {
  const [, code, prints] = /^```js\n(.*?)^```\n\n```text\n(.*?)^```/ms.exec(section) ?? [];
  return code === undefined ? [] : [{ title: section.split('\n')[0]!, code, prints }];
});

it('finds all of them', () => {
  expect(examples).toHaveLength(text.split('```js').length - 1);
});

it.concurrent.each(examples)('$title', async ({ code, prints }) => {
  const folder = mkdtempSync(join(tmpdir(), 'seqrun-library-'));
  try {
    mkdirSync(join(folder, 'specs', 'cart'), { recursive: true });
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(repoRoot, join(folder, 'node_modules', 'seqrun'));
    writeFileSync(join(folder, 'specs/cart/tasks.md'), '- [ ] 1. Add the cart\n- [ ] 2. Add the price\n');
    writeFileSync(
      join(folder, 'agent.sh'),
      'cat > /dev/null\necho more >> done.txt\necho "<promise>TASK_DONE</promise>"\n',
    );
    writeFileSync(join(folder, 'example.mjs'), code);
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, XDG_STATE_HOME: join(folder, 'state'), SEQRUN_ASSIGN: 'none', SEQRUN_NO_TMUX: '1' };
    // It ends by itself: nothing of a run keeps a process alive.
    const ran = await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: folder, env, timeout: 30_000 });
    expect(ran).toEqual({ stdout: prints, stderr: '' });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
});

it('names its error, and shows no page of code where nobody catches it', async () => {
  const code = `import { planSpec, SeqrunError } from ${JSON.stringify(join(repoRoot, 'dist', 'index.js'))};
console.log(SeqrunError.name);
await planSpec({ spec: '/nowhere' });`;
  const ran = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
  const { stdout, stderr } = await ran.catch(error => error);
  expect(stdout).toBe('SeqrunError\n');
  expect(stderr).toMatch(/^SeqrunError: there is no such spec$/m);
  expect(Math.max(...stderr.split('\n').map((line: string) => line.length))).toBeLessThan(300);
});
