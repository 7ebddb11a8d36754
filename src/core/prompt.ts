// Fills the prompt templates. A template's placeholder is `{{name}}`; a line that is left empty by it goes away.
import type { StartReason } from './events.ts';
import type { Unit } from './plan-types.ts';
import { rulesOf } from './prompt-rules.ts';
import { quoteSignals } from './signal.ts';
import type { SpecDocument } from './spec-documents.ts';
import type { Task } from './task.ts';

/** Texts of `templates/`, read by the shell. Each may be replaced by the user. */
export interface Templates {
  task: string;
  retry: string;
  'follow-up': string;
  continue: string;
  answer: string;
  /** A halted unit goes on although nobody has answered. */
  unanswered: string;
  /** How an agent may close its final message in a form that is read; part of `task`. */
  closing: string;
  assignment: string;
}

/** What a prompt may refer to. Paths are relative to the workdir; only existing files are in here. */
export interface PromptFiles {
  tasks: string;
  requirements: string | null;
  design: string | null;
  /** What else the tool that made the spec has put beside the task file, in the order of reading. Absent: nothing. */
  documents?: readonly SpecDocument[];
  /** State and progress file: named as read-only. */
  state: string;
  progress: string;
  /** Bugfix specs begin with a test that must fail. */
  bugfix: boolean;
  /** What every unit is told to read; outside the workdir as absolute paths. Absent: nothing. */
  context?: string[];
}

/** The part of them that a unit is told to read. */
export type NamedFiles = Pick<PromptFiles, 'tasks' | 'requirements' | 'design' | 'documents' | 'bugfix' | 'context'>;

/** What a template of a unit may have filled in, each as `{{name}}`. */
export const UNIT_PLACEHOLDERS = [
  'unit_id',
  'unit_title',
  'work',
  'optional',
  'files',
  'readonly',
  'rules',
  'note',
  'said',
  'closing',
  'signal_done',
  'signal_complete',
  'signal_halt',
] as const;

export interface UnitPrompt {
  unit: Unit;
  /** Tasks of the unit, in file order. */
  tasks: readonly Task[];
  done: ReadonlySet<string>;
  reason: StartReason;
  /** What a person has said of the unit beside the reason, oldest first; told to who is not in the session that has heard it. */
  said: readonly string[];
  /** The agent still has the task text in its session. */
  inSession: boolean;
  files: PromptFiles;
  templates: Templates;
}

/** The prompt of a unit start. Never holds a signal alone on a line. */
export const unitPrompt = (input: UnitPrompt): string => {
  const { unit, reason, templates, files, inSession } = input;
  const common: Record<Exclude<(typeof UNIT_PLACEHOLDERS)[number], 'said'>, string> = {
    unit_id: unit.id,
    unit_title: oneLine(unit.title),
    work: workList(input),
    optional: optionalList(input),
    files: fileLines(files).join('\n'),
    readonly: `Written by the runner only, read them if you like but never change them: \`${files.state}\`, \`${files.progress}\`.`,
    rules: rulesOf(unit, input.tasks, files.bugfix),
    signal_done: inline('TASK_DONE'),
    signal_complete: inline('COMPLETE'),
    signal_halt: inline('HALT'),
    closing: templates.closing.trim(),
    note: '',
  };
  const said = saidBlock(input.said);
  const template = withContext(withSaid(templates.task, said), files);
  const context = contextLines(files).join('\n');
  const task = (note: string) => fill(template, { ...common, note, said, context });
  switch (reason.kind) {
    case 'task':
      return task(reason.note === null ? '' : fill(templates.retry, { note: quote(reason.note) }).trim());
    case 'follow_up': {
      const asked = reason.from === 'person' ? `a person asks for more: ${reason.missing}` : reason.missing;
      const output = reason.output === undefined ? '' : outputBlock(reason.output);
      // A template of the user's own may not know where it goes: it must not be lost.
      const further = templates['follow-up'];
      const own = further.includes('{{output}}') ? further : `${further}\n{{output}}\n`;
      const text = fill(own, { ...common, missing: quote(asked), output });
      return inSession ? text : `${task('')}\n---\n\n${text}`;
    }
    case 'continue': {
      const text = fill(templates.continue, {
        ...common,
        after: reason.after === 'limited' ? 'by a usage limit' : 'by an interruption',
      });
      return inSession ? text : `${task('')}\n---\n\n${text}`;
    }
    case 'answer': {
      const text =
        reason.text === null
          ? fill(templates.unanswered, common)
          : fill(templates.answer, { ...common, answer: quoteSignals(reason.text) });
      return inSession ? text : `${task('')}\n---\n\n${text}`;
    }
  }
};

