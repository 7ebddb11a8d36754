// The examples hold what their README says: specs that are understood, scripts that fit them, six lines of README.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import type { PlanOptions } from '../../src/core/plan-types.ts';
import { readScript } from '../../src/rehearsal/script.ts';
import { readSpec } from '../../src/spec/read.ts';

const folder = join(import.meta.dirname, '../../examples');
const examples = readdirSync(folder).sort();
const options: PlanOptions = {
  granularity: 'group',
  includeOptional: false,
  lenientDeps: false,
  only: null,
  from: null,
  until: null,
};
/** Dispatch order of the units, as the README of each example tells it. */
const order: Record<string, string[]> = {
  '01-three-tasks': ['1', '2', '3'],
  '02-groups-and-dependencies': ['1', '3', '4', '2', '5'],
  '03-a-bad-night': ['1', '2', '3', '4', '5'],
};

it('there are three', () => {
  expect(examples).toEqual(['01-three-tasks', '02-groups-and-dependencies', '03-a-bad-night']);
});

describe.each(examples)('%s', name => {
  const specs = join(folder, name, '.kiro/specs');
  const spec = join(specs, readdirSync(specs)[0]!);
  const tasks = readSpec(readFileSync(join(spec, 'tasks.md')));
  const reading = readScript(readFileSync(join(spec, 'rehearsal.json'), 'utf8'));

  it('is read without a remark', () => {
    expect(tasks.dialect).toBe('kiro');
    expect(tasks.diagnostics).toEqual([]);
    expect(tasks.tasks.filter(task => task.parent !== null).length).toBeGreaterThan(2);
    expect(tasks.tasks.some(task => task.optional)).toBe(true);
    expect(tasks.tasks.some(task => task.title.startsWith('Checkpoint'))).toBe(true);
    expect(tasks.tasks.every(task => task.state === 'pending')).toBe(true);
  });

  it('is planned without a remark, one optional task left out', () => {
    const { plan, diagnostics } = makePlan(tasks, options);
    expect(diagnostics).toEqual([]);
    expect(plan.units.map(unit => unit.id)).toEqual(order[name]);
    expect(plan.skipped.map(skip => skip.because)).toEqual(['optional']);
  });

  it('has a script for units that exist', () => {
    if (!reading.ok) throw new Error(reading.problems.join('\n'));
    const units = tasks.tasks.filter(task => task.parent === null).map(task => task.id);
    for (const id of Object.keys(reading.script.units)) expect(units).toContain(id);
  });

  it('names requirements that exist', () => {
    const requirements = readFileSync(join(spec, 'requirements.md'), 'utf8');
    const criteria = requirements
      .split(/^### Requirement /m)
      .slice(1)
      .flatMap(part => [...part.matchAll(/^(\d+)\. /gm)].map(match => `${Number.parseInt(part, 10)}.${match[1]}`));
    for (const task of tasks.tasks) {
      const [, list = ''] = /_Requirements: (.+)_/.exec(task.details) ?? [];
      for (const id of list.split(', ').filter(one => one !== '')) expect(criteria, `task ${task.id}`).toContain(id);
    }
  });

  it('tells in six lines what it shows, how it is played and what to expect', () => {
    const readme = readFileSync(join(folder, name, 'README.md'), 'utf8');
    expect(readme).toContain(`\n    npm run try -- ${name}\n`);
    expect(readme.split('\n').length).toBeLessThanOrEqual(8);
    expect(readme).toMatch(/exit code \d/);
    expect(existsSync(join(spec, 'design.md'))).toBe(true);
  });
});

it('02: the dependencies are read, each where it stands', () => {
  const tasks = readSpec(
    readFileSync(join(folder, '02-groups-and-dependencies/.kiro/specs/packing-list/tasks.md')),
  ).tasks.filter(task => task.dependsOn.length > 0);
  expect(Object.fromEntries(tasks.map(task => [task.id, task.dependsOn]))).toEqual({
    2: ['4'],
    3.1: ['1.2'],
    4.1: ['1'],
    5: ['2', '3'],
  });
});
