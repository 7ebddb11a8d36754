// The names of the dialects, for whoever must know them without reading a file.

/** In the order of the registry. */
export const dialectNames = [
  'kiro',
  'cc-sdd',
  'spec-kit',
  'spec-kitty',
  'openspec',
  'spec-workflow',
  'claude-specs',
  'agent-os',
  'ai-dev-tasks',
  'ai-dlc',
  'specd',
  'headings',
  'plain',
] as const;

/** What `--dialect` takes: also the one that is no Markdown, see `../todos/`. */
export const readableDialects = [...dialectNames, 'todos'] as const;

export type DialectName = (typeof dialectNames)[number];
