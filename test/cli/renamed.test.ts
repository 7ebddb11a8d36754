// A spec folder with another name than before, and no journal of that name: what agents had claimed in it is no person's work.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashTitle } from '../../src/core/hash.ts';
import { type Folder, makeFolder } from './in-process.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
  folder.write('- [x] 1. First\n- [x] 2. Second\n- [x] 3. Third\n');
});
afterEach(() => folder.close());

const stateFile = '.kiro/specs/SEQUENTIAL_STATE.json';
const former = {
  completed: ['1'],
  title_hashes: { 1: hashTitle('First') },
  claimed: ['2', '3'],
  claimed_titles: { [hashTitle('Second')]: '2', [hashTitle('Third')]: '3' },
};
const beside = (specs: object) => folder.write(JSON.stringify({ version: 2, specs }, null, 2), stateFile);
const spec = '--spec .kiro/specs/cart';
const completed = async () => {
  const { stdout, stderr } = await folder.run(`status --json ${spec}`);
  return [...(stdout.match(/"status": ?"completed"/g) ?? [])].length || stderr;
};
const names = () => Object.keys(JSON.parse(readFileSync(join(folder.root, stateFile), 'utf8')).specs);

test('its entry goes on under the new name', async () => {
  beside({ demo: former });
  expect(await completed()).toBe(1);
  expect(names()).toEqual(['demo']);
  const { stdout, stderr } = await folder.run(`skip 3 --adopt-state ${spec}`);
  expect(stdout + stderr).toContain('the spec was demo before');
  expect(names()).toEqual(['cart']);
  expect(await completed()).toBe(1);
});

test.each<[string, object]>([
  ['two entries fit', { demo: former, other: former }],
  ['the entry knows no titles', { demo: { completed: ['1'] } }],
])('%s: what is ticked does not count', async (_, specs) => {
  beside(specs);
  expect(await completed()).not.toBe(3);
  const { stdout, stderr } = await folder.run(`skip 3 ${spec}`);
  expect(stdout + stderr).toContain('does not count until you accept it');
  expect(await completed()).not.toBe(3);
});

test.each<[string, object]>([
  ['no entry', {}],
  ['an entry of another spec that is gone', { demo: { completed: ['1'], title_hashes: { 1: hashTitle('Else') } } }],
])("%s: a first start, ticks are a person's", async (_, specs) => {
  beside(specs);
  expect(await completed()).toBe(3);
});

test('an entry whose folder is there is left to it', async () => {
  folder.write('- [ ] 1. First\n', '.kiro/specs/demo/tasks.md');
  beside({ demo: former });
  expect(await completed()).toBe(3);
});
