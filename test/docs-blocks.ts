// The pages for users and contributors, taken apart: fenced blocks with their kinds, inline code, prose.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

/** Pages whose blocks have a test of their own, which compares all of them: its path. */
export const ownTests: Readonly<Record<string, string>> = {
  'docs/events.md': 'test/core/event-line.test.ts',
  'docs/library.md': 'test/e2e/library.test.ts',
};

export const pages: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter(name => name.endsWith('.md'))
    .sort()
    .map(name => `docs/${name}`),
];

/**
 * What is done with a block, by its info string. A block of any other kind fails the test.
 *
 * - `sh run`: run by sh in a repository with the spec `checkout`, all of a page in order; `text output` is what the one before prints
 * - `sh clone`: run in the clone of seqrun; `sh copy`: in a copy of it, one for each section
 * - `ts add=FILE above=TEXT` or `below=TEXT`: put into a file of that copy, beside the first line that has this text
 * - `<language> file=NAME`: written into the repository
 * - `json config`, `yaml config`: settings, read by the parser; `md tasks`, `json todos`: task files, likewise; `text closing`: a closing block
 * - `json other`: a file of another program; must be JSON
 * - `sh setup`: not run: takes the network and minutes, and CI does it; must be npm scripts that exist
 * - `sh person`: not run: needs a person at a terminal; its words are looked up
 */
export const kinds = [
  'sh run',
  'text output',
  'sh clone',
  'sh copy',
  'ts add',
  'sh file',
  'md file',
  'json file',
  'json config',
  'yaml config',
  'md tasks',
  'json todos',
  'text closing',
  'json other',
  'sh setup',
  'sh person',
] as const;

export interface Block {
  page: string;
  /** Line of its fence, from 1. */
  line: number;
  /** One of `kinds`, or what stands in the page instead. */
  kind: string;
  /** Of `file=NAME` or `add=NAME`. */
  file: string | null;
  /** Of `above=TEXT` or `below=TEXT`. */
  beside: { where: 'above' | 'below'; words: string } | null;
  /** The heading of its section. */
  section: string;
  text: string;
}

export const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

const fence = /^(`{3,})([^`\n]*)\n(.*?)^\1$/gms;

export const blocksOf = (page: string): Block[] => {
  const text = textOf(page);
  return [...text.matchAll(fence)].map(({ 2: info, 3: body, index }) => {
    const [, kind, file, where, words] = /^(\w+ \w+)(?:=(\S+))?(?: (above|below)=(.+))?$/.exec(info!) ?? [];
    const before = text.slice(0, index);
    return {
      page,
      line: before.split('\n').length,
      kind: kind ?? info!,
      file: file ?? null,
      beside: words === undefined ? null : { where: where as 'above' | 'below', words },
      section: before.split(/^## /m).at(-1)!.split('\n')[0]!,
      text: body!,
    };
  });
};

/** The page without its blocks. */
export const proseOf = (page: string): string => textOf(page).replaceAll(fence, '');

/** Does `printed` look as `shown` says? `…` stands for any text within a line, and alone on a line for any lines. */
export const looksLike = (printed: string, shown: string): boolean => {
  const line = (text: string): string =>
    text.trim() === '…' ? '(?:.*\\n)*?' : `${text.split('…').map(escaped).join('.*')}\\n`;
  return new RegExp(`^${shown.trimEnd().split('\n').map(line).join('')}$`).test(`${printed.trimEnd()}\n`);
};

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
