// Which documents lie beside a task file, and what each is for: as the tools that make specs name them.

/** A document that a prompt names. */
export interface SpecDocument {
  /** What it is for, e.g. `plan`. */
  role: string;
  /** As given; a folder ends in `/`. */
  path: string;
  /** `read`: before any work. `look`: when the task needs it; nobody knows how much of it bears on the task. */
  how: 'read' | 'look';
}

/** Files of one role that are named one by one; of more the folder is named. */
export const DOCUMENTS_OF_A_ROLE = 8;

interface Rule {
  role: string;
  file: RegExp;
  /** Absent: `read`. */
  how?: SpecDocument['how'];
}

/** In the order of reading. Kiro, cc-sdd, spec-workflow and claude-specs have the first two. */
const rules: readonly Rule[] = [
  { role: 'requirements', file: /^requirements\.md$/ },
  { role: 'design', file: /^design\.md$/ },
  { role: 'bug', file: /^bugfix\.md$/ },
  // OpenSpec: why, and what changes in which capability.
  { role: 'proposal', file: /^proposal\.md$/ },
  { role: 'requirements', file: /^specs\/(?:.+\/)?spec\.md$/ },
  // Agent OS; its older parts lie in sub-specs, its newer requirements in planning.
  { role: 'requirements', file: /^planning\/requirements\.md$/ },
  // spec-kit, spec-kitty, Agent OS.
  { role: 'specification', file: /^spec\.md$/ },
  { role: 'part of the specification', file: /^sub-specs\/.+\.md$/ },
  { role: 'specification in short', file: /^spec-lite\.md$/, how: 'look' },
  { role: 'plan', file: /^plan\.md$/ },
  { role: 'scope', file: /^shape\.md$/ },
  { role: 'standards', file: /^standards\.md$/ },
  { role: 'references', file: /^references\.md$/, how: 'look' },
  { role: 'research', file: /^research\.md$/ },
  { role: 'gap analysis', file: /^gap-analysis\.md$/, how: 'look' },
  { role: 'data model', file: /^data-model\.md$/ },
  { role: 'contract', file: /^contracts\/.+/ },
  { role: 'quickstart', file: /^quickstart\.md$/ },
  { role: 'work package', file: /^tasks\/(?:.+\/)?wp\d+[^/]*\.md$/, how: 'look' },
  { role: 'checklist', file: /^checklists\/.+\.md$/, how: 'look' },
  // AI-DLC, from its own folder on.
  { role: 'requirements', file: /^inception\/requirements\/requirements\.md$/ },
  { role: 'application design', file: /^inception\/application-design\/.+\.md$/, how: 'look' },
];

/** A plan of AI-DLC names the part of the system that it is for. */
const partOf = (taskFile: string): string | null =>
  /^construction\/plans\/(.+?)-(?:functional-design|nfr-requirements|nfr-design|infrastructure-design|code-generation)-plan\.md$/.exec(
    taskFile,
  )?.[1] ?? null;

/** Folders below the root that may hold documents of known roles. */
export const documentFolders = (taskFile: string): string[] => {
  const part = partOf(taskFile);
  if (taskFile.includes('/'))
    return [
      'inception/requirements',
      'inception/application-design',
      ...(part === null ? [] : [`construction/${part}`]),
    ];
  return ['specs', 'sub-specs', 'planning', 'contracts', 'checklists', 'tasks'];
};

/** Files that tell of the folder, of the repository or of tools; task files of other work; what seqrun writes. */
const noDocument =
  /^(?:readme|changelog|contributing|licen[cs]e|code_of_conduct|security|agents|claude|gemini|codex|copilot-instructions|todos?|tasks)\b|^sequential_/;

/**
 * The documents among `paths`, in the order of reading, each once. `paths` and `taskFile` are relative to one root, with `/`: the folder of
 * the task file, or `aidlc-docs` around it. `own`: the folder is the spec's alone, so that other Markdown in it belongs to the spec
 * too. Never more than a few dozen, whatever lies there: a role with more than `DOCUMENTS_OF_A_ROLE` becomes one entry, the folder.
 */
export const documentsAmong = (paths: readonly string[], taskFile: string, own: boolean): SpecDocument[] => {
  const left = new Set(paths.filter(path => path !== taskFile).sort());
  const found: SpecDocument[] = [];
  const take = ({ role, file, how = 'read' }: Rule): void => {
    const taken = [...left].filter(path => file.test(path.toLowerCase()));
    for (const path of taken) left.delete(path);
    if (taken.length <= DOCUMENTS_OF_A_ROLE) found.push(...taken.map(path => ({ role, path, how })));
    else found.push({ role: `${role} (${taken.length} files)`, path: commonFolder(taken), how: 'look' });
  };
  for (const rule of rules) take(rule);
  const part = partOf(taskFile);
  if (part !== null) take({ role: 'design of this part', file: startingWith(`construction/${part}/`), how: 'look' });
  // ai-dev-tasks: tasks-0001-prd-cart.md is made of 0001-prd-cart.md, tasks-cart.md of prd-cart.md.
  const [, subject] = /^tasks-(.+\.md)$/i.exec(taskFile) ?? [];
  if (subject !== undefined) {
    for (const path of [subject, `prd-${subject}`]) {
      if (left.delete(path)) found.push({ role: 'product requirements', path, how: 'read' });
    }
  }
  for (const path of left) if (noDocument.test(path.toLowerCase())) left.delete(path);
  if (own) take({ role: 'also in the folder', file: /^[^/]+\.md$/, how: 'look' });
  return found;
};

const startingWith = (text: string): RegExp => new RegExp(`^${text.toLowerCase().replace(/[^\w/]/g, '\\$&')}.+\\.md$`);

/** `./` for the root itself. */
const commonFolder = (paths: readonly string[]): string => {
  const folders = paths.map(path => path.split('/').slice(0, -1));
  const common = folders.reduce((shared, one) => {
    const until = shared.findIndex((name, index) => one[index] !== name);
    return until < 0 ? shared : shared.slice(0, until);
  });
  return common.length === 0 ? './' : `${common.join('/')}/`;
};
