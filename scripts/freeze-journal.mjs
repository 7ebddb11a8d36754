// Freezes the journal of test/core/every-event.ts as this version writes it: `node scripts/freeze-journal.mjs notes` makes
// test/fixtures/history/notes/journal.jsonl and adds its hash to frozen.json. What is frozen is never written again.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const history = join(root, 'test', 'fixtures', 'history');
const [name, ...rest] = process.argv.slice(2);
const refuse = message => {
  process.stderr.write(`${message}\n`);
  process.exit(64);
};
if (!/^[a-z][a-z-]*$/.test(name ?? '') || rest.length > 0) {
  refuse('expected the name of a new folder: node scripts/freeze-journal.mjs notes');
}
if (existsSync(join(history, name)))
  refuse(`${join(history, name)} is there already, and what is frozen stays as it is`);

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['test/core/every-event.ts'],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  logLevel: 'warning',
});
const { everyEvent } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`
);
const journal = everyEvent()
  .map(event => `${JSON.stringify(event)}\n`)
  .join('');
const hashes = JSON.parse(readFileSync(join(history, 'frozen.json'), 'utf8'));
hashes[`${name}/journal.jsonl`] = createHash('sha256').update(journal).digest('hex');
const sorted = Object.fromEntries(Object.entries(hashes).sort(([a], [b]) => (a < b ? -1 : 1)));
mkdirSync(join(history, name));
writeFileSync(join(history, name, 'journal.jsonl'), journal);
writeFileSync(join(history, 'frozen.json'), `${JSON.stringify(sorted, null, 2)}\n`);
process.stdout.write(`test/fixtures/history/${name}/journal.jsonl\n`);
