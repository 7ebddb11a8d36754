// What a person puts into every prompt: a template of their own, and files that each unit is told to read. Checked before the run.
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ownTemplates } from '../../compose.ts';
import { UNIT_PLACEHOLDERS } from '../../core/prompt.ts';
import { quoteSignals } from '../../core/signal.ts';
import type { Failure } from '../errors.ts';
import type { Settings } from '../intention.ts';
import { nearest } from '../nearest.ts';

/** The parts of a run's prompts. */
export interface PromptParts {
  /** In place of the task template; null = that one. */
  task: string | null;
  /** Where prompts of the user's own are looked for, absolute, and which are there. */
  folder: string;
  own: string[];
  /** Absolute, each once. They were there when this was read. */
  context: string[];
  /** What a run can do with, and a person may not want. */
  warnings: string[];
}

/** A template is a page or two; what is larger is another file. */
const templateMax = 256 * 1024;

/** Reads and checks them. A failure (64, 66) names the file, and the line where one is wrong. */
export const readPromptParts = async (
  { promptTemplate, contextFiles, templates }: Pick<Settings, 'promptTemplate' | 'contextFiles' | 'templates'>,
  { cwd, workdir }: { cwd: string; workdir: string },
): Promise<PromptParts | Failure> => {
  const folder = templates ?? join(workdir, '.seqrun', 'templates');
  const own = ownTemplates(folder);
  const context = [...new Set(contextFiles.map(path => resolve(cwd, path)))];
  for (const path of context) {
    const missing = await missingFile(path, 'the file that every unit shall read', '--context-file docs/style.md');
    if (missing) return missing;
  }
  const none = { task: null, folder, own, context, warnings: [] };
  if (promptTemplate === null && !own.includes('task')) return none;
  const path = promptTemplate === null ? join(folder, 'task.md') : resolve(cwd, promptTemplate);
  const missing = await missingFile(path, 'the prompt template', 'templates/task.md of seqrun is one to begin with');
  if (missing) return missing;
  const text = await readFile(path, 'utf8');
  const wrong = checkTaskTemplate(text, path);
  if (wrong) return wrong;
  const tells = /\{\{signal_done\}\}|TASK_DONE/.test(text);
  const warnings = tells
    ? []
    : ['the prompt template does not say how an agent ends ({{signal_done}}): most units will have to be asked for it'];
  return promptTemplate === null ? { ...none, warnings } : { ...none, task: quoteSignals(text), warnings };
};

const missingFile = async (path: string, what: string, next: string): Promise<Failure | null> => {
  const found = await stat(path).catch(() => null);
  if (found?.isFile()) return null;
  const why = found === null ? 'does not exist' : found.isDirectory() ? 'is a folder' : 'is no regular file';
  return { exit: 66, what: `${what} ${why}`, where: { name: path }, expected: 'a text file', next };
};

/** What is wrong with a template of the task, or null. */
export const checkTaskTemplate = (text: string, path: string): Failure | null => {
  const refused = (
    what: string,
    expected: string,
    next: string | null,
    where: Partial<Failure['where']> = {},
  ): Failure => ({
    exit: 64,
    what,
    where: { name: path, ...where },
    expected,
    next,
  });
  if (text.trim() === '') return refused('the prompt template is empty', 'what a unit is told', null);
  if (text.length > templateMax || text.includes('\0'))
    return refused('the prompt template is no text of a few pages', `at most ${templateMax / 1024} KiB of text`, null);
  const known: readonly string[] = UNIT_PLACEHOLDERS;
  const used = new Set<string>();
  for (const [index, source] of text.split(/\r?\n/).entries()) {
    for (const match of source.matchAll(/\{\{[ \t]*([\w-]+)[ \t]*\}\}/g)) {
      const [whole, name] = match as unknown as [string, string];
      if (known.includes(name) && whole === `{{${name}}}`) {
        used.add(name);
        continue;
      }
      const near = known.includes(name) ? name : nearest(name, known);
      const all = `one of ${known.map(one => `{{${one}}}`).join(' ')}`;
      return refused(
        `the prompt template has ${whole}, which nothing is filled into`,
        all,
        near && `did you mean {{${near}}}?`,
        {
          line: index + 1,
          column: match.index + 1,
          source,
        },
      );
    }
  }
  if (used.has('work') || used.has('unit_id')) return null;
  return refused(
    'the prompt template has neither {{work}} nor {{unit_id}}: every unit would be told the same',
    '{{work}}, the tasks of the unit with their text',
    'add {{work}} where they shall stand',
  );
};
