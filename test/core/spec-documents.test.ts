// Which documents beside a task file a prompt names, for each tool that makes specs.
import { expect, it } from 'vitest';
import { DOCUMENTS_OF_A_ROLE, documentFolders, documentsAmong } from '../../src/core/spec-documents.ts';

const named = (paths: string[], taskFile = 'tasks.md', own = true): string[] =>
  documentsAmong(paths, taskFile, own).map(({ role, path, how }) => `${how} ${role}: ${path}`);

it.each<[string, string[], string[]]>([
  [
    'Kiro',
    ['tasks.md', 'design.md', 'requirements.md'],
    ['read requirements: requirements.md', 'read design: design.md'],
  ],
  [
    'spec-kit',
    [
      'contracts/api.yaml',
      'data-model.md',
      'plan.md',
      'quickstart.md',
      'research.md',
      'spec.md',
      'tasks.md',
      'checklists/requirements.md',
    ],
    [
      'read specification: spec.md',
      'read plan: plan.md',
      'read research: research.md',
      'read data model: data-model.md',
      'read contract: contracts/api.yaml',
      'read quickstart: quickstart.md',
      'look checklist: checklists/requirements.md',
    ],
  ],
  [
    'OpenSpec',
    ['tasks.md', 'proposal.md', 'design.md', 'specs/cart/spec.md', 'specs/user/login/spec.md', 'specs/cart/notes.md'],
    [
      'read design: design.md',
      'read proposal: proposal.md',
      'read requirements: specs/cart/spec.md',
      'read requirements: specs/user/login/spec.md',
    ],
  ],
  [
    'Agent OS',
    ['tasks.md', 'spec.md', 'spec-lite.md', 'sub-specs/technical-spec.md', 'planning/requirements.md'],
    [
      'read requirements: planning/requirements.md',
      'read specification: spec.md',
      'read part of the specification: sub-specs/technical-spec.md',
      'look specification in short: spec-lite.md',
    ],
  ],
  ['cc-sdd', ['gap-analysis.md', 'research.md'], ['read research: research.md', 'look gap analysis: gap-analysis.md']],
  ['spec-kitty', ['plan.md', 'tasks/WP01-cart.md'], ['read plan: plan.md', 'look work package: tasks/WP01-cart.md']],
])('%s', (_, paths, expected) => {
  expect(named(paths)).toEqual(expected);
});

it('ai-dev-tasks: the requirements that a list was made of, and no others', () => {
  const paths = ['tasks-0001-prd-cart.md', '0001-prd-cart.md', '0002-prd-login.md', 'tasks-login.md', 'prd-login.md'];
  expect(named(paths, 'tasks-0001-prd-cart.md', false)).toEqual(['read product requirements: 0001-prd-cart.md']);
  expect(named(paths, 'tasks-login.md', false)).toEqual(['read product requirements: prd-login.md']);
});

it('AI-DLC: what a plan rests on lies in other folders', () => {
  const plan = 'construction/plans/cart-api-code-generation-plan.md';
  expect(documentFolders(plan)).toContain('construction/cart-api');
  const paths = [
    plan,
    'construction/plans/shop-code-generation-plan.md',
    'inception/requirements/requirements.md',
    'construction/cart-api/functional-design/rules.md',
  ];
  expect(named(paths, plan, false)).toEqual([
    'read requirements: inception/requirements/requirements.md',
    'look design of this part: construction/cart-api/functional-design/rules.md',
  ]);
});

it('other Markdown is named in a folder of the spec alone, but none of other things', () => {
  const others = [
    'notes.md',
    'README.md',
    'AGENTS.md',
    'tasks-old.md',
    'SEQUENTIAL_PROGRESS.md',
    'todo.md',
    'a.txt',
    'x/y.md',
  ];
  expect(named(others)).toEqual(['look also in the folder: notes.md']);
  expect(named([...others, 'plan.md'], 'tasks.md', false)).toEqual(['read plan: plan.md']);
});

it('many of a role are one entry: the folder they share', () => {
  const many = (path: (n: number) => string) => Array.from({ length: DOCUMENTS_OF_A_ROLE + 1 }, (_, n) => path(n));
  expect(named(many(n => `contracts/v${n % 2}/${n}.json`))).toEqual(['look contract (9 files): contracts/']);
  expect(named(many(n => `specs/a/c${n}/spec.md`))).toEqual(['look requirements (9 files): specs/a/']);
  expect(named(many(n => `n${n}.md`))).toEqual(['look also in the folder (9 files): ./']);
  expect(named(many(n => `contracts/${n}.json`).slice(1))).toHaveLength(DOCUMENTS_OF_A_ROLE);
});
