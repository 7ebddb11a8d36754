// `--prompt-template` and `--context-file`: what is refused before a run, and what a prompt is made of with them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkTaskTemplate, readPromptParts } from '../../src/cli/run/prompt-parts.ts';
import { type Templates, unitPrompt } from '../../src/core/prompt.ts';
import { unitOf } from '../core/given.ts';

describe('a template', () => {
  const check = (text: string) => checkTaskTemplate(text, '/t.md');
  test('may use what is known, in any place', () => {
    expect(check('Do {{unit_id}}: {{work}}\n{{signal_done}} {{note}}')).toBeNull();
    expect(check('{{work}} { {odd} } {x} }} {{')).toBeNull();
  });

  test.each([
    ['{{wrok}}', 'did you mean {{work}}?'],
    ['{{ work }}', 'did you mean {{work}}?'],
    ['{{unit-id}}', 'did you mean {{unit_id}}?'],
    ['{{nothing_like_it}}', null],
  ])('%s is told with its place and the nearest name', (placeholder, next) => {
    expect(check(`{{work}}\n  x ${placeholder}`)).toMatchObject({
      exit: 64,
      what: `the prompt template has ${placeholder}, which nothing is filled into`,
      where: { name: '/t.md', line: 2, column: 5 },
      next,
    });
  });

  test.each([
    ['', 'is empty'],
    ['Do what you like. {{signal_done}}', 'every unit would be told the same'],
    ['{{work}}\0', 'is no text'],
  ])('%j is refused', (text, what) => {
    expect(check(text)).toMatchObject({ exit: 64, what: expect.stringContaining(what) });
  });
});

describe('files', () => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'seqrun-parts-'));
    mkdirSync(join(root, 'folder'));
    writeFileSync(join(root, 'night.md'), 'Do {{work}}\n<promise>TASK_DONE</promise>\n');
    writeFileSync(join(root, 'silent.md'), 'Do {{work}}\n');
    writeFileSync(join(root, 'style.md'), 'tabs');
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const read = (promptTemplate: string | null, ...contextFiles: string[]) =>
    readPromptParts({ promptTemplate, contextFiles, templates: null }, { cwd: root, workdir: join(root, 'w') });
  const folder = () => join(root, 'w', '.seqrun', 'templates');

  test('are read from where they were typed, each once, and a signal in one ends nothing', async () => {
    expect(await read('night.md', 'style.md', './style.md')).toEqual({
      task: 'Do {{work}}\n> <promise>TASK_DONE</promise>\n',
      context: [join(root, 'style.md')],
      folder: folder(),
      own: [],
      warnings: [],
    });
    expect(await read(null)).toEqual({ task: null, folder: folder(), own: [], context: [], warnings: [] });
  });

  test('that are not there are refused', async () => {
    expect(await read('no.md')).toMatchObject({ exit: 66, what: 'the prompt template does not exist' });
    expect(await read(null, 'style.md', 'no.md')).toMatchObject({ exit: 66, where: { name: join(root, 'no.md') } });
    expect(await read(null, 'folder')).toMatchObject({ exit: 66, what: expect.stringContaining('is a folder') });
  });

  test('those of the folder of own prompts are named, and its task.md is checked as one that was typed', async () => {
    const templates = join(root, 'own');
    mkdirSync(templates);
    const own = (task: string) => {
      writeFileSync(join(templates, 'task.md'), task);
      return readPromptParts({ promptTemplate: null, contextFiles: [], templates }, { cwd: root, workdir: root });
    };
    writeFileSync(join(templates, 'retry.md'), 'Again');
    writeFileSync(join(templates, 'notes.md'), 'no prompt');
    expect(await own('{{work}} TASK_DONE')).toMatchObject({ task: null, own: ['task', 'retry'], warnings: [] });
    expect(await own('{{work}}')).toMatchObject({ warnings: [expect.stringContaining('{{signal_done}}')] });
    expect(await own('{{wrok}}')).toMatchObject({ exit: 64, where: { name: join(templates, 'task.md'), line: 1 } });
  });

  test('a template without a word of the signal is warned of', async () => {
    expect(await read('silent.md')).toMatchObject({ warnings: [expect.stringContaining('{{signal_done}}')] });
  });
});

describe('the prompt', () => {
  const prompt = (task: string, context: string[]) =>
    unitPrompt({
      unit: unitOf('1'),
      tasks: [],
      done: new Set(),
      reason: { kind: 'task', note: null },
      said: [],
      inSession: false,
      files: {
        tasks: 'tasks.md',
        requirements: null,
        design: null,
        state: 's',
        progress: 'p',
        bugfix: false,
        context,
      },
      templates: { task, closing: '' } as Templates,
    });

  test('names context files among the files, or at its end where the template has no place for them', () => {
    expect(prompt('{{files}}\nGo.\n', ['docs/a.md', '/b.md'])).toBe(
      '- task list: @tasks.md\n- context: @docs/a.md\n- context: @/b.md\nGo.\n',
    );
    expect(prompt('Do {{unit_id}}.\n', ['{{work}}.md'])).toBe('Do 1.\n\nRead first:\n\n- context: @{{work}}.md\n');
    expect(prompt('Do {{unit_id}}.\n', [])).toBe('Do 1.\n');
  });
});
