// Hundreds of units in one tmux session: nothing grows that should not, and a unit costs little beside its agent.
import { readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { fold } from '../../src/core/evolve.ts';
import { hasTmux, makeWorld, until, type World } from './harness.ts';

let world: World;
afterEach(() => world?.close());

const spec = '.kiro/specs/demo';
const units = (n: number) => Array.from({ length: n }, (_, k) => `- [ ] ${k + 1}. Unit ${k + 1}\n`).join('');

/** As little agent as there can be: one process, no forks. */
const quick = `#!/bin/sh
printf '%s\\n' "$SEQRUN_UNIT" >>"$AGENT_LOG"
printf '%s\\n' '{"type":"thread.started","thread_id":"0-0"}' '{"type":"item.completed","item":{"id":"i","type":"agent_message","text":"<promise>TASK_DONE</promise>"}}' '{"type":"turn.completed","usage":{"input_tokens":1,"cached_input_tokens":0,"output_tokens":1,"reasoning_output_tokens":0}}'
`;

const checkMany = async (n: number) => {
  world = makeWorld({ tasks: units(n) });
  world.bin('codex', quick);
  let most = 0;
  const begun = Date.now();
  const runner = world.start(['--spec', spec, '--delay', '0', '--max-iterations', String(n)]);
  let over = false;
  void runner.done.then(() => {
    over = true;
  });
  while (!over) {
    most = Math.max(most, windows().length);
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  const tookMs = Date.now() - begun;
  const { code, err } = await runner.done;
  expect(code, err.slice(-2000)).toBe(0);
  const ids = Array.from({ length: n }, (_, k) => String(k + 1));
  expect(world.starts()).toEqual(ids);
  expect(world.tasks()).not.toContain('[ ]');
  // Ten finished ones, the running one, the status window.
  expect(most).toBeLessThanOrEqual(12);
  expect(windows()).toEqual(['seqrun', ...ids.slice(-10).map(id => `task-${id}`)]);
  expect(world.progress().match(/^## Iteration /gm)).toHaveLength(n);
  const events = world.events();
  const state = fold(events);
  expect([state.done.size, state.iterations, state.open]).toEqual([n, n, null]);
  const left = () => world.living();
  await until('every process to end', () => left().length === 0, 5_000).catch(() => {});
  expect(left()).toEqual([]);
  expect(world.litter()).toEqual([]);
  const home = dirname(world.journal());
  const ends = events.filter(event => event.type === 'start.ended').map(event => event.atMs as number);
  const eachMs = (from: number, to: number) => ((ends[to]! - ends[from]!) / (to - from)).toFixed(1);
  const quarter = Math.floor(n / 4);
  const growth = `first quarter ${eachMs(0, quarter)} ms, last ${eachMs(n - quarter - 1, n - 1)} ms`;
  const perUnitMs = (tookMs / n).toFixed(1);
  const journalBytes = statSync(world.journal()).size;
  process.stderr.write(
    `${n} units: ${(tookMs / 1000).toFixed(1)} s, ${perUnitMs} ms each (${growth}); journal ${(journalBytes / n).toFixed(0)} bytes each, ${readdirSync(home).length} files beside it\n`,
  );
};

const windows = (): string[] =>
  world
    .tmux('list-windows', '-a', '-F', '#{window_name}')
    .split('\n')
    .filter(line => line !== '');

test.skipIf(!hasTmux)('60 units', () => checkMany(60));

const long = process.env.SEQRUN_TEST_LONG === '1';
test.skipIf(!hasTmux || !long)('500 units', () => checkMany(500), 300_000);
