// Headings that a file names as a whole: `## Phase 2: Foundational`, `### User Story 1`, `## Milestone B`.
import type { Phase, Task } from '../core/task.ts';
import type { Section } from './collect.ts';
import { sectionsAround } from './outside.ts';
import { withoutDependencies } from './title-dependencies.ts';

const KINDS: Readonly<Record<string, string>> = {
  phase: 'phase',
  fase: 'phase',
  阶段: 'phase',
  フェーズ: 'phase',
  stage: 'stage',
  milestone: 'milestone',
  epic: 'epic',
  sprint: 'sprint',
  iteration: 'iteration',
  'task group': 'group',
  'user story': 'story',
  story: 'story',
  us: 'story',
};
/** `Phase 2`, `Phases 3`, `US1`, `User Stories 1`, `Stage B`, `Phase 3+`: what is named, and its number or letter. */
export const PHASE_NAME = String.raw`(?:phases?|fases?|阶段|フェーズ|stages?|milestones?|epics?|sprints?|iterations?|task[ \t-]+groups?|user[ \t-]+stor(?:y|ies)|stor(?:y|ies)|us)[ \t-]*#?(?:\d{1,3}(?!\d|\.\d)|[A-Z](?![A-Za-z0-9]))\+?`;
const NAME = /^(.*?)[ \t-]*#?(\d{1,3}|[A-Za-z])(\+?)$/s;
const IN_HEADING = new RegExp(String.raw`(?<![\p{L}\p{N}])${PHASE_NAME}`, 'giu');

interface Name {
  kind: string;
  /** Upper case. */
  number: string;
  /** `3+`: this one and all that come after. */
  open: boolean;
}

const readName = (text: string): Name | null => {
  const [, word = '', number = '', plus] = NAME.exec(text.trim()) ?? [];
  const singular = word
    .toLowerCase()
    .replace(/[ \t-]+/g, ' ')
    .trim()
    .replace(/ies$/, 'y')
    .replace(/(?<=[a-z]{3})s$/, '');
  const kind = KINDS[singular];
  return kind === undefined ? null : { kind, number: number.toUpperCase(), open: plus === '+' };
};

/** The phases of a file and what they are called. */
export interface Phases {
  all: readonly Phase[];
  /** The phase of a heading, or null. */
  at(section: Section): Phase | null;
  /** True when that phase holds the task. */
  holds(id: string, task: string): boolean;
  /** What a name stands for (`US1`, `Phase 3+`, `Setup`), or a range of two; empty: nothing in this file. */
  named(from: string, to?: string | null): Phase[];
  /** Titles that stand for a phase by themselves, as `Setup` of `Phase 1: Setup (shared)`. Lower case, at most three words. */
  titles: readonly string[];
}

/** Reads the headings above tasks; of two with the same name the first counts. `sectionOf` = where a task stands. */
export const readPhases = (
  sections: readonly Section[],
  tasks: readonly Task[],
  sectionOf: (task: Task) => Section | null,
): Phases => {
  const around = sectionsAround(sections);
  const members = new Map<Section, string[]>();
  for (const task of tasks) {
    const own = sectionOf(task);
    if (own === null) continue;
    for (const section of [...around.get(own)!, own]) {
      const list = members.get(section);
      if (list) list.push(task.id);
      else members.set(section, [task.id]);
    }
  }
  const phases = new Map<Section, Phase>();
  const byName = new Map<string, Phase>();
  const byTitle = new Map<string, Phase>();
  for (const section of sections) {
    const inside = members.get(section);
    if (!inside || section.aside || section.numbered) continue;
    const names = [...withoutDependencies(section.text).matchAll(IN_HEADING)].flatMap(([text]) => readName(text) ?? []);
    const keys = names.map(({ kind, number }) => `${kind} ${number}`.toLowerCase()).filter(key => !byName.has(key));
    const [id] = keys;
    if (id === undefined) continue;
    const phase: Phase = {
      id,
      title: section.text,
      line: section.line + 1,
      tasks: inside,
      dependsOnGroups: [],
      follows: [],
    };
    phases.set(section, phase);
    for (const key of keys) byName.set(key, phase);
    const title = titleOf(withoutDependencies(section.text));
    if (title !== null && !byTitle.has(title)) byTitle.set(title, phase);
  }
  const named = (from: string, to: string | null = null): Phase[] => {
    const first = readName(from);
    if (!first) {
      const phase = byTitle.get(from.toLowerCase().replace(/\s+/g, ' '));
      return phase ? [phase] : [];
    }
    const last = to === null ? null : (readName(to)?.number ?? to.toUpperCase());
    const low = Number(first.number);
    if (Number.isNaN(low) || (last === null && !first.open)) {
      const both = last === null ? [first.number] : [first.number, last];
      return both.flatMap(number => byName.get(`${first.kind} ${number}`.toLowerCase()) ?? []);
    }
    const high = last === null ? 999 : Number(last);
    const found: Phase[] = [];
    for (const [name, phase] of byName) {
      const [kind, number] = name.split(' ');
      if (kind === first.kind && Number(number) >= low && Number(number) <= high && !found.includes(phase))
        found.push(phase);
    }
    return found;
  };
  const held = new Map([...phases.values()].map(({ id, tasks }) => [id, new Set(tasks)]));
  const holds = (id: string, task: string): boolean => held.get(id)?.has(task) ?? false;
  return {
    all: [...phases.values()],
    holds,
    at: section => phases.get(section) ?? null,
    named,
    titles: [...byTitle.keys()],
  };
};

/** `Setup` of `Phase 1: Setup (Shared Infrastructure)`; a longer one is no name. */
const titleOf = (text: string): string | null => {
  const behind = text.replace(IN_HEADING, '').replace(/^[\s*_:：.–—-]+/, '');
  const title = (/^[^(（[:：–—]*/.exec(behind)?.[0] ?? '')
    .replace(/\s-\s.*$/, '')
    .trim()
    .toLowerCase();
  const words = title.split(/\s+/);
  return /^\p{L}{4,}/u.test(title) && words.length <= 3 && /^[\p{L} ]+$/u.test(title) ? words.join(' ') : null;
};
