// Real task files that stand beside the repository on some machines: hand-checked truth, and nothing may break on any of them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flipBox } from '../../src/spec/boxes.ts';
import { readSpec } from '../../src/spec/read.ts';

const root = new URL('../../../shared/', import.meta.url).pathname;
const corpus = join(root, 'corpus');
const here = existsSync(join(corpus, 'gold.json'));
if (!here) console.log(`skipped: ${corpus}/gold.json is not on this machine`);

interface Truth {
  path: string;
  mode: string;
  tasks: {
    id: string;
    line: number;
    alsoAtLine?: number | number[];
    parent: string | null;
    state: string;
    optional: boolean;
    dependsOn: string[];
    positional?: boolean;
    group?: string;
  }[];
}

const FIELDS = ['id', 'state', 'parent', 'optional', 'dependsOn'] as const;

const compare = (file: Truth) => {
  const spec = readSpec(readFileSync(join(corpus, file.path)));
  const byLine = new Map(spec.tasks.map(task => [task.line, task]));
  const wrong: string[] = spec.tasks.length === file.tasks.length ? [] : [`${spec.tasks.length} tasks`];
  let found = 0;
  for (const want of file.tasks) {
    const got = byLine.get(want.line) ?? byLine.get([want.alsoAtLine ?? -1].flat()[0]!);
    if (!got) {
      wrong.push(`line ${want.line}: ${want.id} missing`);
      continue;
    }
    found++;
    const expected = { ...want, id: want.positional ? got.id : want.id, dependsOn: [...want.dependsOn].sort() };
    const actual = { ...got, dependsOn: [...got.dependsOn, ...got.follows].sort() };
    if (want.positional && want.parent !== null) expected.parent = got.parent;
    for (const field of FIELDS) {
      if (JSON.stringify(actual[field]) !== JSON.stringify(expected[field])) {
        wrong.push(`line ${want.line}: ${want.id} ${field} is ${JSON.stringify(actual[field])}`);
      }
    }
    if (want.group !== undefined && got.parent === null && got.group !== want.group) {
      wrong.push(`line ${want.line}: ${want.id} group is ${got.group}`);
    }
  }
  return { path: file.path, wrong, found, claimed: spec.tasks.length, expected: file.tasks.length };
};

describe.skipIf(!here)('the hand-checked truth', () => {
  const gold: Truth[] = here
    ? JSON.parse(readFileSync(join(corpus, 'gold.json'), 'utf8')).files.filter((file: Truth) =>
        existsSync(join(corpus, file.path)),
      )
    : [];

  it('is met by every Kiro file whose tasks are boxes', () => {
    // Where headings are the tasks (`head`) they are not read yet.
    const boxes = gold.filter(file => file.path.startsWith('files/kiro') && file.mode !== 'head').map(compare);
    const sum = (key: 'found' | 'claimed' | 'expected'): number =>
      boxes.reduce((total, entry) => total + entry[key], 0);
    console.log(
      `Kiro: ${boxes.filter(entry => entry.wrong.length === 0).length} of ${boxes.length} files right, ` +
        `${sum('found')} of ${sum('expected')} tasks found, ${sum('claimed')} claimed`,
    );
    expect(boxes.length).toBeGreaterThanOrEqual(16);
    expect(boxes.filter(entry => entry.wrong.length > 0)).toEqual([]);
  });

  it('is met by 47 files of 48', () => {
    const all = gold.map(compare);
    const right = all.filter(entry => entry.wrong.length === 0);
    for (const { path, wrong } of all) if (wrong.length > 0) console.log(path, wrong.slice(0, 5));
    console.log(`all dialects: ${right.length} of ${gold.length} files right`);
    expect(right.length).toBeGreaterThanOrEqual(47);
  });
});

describe.skipIf(!here)('every real file', () => {
  const files = here
    ? ['corpus/files', 'full-specs'].flatMap(folder =>
        readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
          .filter(name => name.endsWith('tasks.md'))
          .map(name => join(root, folder, name)),
      )
    : [];

  it('is read, and each of its boxes can be flipped by one byte', () => {
    expect(files.length).toBeGreaterThan(100);
    // Each in the long run, every third else.
    const some = process.env.SEQRUN_TEST_LONG ? files : files.filter((_, at) => at % 3 === 0);
    for (const file of some) {
      const bytes = readFileSync(file);
      const spec = readSpec(bytes);
      if (spec.tasks.length === 0) expect(spec.diagnostics.some(d => d.code === 'no_tasks')).toBe(true);
      for (const task of spec.tasks) {
        if (!task.box) continue;
        const result = flipBox(bytes, task, '~');
        expect(result, `${file} ${task.id}`).toHaveProperty('bytes');
      }
    }
  });
});
