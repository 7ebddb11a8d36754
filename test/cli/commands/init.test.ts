import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Folder, makeFolder } from '../in-process.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder.close());

const read = (path: string) => readFileSync(join(folder.root, path), 'utf8');
const skills = ['.claude/skills/seqrun/SKILL.md', '.agents/skills/seqrun/SKILL.md'];

describe('init', () => {
  test('writes what it found, shows it, and its own settings are accepted', async () => {
    folder.write('- [ ] 1. One\n');
    folder.write('{"scripts":{"test":"vitest run"}}', 'package.json');
    folder.write('#!/bin/sh\n', 'bin/codex');
    (await import('node:fs')).chmodSync(join(folder.root, 'bin/codex'), 0o755);
    const { exit, stdout, stderr } = await folder.run('init', { PATH: join(folder.root, 'bin') });
    expect(exit, stderr).toBe(0);
    const text = read('seqrun.config.yaml');
    expect(parse(text)).toEqual({ backend: 'codex', delay: 15, verify: { test: 'npm test' } });
    expect(text).toContain('.kiro/specs/cart');
    for (const line of text.trim().split('\n')) expect(stdout).toContain(line);
    expect(stderr).toContain('next: seqrun plan --spec .kiro/specs/cart');
    // A build may be missing where this is tested.
    const schema = '.seqrun/seqrun.schema.json';
    expect(stdout.includes(`${schema} (for editors)`)).toBe(existsSync(join(folder.root, schema)));
    const config = await folder.run('config --json');
    expect(config.exit, config.stderr).toBe(0);
    expect(config.stdout).toContain('npm test');
  });

  test('each setting that is commented out is accepted as well', async () => {
    await folder.run('init');
    const text = read('seqrun.config.yaml');
    // There is no Makefile.
    expect(text).not.toContain('make');
    const all = text.replace(/^# ((?:[a-z][A-Za-z]+| {2}[a-z]+):.*)$/gm, '$1');
    expect(Object.keys(parse(all)).length).toBeGreaterThan(6);
    writeFileSync(join(folder.root, 'seqrun.config.yaml'), all);
    const { exit, stderr } = await folder.run('config');
    expect(exit, stderr).toBe(0);
  });

  test.each([
    ['seqrun.config.json', '{"delay":1}'],
    ['seqrun.config.yml', 'delay: 1\n'],
    ['package.json', '{"seqrun":{"delay":1}}'],
  ])('never writes beside settings in %s', async (path, text) => {
    folder.write(text, path);
    const { exit, stderr } = await folder.run('init');
    expect(exit).toBe(64);
    expect(stderr).toContain(path);
    expect(existsSync(join(folder.root, 'seqrun.config.yaml'))).toBe(false);
    expect(read(path)).toBe(text);
  });

  test('puts the skill where agents look, settings or not, and as often as one likes', async () => {
    folder.write('delay: 1\n', 'seqrun.config.yaml');
    const first = await folder.run('init --skill --json');
    expect(first.exit, first.stderr).toBe(0);
    expect(JSON.parse(first.stdout).skills.map(({ state }: { state: string }) => state)).toEqual(['new', 'new']);
    for (const path of skills) {
      const text = read(path);
      expect(text).not.toContain('{{');
      expect(parse(text.split('---\n')[1]!)).toMatchObject({
        name: 'seqrun',
        description: expect.stringMatching(/overnight run/),
      });
      expect(text).toContain('seqrun.cjs');
    }
    const again = await folder.run('init --skill --json');
    expect(JSON.parse(again.stdout).skills.map(({ state }: { state: string }) => state)).toEqual([
      'as before',
      'as before',
    ]);
    expect(read('seqrun.config.yaml')).toBe('delay: 1\n');
  });

  test('leaves a skill alone that somebody has changed', async () => {
    folder.write('mine', skills[1]);
    const { exit, stderr } = await folder.run('init --skill');
    expect(exit).toBe(64);
    expect(stderr).toContain('rm .agents/skills/seqrun/SKILL.md');
    expect(read(skills[1]!)).toBe('mine');
  });

  test('finds specs of any tool, but none of other people', async () => {
    const mine = ['openspec/changes/a', '.spec-workflow/specs/b', 'specs/001-c'];
    for (const path of [...mine, 'node_modules/x/specs/y', '.git/z', 'openspec/changes/archive/d'])
      folder.write('- [ ] 1. One\n', `${path}/tasks.md`);
    const { stdout } = await folder.run('init --json');
    expect(JSON.parse(stdout).found.specs).toEqual(mine.toSorted());
    // What init finds in a usual folder is what the other commands know of.
    const { stderr } = await folder.run('plan');
    for (const spec of mine) expect(stderr).toContain(spec);
  });

  test('says when the folder cannot be written', async () => {
    const { exit, stderr } = await folder.run('init --workdir nowhere');
    expect(exit).toBe(66);
    expect(stderr).toContain('nowhere');
  });
});
