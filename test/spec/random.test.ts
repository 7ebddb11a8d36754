// Whatever the bytes are: a plan or diagnostics, one byte for a tick, and nothing that depends on line ends.
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafTasks } from '../../src/core/leaves.ts';
import { makePlan } from '../../src/core/plan.ts';
import type { PlanOptions } from '../../src/core/plan-types.ts';
import type { Spec } from '../../src/core/task.ts';
import { flipBox } from '../../src/spec/boxes.ts';
import { readSpec } from '../../src/spec/read.ts';
import { documents } from './markdown.ts';

const RUNS = process.env.SEQRUN_TEST_LONG ? 100_000 : 250;
const withinMs = 1_200_000;

const fixtures = readdirSync(new URL('../fixtures/specs/', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.md'))
  .map(name => readFileSync(new URL(`../fixtures/specs/${name}`, import.meta.url), 'utf8'));
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Lines that stand in task files of every dialect. */
const line = fc.constantFrom(
  ...'- [ ] 1. A|- [x] 1.1 B|  - [ ] 1.2 C|\t- [-] 1.2.1 D|- [ ]* 2. E|- [~] 3. F|- [ ] T001 [P] [US1] G|- [x] T002 H|- [ ] T003, T004 I'.split(
    '|',
  ),
  ...'## 1. One|### Task 2: Two|## Phase 1: Setup|## Phase 2|### User Story 1|### WP01 - Ground|### [x] W2.6a Three|## Notes|# Title'.split(
    '|',
  ),
  ...'  - Depends on: 1|  - depends on 1.1, 2|  _Depends: T001_|  - blocks: 2|**Dependencies**: Phase 1|T002 depends on T001|Phase 2 depends on Phase 1'.split(
    '|',
  ),
  ...[
    '```',
    '<!--',
    '-->',
    '> - [ ] 9. Q',
    '',
    '   ',
    '---',
    '{"waves":[{"tasks":["1.1","2"]}]}',
    '\u0000',
    '\ufeff',
    '- [ ] 1. A  ',
  ],
  ...['| id | task | depends |', '|---|---|---|', '| [ ] T01 | Do | - |', '| [x] T02 | Do \\| it | T01 |'],
);
const lines = fc.array(line, { maxLength: 25 }).map(list => list.join('\n'));

/** A fixture of this project with some of its lines removed, doubled, moved or cut. */
const mutated = fc
  .tuple(
    fc.constantFrom(...fixtures),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('drop', 'double', 'move', 'cut', 'put', 'byte'), fc.nat(), line), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([text, changes]) => {
    const list = text.split('\n');
    for (const [where, change, to, other] of changes) {
      const at = where % list.length;
      const here = list[at]!;
      if (change === 'drop' && list.length > 1) list.splice(at, 1);
      else if (change === 'double') list.splice(at, 0, here);
      else if (change === 'move') list.splice(to % list.length, 0, ...list.splice(at, 1));
      else if (change === 'cut') list[at] = here.slice(0, to % (here.length + 1));
      else if (change === 'put') list.splice(at, 0, other);
      else
        list[at] =
          here.slice(0, to % (here.length + 1)) + String.fromCharCode(to % 256) + here.slice(to % (here.length + 1));
    }
    return list.join('\n');
  });

const anyBytes = fc.oneof(
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  { weight: 2, arbitrary: documents.map(encode) },
  { weight: 3, arbitrary: lines.map(encode) },
  { weight: 3, arbitrary: mutated.map(encode) },
);

const isBroken = (spec: Spec): boolean => spec.diagnostics.some(({ severity }) => severity === 'error');

const checkPlan = (spec: Spec, granularity: PlanOptions['granularity']): void => {
  const { plan, diagnostics } = makePlan(spec, {
    granularity,
    includeOptional: true,
    lenientDeps: true,
    only: null,
    from: null,
    until: null,
  });
  const ids = new Set(spec.tasks.map(({ id }) => id));
  const held = plan.units.flatMap(({ leaves }) => leaves.map(({ id }) => id));
  expect(new Set(held).size).toBe(held.length);
  for (const id of held) expect(ids.has(id)).toBe(true);
  if (diagnostics.some(({ severity }) => severity === 'error')) return;
  expect(held.sort()).toEqual(
    leafTasks(spec)
      .map(({ id }) => id)
      .sort(),
  );
  const done = new Set<string>();
  for (const unit of plan.units) {
    for (const id of unit.dependsOn) expect(done.has(id)).toBe(true);
    for (const { id } of unit.leaves) done.add(id);
  }
};

describe('any bytes', () => {
  it(
    'end in a plan or in diagnostics, in both granularities; each tick is one byte and is read back',
    () => {
      fc.assert(
        fc.property(anyBytes, fc.nat(), (bytes, pick) => {
          const spec = readSpec(bytes);
          const count = new TextDecoder().decode(bytes).split(/\r\n|\n|\r/).length;
          for (const { line, column } of spec.diagnostics) {
            if (line !== null) expect(line >= 1 && line <= count && column! >= 1).toBe(true);
          }
          if (spec.tasks.length === 0) expect(isBroken(spec)).toBe(true);
          expect(new Set(spec.tasks.map(({ id }) => id)).size).toBe(spec.tasks.length);
          for (const granularity of ['group', 'leaf'] as const) checkPlan(spec, granularity);
          const boxed = spec.tasks.filter(({ box }) => box !== null && box.offset >= 0);
          if (boxed.length === 0 || isBroken(spec)) return;
          const task = boxed[pick % boxed.length]!;
          const flipped = flipBox(bytes, task, task.box!.mark === 'x' ? ' ' : 'x');
          if (!('bytes' in flipped)) throw new Error(`${task.id}: ${JSON.stringify(flipped)}`);
          const changed = [...flipped.bytes].flatMap((byte, at) => (byte === bytes[at] ? [] : [at]));
          expect(flipped.bytes.length).toBe(bytes.length);
          expect(changed).toEqual([task.box!.offset]);
          const after = readSpec(flipped.bytes).tasks.find(({ line }) => line === task.line);
          expect([after?.id, after?.state]).toEqual([task.id, task.box!.mark === 'x' ? 'pending' : 'done']);
        }),
        { numRuns: RUNS },
      );
    },
    withinMs,
  );

  it(
    'say the same with CRLF, blanks behind lines and a byte order mark',
    () => {
      const facts = (text: string) =>
        readSpec(encode(text)).tasks.map(({ id, line, parent, state, optional, dependsOn }) => [
          id,
          line,
          parent,
          state,
          optional,
          dependsOn,
        ]);
      const clean = fc
        .oneof(lines, mutated)
        .map(text => text.replace(/[\r\u0000\ufeff\u000b\u000c\u0085\u2028\u2029]/g, '').replace(/[ \t]+$/gm, ''));
      fc.assert(
        fc.property(clean, text => {
          const plain = facts(text);
          expect(facts(text.replaceAll('\n', '\r\n'))).toEqual(plain);
          expect(facts(`\ufeff${text}`)).toEqual(plain);
          expect(facts(text.replace(/(?<=\S)$/gm, ' '))).toEqual(plain);
        }),
        { numRuns: Math.ceil(RUNS / 5) },
      );
    },
    withinMs,
  );
});
