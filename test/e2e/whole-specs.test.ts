// Whole specs from the first unit to the last, in tmux and plain: what is done, what is left on disk, in tmux and alive.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { makeWorld, repoRoot, someTransports, until, type World } from './harness.ts';

let world: World;
afterEach(() => world?.close());

/** More units than windows that stay, nested ids, optional tasks, dependencies that reorder, a title full of traps. */
const ownSpec = `# Implementation Plan

${Array.from({ length: 12 }, (_, k) => {
  const n = k + 1;
  const after = n === 3 ? '\n    - _Depends: 5.1_' : '';
  return `- [ ] ${n}. Part ${n} \`$(touch never)\` #{session_name}; "it's"
  - [ ] ${n}.1 First step of ${n}${after}
  - [ ]* ${n}.2 Nice to have of ${n}
  - [ ] ${n}.3 Last step of ${n}`;
}).join('\n')}
- [ ]* 13. Only if there is time
  - [ ]* 13.1 Really
`;

/** Boxes of tasks.md by id, in file order. */
const boxes = (text: string): { id: string; ticked: boolean; optional: boolean }[] =>
  [...text.matchAll(/^ *[-*] \[(.)\](\*?) (\d+(?:\.\d+)*)\.? /gm)].map(([, mark, star, id]) => ({
    id: id!,
    ticked: mark === 'x',
    optional: star === '*',
  }));

const planOf = async (spec: string) => {
  const { code, out, err } = await world.run(['plan', '--spec', spec, '--json']);
  expect(code, err).toBe(0);
  return JSON.parse(out) as {
    units: { id: string; tasks: string[] }[];
    skipped: { id: string }[];
    tasks: { id: string; optional: boolean }[];
  };
};

/** All that must hold after a run to the end, whatever the spec. */
const checkRun = async (spec: string, transport: string, options: { keep: number; flags?: string[] }) => {
  const plan = await planOf(spec);
  const before = boxes(world.tasks());
  expect(before.some(box => box.ticked)).toBe(false);
  const order = plan.units.map(unit => unit.id);
  const flags = transport === 'plain' ? ['--no-tmux'] : [];
  const run = await world.run(['--spec', spec, '--delay', '0', ...flags, ...(options.flags ?? [])]);
  expect(run.code, run.err + run.out).toBe(0);

  // Every unit once, in the order of the plan.
  expect(world.starts()).toEqual(order);
  // Required boxes ticked, optional ones open, nothing else touched.
  const skipped = new Set(plan.skipped.map(({ id }) => id));
  const after = boxes(world.tasks());
  expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  for (const { id, ticked } of after) expect([id, ticked]).toEqual([id, !skipped.has(id)]);

  const name = spec.slice(spec.lastIndexOf('/') + 1);
  const state = world.state(name);
  const ticked = after.filter(box => box.ticked).map(({ id }) => id);
  const leaves = ticked.filter(id => !after.some(other => other.id.startsWith(`${id}.`)));
  expect(state.completed).toEqual(expect.arrayContaining([...order, ...leaves]));
  // A unit that is a heading has no box.
  expect([...order, ...ticked]).toEqual(expect.arrayContaining(state.completed));
  expect(state).toMatchObject({ iterations: order.length, halted: false, current: null, claimed: [] });
  expect(state.completed_at).toMatch(/^\d{4}-/);

  const progress = world.progress();
  const numbers = [...progress.matchAll(/^## Iteration (\d+)$/gm)].map(([, n]) => Number(n));
  expect(numbers).toEqual(order.map((_, k) => k + 1));
  expect([...progress.matchAll(/^- \*\*Task:\*\* (\S+) - /gm)].map(([, id]) => id)).toEqual(order);
  expect(progress.match(/^\*\*Completed:\*\* /gm)).toHaveLength(1);
  expect(progress.trimEnd()).toMatch(/Exit 0: all required units are done\n[\s\S]*<!-- seqrun \S+ \d+ -->$/);

  const folders = readdirSync(join(dirname(world.journal(name)), 'starts'));
  expect(folders.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))).toEqual(
    order.map((id, k) => `${k + 1}-${id}-agent`),
  );
  for (const folder of folders) {
    expect(existsSync(join(dirname(world.journal(name)), 'starts', folder, 'receipt.json')), folder).toBe(true);
  }
  expect(world.litter()).toEqual([]);
  expect(existsSync(join(world.repo, 'never'))).toBe(false);

  if (transport === 'tmux') {
    expect(order.length).toBeGreaterThan(options.keep - 2);
    const windows = world.tmux('list-windows', '-a', '-F', '#{window_index} #{window_name}').trim().split('\n');
    const kept = order.slice(-options.keep).map(id => `task-${id.replaceAll('.', '_')}`);
    expect(windows.map(line => line.split(' ')[1]).slice(0, 1)).toEqual(['seqrun']);
    expect(windows.slice(1).map(line => line.split(' ')[1])).toEqual(kept);
    // The last viewer ends a moment after its unit.
    await until(
      'dead panes',
      () => !world.tmux('list-panes', '-a', '-F', '#{pane_dead} #{window_name}').includes('0 task-'),
    );
    const [pane] = world.tmux('list-panes', '-a', '-F', '#{pane_id}').trim().split('\n').slice(-1);
    const shown = world.tmux('capture-pane', '-p', '-t', pane!);
    expect(shown).toContain('All is well.');
    expect(shown).toContain('<promise>TASK_DONE</promise>');
    expect(shown).not.toContain('{"type"');
  }
  await until('every process to end', () => world.living().length === 0, 5_000).catch(() => {});
  expect(world.living()).toEqual([]);
  return { plan, run };
};

describe.each(someTransports)('in %s', transport => {
  test('a spec of twelve groups with optional tasks and a dependency', async () => {
    world = makeWorld({ tasks: ownSpec, spec: 'v1.2 cart', rootName: "it's a path" });
    world.codex('done_');
    const { plan } = await checkRun('.kiro/specs/v1.2 cart', transport, { keep: 10 });
    expect(plan.units.map(unit => unit.id).indexOf('3')).toBeGreaterThan(plan.units.map(unit => unit.id).indexOf('5'));
    expect(plan.skipped).toHaveLength(14);
    // Again: nothing to do, nothing started.
    const again = await world.run(['--spec', '.kiro/specs/v1.2 cart', '--no-tmux']);
    expect(again.code, again.err).toBe(0);
    expect(world.starts()).toHaveLength(12);
  });

  test('leaf by leaf, ids with dots, two windows kept', async () => {
    world = makeWorld({
      tasks: '- [ ] 1. One\n  - [ ] 1.1 A\n  - [ ] 1.2 B\n- [ ] 2. Two\n  - [ ] 2.1 C\n  - [ ]* 2.2 D\n',
    });
    world.codex('done_');
    writeFileSync(join(world.repo, 'seqrun.config.json'), '{"granularity": "leaf"}');
    await checkRun('.kiro/specs/demo', transport, { keep: 2, flags: ['--keep-windows', '2'] });
  });
});

const shared = join(dirname(repoRoot), 'shared', 'full-specs');
const real = [
  'BurntSushi__ripgrep__unified-flag-source',
  'captjay98__livestockai__complete-extension-worker-mode',
  'docktermj__senzing-bootcamp-kiro-powers__combine-loading-modules',
];
const present = real.filter(name => existsSync(join(shared, name, 'tasks.md')));
if (present.length < real.length) {
  process.stderr.write(
    `real specs are not here (${shared}): ${real.length - present.length} of ${real.length} tests are skipped\n`,
  );
}

describe.skipIf(present.length < real.length).each(someTransports)('real specs in %s', transport => {
  test.each(real)('%s', async name => {
    const spec = name.slice(name.lastIndexOf('__') + 2);
    const tasks = readFileSync(join(shared, name, 'tasks.md'), 'utf8').replace(/^(\s*[-*] )\[[^\]]\]/gm, '$1[ ]');
    world = makeWorld({ tasks, spec });
    cpSync(join(shared, name), world.specFolder, { recursive: true, filter: path => !path.endsWith('tasks.md') });
    world.codex('done_');
    await checkRun(`.kiro/specs/${spec}`, transport, { keep: 10 });
  });
});
