// Every dialect is recognised by what only it has, and read in its own way.
import { describe, expect, it } from 'vitest';
import { dialects } from '../../src/spec/dialects/index.ts';
import { dialectNames } from '../../src/spec/dialects/names.ts';
import { readSpec } from '../../src/spec/read.ts';

const read = (text: string, dialect?: string) =>
  readSpec(new TextEncoder().encode(text), undefined, { dialect: dialect ?? null });

/** One small file a dialect, with the ids that are its tasks. */
const samples: Record<string, { text: string; ids: string[] }> = {
  kiro: {
    text: '# Plan\n\n- [ ] 1. Build the till\n  - [ ] 1.1 Add coins\n    - count them\n    - _Requirements: 1.1, 2.3_\n  - [ ]* 1.2 Test coins\n',
    ids: ['1', '1.1', '1.2'],
  },
  'cc-sdd': {
    text: '- [ ] 1. Till\n- [ ] 1.1 (P) Add coins\n  - _Requirements: 1.1_\n  - _Boundary: till_\n- [ ] 1.2 Count\n  - _Depends: 1.1_\n',
    ids: ['1', '1.1', '1.2'],
  },
  'spec-kit': {
    text: '## Phase 1: Setup\n\n- [X] T001 Make a folder\n- [ ] T002 [P] [US1] Add coins in src/till.ts\n\n## Dependencies\n\n- T002 depends on T001\n',
    ids: ['T001', 'T002'],
  },
  'spec-kitty': {
    text: '### WP01 — Till\n\n- [x] T001 Coins (WP01)\n\n### WP02 — Notes\n- **Dependencies:** WP01\n\n- [ ] T002 Notes (WP02)\n',
    ids: ['T001', 'T002'],
  },
  openspec: {
    text: '## 1. Till\n- [x] 1.1 Coins\n- [~] 1.1a Small coins\n## 2. Notes\n- [ ] 2.1 Print\n',
    ids: ['1.1', '1.1a', '2.1'],
  },
  'spec-workflow': {
    text: '- [x] 1. Coins\n  - _Leverage: src/a.ts_\n  - _Prompt: Role: Developer | Task: Add coins | Restrictions: none_\n- [-] 2. Notes\n  - _Prompt: Role: x_\n',
    ids: ['1', '2'],
  },
  'claude-specs': { text: '- [ ] 1. Coins\n  - _Leverage: src/a.ts_\n- [ ] 2. Notes\n', ids: ['1', '2'] },
  'agent-os': {
    text: '- [ ] 1. Coins\n  - [ ] 1.1 Write tests for coins\n  - [ ] 1.2 Verify all tests pass\n- [ ] 2. Notes (Depends on: Task 1 - they are change)\n',
    ids: ['1', '1.1', '1.2', '2'],
  },
  'ai-dev-tasks': { text: '- [ ] 1.0 Till\n  - [ ] 1.1 Coins\n- [ ] 2.0 Notes\n', ids: ['1.0', '1.1', '2.0'] },
  'ai-dlc': {
    text: '### Step 1: Plan\n- [x] Ask\n- [ ] Draw\n\n### Step 2: Build\n- [ ] Do\n',
    ids: ['#1', '#2', '#3'],
  },
  specd: {
    text: '- [x] T1 — coins\n  - role: builder · depends: · requirements: R1\n- [ ] T2 — notes\n  - role: builder · depends: T1 · requirements: R2\n',
    ids: ['T1', 'T2'],
  },
  headings: { text: '### Task 1: Coins\ntext\n### Task 2: Notes\n**Dependencies**: Task 1\n', ids: ['1', '2'] },
  plain: { text: '- [ ] buy coins\n- [x] print notes\n', ids: ['#1', '#2'] },
};

it('the registry, the names and the samples hold the same dialects', () => {
  expect(dialects.map(one => one.name)).toEqual([...dialectNames]);
  expect(Object.keys(samples)).toEqual([...dialectNames]);
  for (const { about } of dialects) expect(about).toMatch(/^[^\n]{10,90}$/);
});

describe.each(Object.entries(samples))('%s', (name, { text, ids }) => {
  it('is seen, says why, and has these tasks', () => {
    const spec = read(text);
    expect([spec.dialect, spec.tasks.map(task => task.id)]).toEqual([name, ids]);
    expect(spec.because).toMatch(/^\d+ /);
    expect(spec.because).not.toMatch(/\b1 lines\b/);
    expect(spec.diagnostics.filter(one => one.severity === 'error')).toEqual([]);
  });

  it('is read the same when it is asked for', () => {
    const spec = read(text, name);
    expect([spec.dialect, spec.because, spec.tasks.map(task => task.id)]).toEqual([name, 'asked for', ids]);
  });
});

it('marks mean what they mean there', () => {
  expect(read('## 1. A\n- [~] 1.1 B\n').tasks[0]!.state).toBe('in_progress');
  expect(read('- [~] 1. B\n').tasks[0]!.state).toBe('pending');
  expect(read('- [~] 1. B\n', 'openspec').tasks[0]!.state).toBe('in_progress');
});