/** The prompt of an assignment job. */
export const assignmentPrompt = (input: {
  units: readonly Unit[];
  tasks: readonly Task[];
  owners: readonly string[];
  files: PromptFiles;
  templates: Templates;
}): string =>
  fill(input.templates.assignment, {
    tasks_file: `@${input.files.tasks}`,
    units: input.units
      .map(unit => {
        const subtasks = unit.leaves.filter(leaf => leaf.id !== unit.id).map(leaf => oneLine(leaf.title));
        return `- ${unit.id}: ${oneLine(unit.title)}${subtasks.length > 0 ? ` (${subtasks.join('; ').slice(0, 400)})` : ''}`;
      })
      .join('\n'),
    owners: input.owners.map(owner => `- \`${owner}\``).join('\n'),
  });

/** Replaces `{{name}}`; unknown names stay as they are, so that a typing error in a user's template is seen. */
export const fill = (template: string, values: Record<string, string>): string =>
  template
    .replace(/^\{\{(\w+)\}\}\n(\n)?/gm, (all, name: string) => (values[name] === '' ? '' : all))
    .replace(/\{\{(\w+)\}\}/g, (all, name: string) => values[name] ?? all);

const saidBlock = (said: readonly string[]): string => {
  if (said.length === 0) return '';
  const items = said.map(text => `- ${indent(quote(text)).trimStart()}`);
  return `**What a person has said about this unit**, oldest first; the later word counts:\n\n${items.join('\n')}`;
};

/** A template of the user's own may not know where it goes: it must not be lost. */
const withSaid = (template: string, said: string): string => {
  if (said === '' || template.includes('{{said}}')) return template;
  return template.includes('{{note}}')
    ? template.replace('{{note}}', '{{note}}\n\n{{said}}')
    : `${template.trimEnd()}\n\n{{said}}\n`;
};

/** So may it not name files; the task list is in its own words then, but what a person wants to be read is not. */
const withContext = (template: string, files: PromptFiles): string =>
  contextLines(files).length === 0 || template.includes('{{files}}')
    ? template
    : `${template.trimEnd()}\n\nRead first:\n\n{{context}}\n`;

const contextLines = ({ context = [] }: Pick<PromptFiles, 'context'>): string[] =>
  context.map(path => `- context: @${path}`);

/** What a gate printed, in a fence that nothing in it can close. */
const outputBlock = (output: string): string => {
  const longest = Math.max(2, ...[...output.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `The end of what it printed:\n\n${fence}text\n${quoteSignals(output)}\n${fence}`;
};

const workList = ({ unit, tasks, done }: UnitPrompt): string => {
  const leaves = new Set(unit.leaves.map(leaf => leaf.id));
  const blocks: string[] = [];
  const openLeaves = unit.leaves.filter(leaf => !done.has(leaf.id));
  for (const task of tasks) {
    const isLeaf = leaves.has(task.id);
    if (!isLeaf && unit.optionalLeft.includes(task.id)) continue;
    const mark = isLeaf ? (done.has(task.id) ? ' — already done, do not do it again' : '') : '';
    const label = task.id.startsWith('#') ? '' : `${task.id} `;
    blocks.push(`- **${label}${oneLine(task.title)}**${mark}${task.optional && isLeaf ? ' (optional)' : ''}`);
    if (!(isLeaf && done.has(task.id)) && task.details.trim() !== '')
      blocks.push(indent(quoteSignals(task.details.trimEnd())));
  }
  if (openLeaves.length > 0 && openLeaves.length < unit.leaves.length) {
    blocks.push(`\nGo on at **${openLeaves[0]!.id}**.`);
  } else if (unit.leaves.length > 1)
    blocks.push('\nDo them in this order. All of them must be done before you say so.');
  return blocks.join('\n');
};

const optionalList = ({ unit }: UnitPrompt): string =>
  unit.optionalLeft.length === 0 ? '' : `Optional and not asked for, leave them: ${unit.optionalLeft.join(', ')}.`;

/** The files that a unit is told to read, a line each, as the prompt has them. */
export const fileLines = (files: NamedFiles): string[] =>
  [
    `- task list: @${files.tasks}`,
    files.requirements === null ? null : `- requirements: @${files.requirements}`,
    files.design === null ? null : `- design: @${files.design}`,
    ...(files.documents ?? []).map(({ role, path, how }) =>
      // Agents paste what stands behind an @ into the prompt: only for what is to be read whatever the task is.
      how === 'read' ? `- ${role}: @${path}` : `- ${role}, where the task needs it: \`${path}\``,
    ),
    ...contextLines(files),
  ].filter(line => line !== null);

const inline = (signal: string): string => `\`<promise>${signal}</promise>\``;

const quote = (text: string): string => quoteSignals(text).trim();

const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ');

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