it('dependencies of its own lines and of its prose are kept apart', () => {
  const [first, second] = read(samples['spec-kit']!.text).tasks;
  expect([first!.follows, second!.dependsOn, second!.follows]).toEqual([[], [], ['T001']]);
  expect(read(samples.specd!.text).tasks[1]!.dependsOn).toEqual(['T1']);
  expect(read(samples['agent-os']!.text).tasks[3]!.dependsOn).toEqual(['1']);
});

describe('codes', () => {
  const ids = (text: string) => read(text).tasks.map(task => task.id);
  it('are ids where the file numbers its tasks by them', () => {
    expect(ids('- [ ] T1.1 a\n- [ ] T1.2 b\n')).toEqual(['T1.1', 'T1.2']);
    expect(ids('- [x] implementation: T01 — a\n- [ ] qa: T02 — b\n')).toEqual(['T01', 'T02']);
    expect(ids('- [ ] 1.x.1 a\n- [ ] 1.1 b\n')).toEqual(['1.x.1', '1.1']);
    expect(ids('- T001: a\n- T002: b\n')).toEqual(['T001', 'T002']);
  });
  it('are words of the title elsewhere', () => {
    expect(ids('- [ ] 1. S3 upload\n- [ ] 2. H2 database\n')).toEqual(['1', '2']);
    expect(ids('- [ ] S3 upload\n- [ ] H2 database\n- [ ] the rest\n')).toEqual(['#1', '#2', '#3']);
  });
  it('say no parent by their indent', () => {
    const tasks = read('- [ ] T007 a\n- [ ] T008 b\n\n  - [ ] T007a c\n    - blocks: T007\n').tasks;
    expect(tasks.map(task => [task.id, task.parent, task.dependsOn])).toEqual([
      ['T007', null, ['T007a']],
      ['T008', null, []],
      ['T007a', null, []],
    ]);
  });
});

describe('an id', () => {
  const heads = (...lines: string[]) => read(lines.join('\n')).tasks.map(({ id, title }) => [id, title]);
  it('is seen behind signs and marks', () => {
    expect(
      heads(
        '- [ ] ✅ 1. Setup',
        '- [ ] 🔴 1.10 Red',
        '- [ ] \u200b2. Thin',
        '- [ ] ***2.5*** Bold',
        '- [ ] ⚠️🏗️ **3.** Two',
      ),
    ).toEqual([
      ['1', 'Setup'],
      ['1.10', 'Red'],
      ['2', 'Thin'],
      ['2.5', 'Bold'],
      ['3', 'Two'],
    ]);
    expect(heads('- [ ] [P] 1.12 Till', '- [ ] [P] [US1] 1.13 Notes')).toEqual([
      ['1.12', '[P] Till'],
      ['1.13', '[P] [US1] Notes'],
    ]);
    expect(heads('- [ ] ✅ T001 a', '- [ ] [P] T002 b').map(([id]) => id)).toEqual(['T001', 'T002']);
  });
  it('is none where a number belongs to the title', () => {
    expect(heads('- [ ] ✅ 5 tests pass', '- [ ] [P] 3 coins')).toEqual([
      ['#1', '✅ 5 tests pass'],
      ['#2', '[P] 3 coins'],
    ]);
    expect(heads('- [ ] 1. a', '- [ ] 2/3 Do two')).toEqual([['1', 'a']]);
    expect(heads('- [ ] T009/T010 a', '- [ ] T011 b')).toEqual([
      ['T009', 'a'],
      ['T011', 'b'],
    ]);
  });
  it('may leave a gap in a list of bare numbers that was in sequence', () => {
    const bare = (...numbers: number[]) => heads(...numbers.map(n => `- [ ] ${n} Till`)).map(([id]) => id);
    expect(bare(1, 2, 3, 5, 10)).toEqual(['1', '2', '3', '5', '10']);
    expect(bare(1, 2, 4)).toEqual(['1', '2']);
    expect(bare(1, 2, 3, 9)).toEqual(['1', '2', '3']);
  });
  it('may be the only one of its kind beside others that look alike', () => {
    const coded = (...texts: string[]) => heads(...texts.map(text => `- [ ] ${text}`)).map(([id]) => id);
    expect(coded('BE-001 a', 'BE-002 b', 'FE-001 c')).toEqual(['BE-001', 'BE-002', 'FE-001']);
    expect(coded('T1: a', 'T2: b', 'D1: c')).toEqual(['T1', 'T2', 'D1']);
    expect(coded('T1 a', 'T2 b', 'S3 upload', 'H2 database')).toEqual(['T1', 'T2']);
    expect(coded('BE-001 a', 'BE-002 b', 'UTF-8 names')).toEqual(['BE-001', 'BE-002']);
  });
  it('is found in linear time', () => {
    for (const piece of ['✅', '\u200b', '[P] ', '*', '[P]', '_', '** ', '1.']) {
      const start = performance.now();
      heads(`- [ ] ${piece.repeat(100_000)} 1. x`);
      expect(performance.now() - start).toBeLessThan(3_000);
    }
  });
});
