// Which file is believed when: people edit between runs and are heard, agents edit while they run and are not.
import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { sumOf } from '../../src/core/project-state.ts';
import { makeWorld, rarely, threeUnits, until, type World } from './harness.ts';

let world: World;
afterEach(() => world.close());

const spec = ['--spec', '.kiro/specs/demo'];
const flags = [...spec, '--no-assign', '--no-tmux', '--delay', '0'];
const stateFile = (): string => join(world.specsFolder, 'SEQUENTIAL_STATE.json');
const tasksFile = (): string => join(world.specFolder, 'tasks.md');

type Entry = ReturnType<World['state']>;

/** Changes this spec's entry of the state file; `signed` makes its sum fit again, as no person would. */
const editState = (change: (entry: Entry) => void, options: { signed?: boolean; into?: string } = {}): void => {
  const file = JSON.parse(readFileSync(stateFile(), 'utf8'));
  const entry = file.specs.demo;
  change(entry);
  if (options.signed) entry.sum = sumOf(entry);
  writeFileSync(options.into ?? stateFile(), JSON.stringify(file));
};

const run = async (exit: number, ...args: string[]) => {
  const result = await world.run([...flags, ...args]);
  expect(result.code, result.err + result.out).toBe(exit);
  return result;
};

/** Runs unit 1 alone and stops there. */
const oneDone = async (tasks = threeUnits): Promise<void> => {
  world = makeWorld({ tasks });
  world.codex('done_');
  await run(1, '--max-iterations', '1');
  expect(world.starts()).toEqual(['1']);
};

describe('Q-2.33: the state file written by the agent while it runs', () => {
  test.each([
    ['edited', false],
    ['forged, with a sum that fits', true],
  ])('%s: nothing of it is taken', async (_, signed) => {
    await oneDone();
    const forged = join(world.root, 'forged.json');
    editState(
      entry => {
        entry.completed = ['1', '2', '3'];
        entry.title_hashes = { 1: 'a', 2: 'b', 3: 'c' };
        entry.completed_at = '2026-01-01T00:00:00.000Z';
        entry.iterations = 40;
        entry.seq = 900;
        entry.assignments = { 3: { type: 'code', owner_agent: 'claude', source: 'user' } };
      },
      { signed, into: forged },
    );
    world.codex(`[ $UNIT = 2 ] && cp ${forged} .kiro/specs/SEQUENTIAL_STATE.json; done_`);
    await run(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
    expect(world.state()).toMatchObject({ iterations: 3, assignments: {}, completed: ['1', '2', '3'] });
  });

  rarely('removed, with the progress file: both are written again, whole', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('case $UNIT in 1) rm .kiro/specs/SEQUENTIAL_*.*;; esac; done_');
    await run(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
    expect(world.state().completed).toEqual(['1', '2', '3']);
    expect(world.progress().match(/^## Iteration \d/gm)).toHaveLength(3);
  });

  rarely('made a folder: warned about, and the run goes on to its end', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('f=.kiro/specs/SEQUENTIAL_STATE.json; [ -f $f ] && rm $f && mkdir $f; done_');
    const { err } = await run(0);
    expect(err).toMatch(/warning: .*no regular file[\s\S]*SEQUENTIAL_STATE\.json/);
    expect(world.starts()).toEqual(['1', '2', '3']);
  });

  rarely('with an open job when the runner was killed: additions are not taken', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('[ $UNIT = 1 ] && wait_for; done_');
    const first = world.start(flags);
    await until('unit 1', () => world.starts().length === 1 && world.state()?.current);
    first.child.kill('SIGKILL');
    await first.done;
    editState(entry => entry.completed.push('3'));
    world.go();
    await run(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
  });
});

describe('the state file edited by a person between two runs', () => {
  test('completed: what was added is taken, nothing is ever taken away', async () => {
    await oneDone();
    editState(entry => {
      entry.completed = ['3'];
    });
    const { err } = await run(0);
    expect(err).toContain('edited by hand: 3 counted as completed');
    expect(world.starts()).toEqual(['1', '2']);
    expect(world.tasks()).not.toContain('[ ]');
  });

  rarely('counters and HALT: not taken', async () => {
    await oneDone();
    editState(entry => {
      entry.halted = true;
      entry.halted_task = '2';
      entry.units['2'] = { ...entry.units['2'], status: 'failed', attempts: 9 };
      entry.iterations = 49;
    });
    await run(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
    expect(world.state()).toMatchObject({ halted: false, iterations: 3 });
  });

  rarely('assignments: taken', async () => {
    await oneDone();
    world.bin('claude', '#!/bin/sh\nprintf "claude-%s\\n" "$SEQRUN_UNIT" >>"$AGENT_LOG"; exit 1\n');
    editState(entry => {
      entry.assignments['2'] = { type: 'ui', owner_agent: 'claude' };
    });
    await run(3, '--backend', 'codex', '--max-attempts', '1');
    expect(world.starts()).toEqual(['1', 'claude-2']);
    expect(world.state().assignments['2']).toMatchObject({ owner_agent: 'claude', source: 'user', backend: 'claude' });
  });
});

describe('what is left when files are gone', () => {
  test('the journal deleted, the state file intact: goes on, nothing runs twice', async () => {
    await oneDone();
    rmSync(world.journal());
    const { err } = await run(0);
    expect(err).toContain('there was no journal: going on from the state file (1 completed)');
    expect(world.starts()).toEqual(['1', '2', '3']);
    // Numbers of starts are never used again.
    expect(world.state()).toMatchObject({ last_start: 3, iterations: 3 });
    expect(world.progress().match(/^## Iteration \d/gm)).toEqual([
      '## Iteration 1',
      '## Iteration 2',
      '## Iteration 3',
    ]);
  });

  test('the journal deleted, the state file edited: its completions only with --adopt-state', async () => {
    await oneDone();
    const tasks = world.tasks();
    rmSync(world.journal());
    editState(entry => entry.completed.push('3'));
    const text = readFileSync(stateFile(), 'utf8');
    const { err } = await run(1, '--max-iterations', '1');
    expect(err).toContain('--adopt-state');
    const [, again] = world.starts();
    expect(['1', '2']).toContain(again);
    // The same, and a person vouches for it.
    rmSync(world.journal());
    writeFileSync(stateFile(), text);
    writeFileSync(tasksFile(), tasks);
    await run(0, '--adopt-state');
    expect(world.starts().slice(2)).toEqual(['2']);
  });

  test('Q-2.1: journal and state file deleted: ticked boxes count at the first start', async () => {
    await oneDone();
    rmSync(world.env.XDG_STATE_HOME!, { recursive: true });
    rmSync(stateFile());
    await run(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
  });

  test('--fresh begins again, and a box that an agent ticked is still only a claim', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('[ $UNIT = 1 ] && done_; sed -i "s/\\[ \\]/[x]/" .kiro/specs/demo/tasks.md; halt');
    await run(2);
    expect(world.tasks()).not.toContain('[ ]');
    const before = readFileSync(world.journal());
    world.codex('done_');
    const { err } = await run(0, '--fresh');
    // The box that seqrun itself had ticked is opened first, and the old journal says so.
    expect(world.starts()).toEqual(['1', '2', '1', '2', '3']);
    const [, aside] = /kept: (\S+),/.exec(err) ?? [];
    expect(readFileSync(aside!).subarray(0, before.length).equals(before)).toBe(true);
  });

  rarely('--fresh without a journal: a box that an agent ticked is still only a claim', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('[ $UNIT = 1 ] && done_; sed -i "s/\\[ \\] 3/[x] 3/" .kiro/specs/demo/tasks.md; halt');
    await run(2);
    rmSync(world.env.XDG_STATE_HOME!, { recursive: true });
    world.codex('done_');
    await run(0, '--fresh');
    expect(world.starts()).toEqual(['1', '2', '1', '2', '3']);
  });

  rarely('--fresh that is refused (no such agent) has forgotten nothing', async () => {
    await oneDone();
    await run(69, '--fresh', '--backend', 'claude');
    await run(0, '--backend', 'codex');
    expect(world.starts()).toEqual(['1', '2', '3']);
  });

  rarely('--fresh over an old flat file: it is kept beside, and nothing of it is taken', async () => {
    const flat = '{"completed": ["1", "2"], "halted": true, "halted_task": "3"}';
    world = makeWorld({ tasks: threeUnits, files: { '.kiro/specs/SEQUENTIAL_STATE.json': flat } });
    world.codex('done_');
    await run(0, '--fresh');
    expect(world.starts()).toEqual(['1', '2', '3']);
    expect(readFileSync(join(world.specsFolder, 'SEQUENTIAL_STATE.v1.json'), 'utf8')).toBe(flat);
  });

  rarely('the state file of another machine: completions and counters are merged', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    const there = { env: { XDG_STATE_HOME: join(world.root, 'there') } };
    expect((await world.run([...flags, '--max-iterations', '1'], there)).code).toBe(1);
    const theirs = join(world.root, 'theirs.json');
    copyFileSync(stateFile(), theirs);
    rmSync(stateFile());
    writeFileSync(tasksFile(), threeUnits);
    await run(0, '--only', '3');
    expect(world.starts()).toEqual(['1', '3']);
    copyFileSync(theirs, stateFile());
    writeFileSync(tasksFile(), world.tasks().replace('[ ] 1.', '[x] 1.'));
    const { err } = await run(0);
    expect(err).toContain('merged in');
    expect(world.starts()).toEqual(['1', '3', '2']);
    expect(world.state().completed).toEqual(['1', '2', '3']);
    expect(world.tasks()).not.toContain('[ ]');
  });
});

describe('the config file', () => {
  test('changed by the agent: the next start stops with 2 and shows the difference; --accept-config goes on', async () => {
    world = makeWorld({ tasks: threeUnits, files: { 'seqrun.config.json': '{ "maxAttempts": 2 }\n' } });
    world.codex(`[ $UNIT = 1 ] && echo '{ "maxAttempts": 9 }' >seqrun.config.json; [ $UNIT = 2 ] && halt; done_`);
    await run(2);
    world.codex('done_');
    const { err } = await run(2, '--resume');
    for (const word of ['seqrun.config.json', '- { "maxAttempts": 2 }', '+ { "maxAttempts": 9 }', '--accept-config']) {
      expect(err).toContain(word);
    }
    expect(world.starts()).toEqual(['1', '2']);
    await run(0, '--resume', '--accept-config');
    await run(0);
    expect(world.starts()).toEqual(['1', '2', '2', '3']);
  });

  rarely('changed by the agent and put back: what a person changes later is their word again', async () => {
    const config = () => join(world.repo, 'seqrun.config.json');
    world = makeWorld({ tasks: threeUnits, files: { 'seqrun.config.json': '{ "maxAttempts": 2 }\n' } });
    world.codex(`[ $UNIT = 1 ] && echo '{ "maxAttempts": 9 }' >seqrun.config.json; done_`);
    await run(1, '--max-iterations', '1');
    await run(2);
    writeFileSync(config(), '{ "maxAttempts": 2 }\n');
    await run(1, '--max-iterations', '1');
    writeFileSync(config(), '{ "maxAttempts": 3 }\n');
    await run(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
  });

  rarely('changed by a person between two runs: their word', async () => {
    await oneDone();
    writeFileSync(join(world.repo, 'seqrun.config.json'), '{ "maxAttempts": 9 }');
    await run(0);
  });
});

describe('boxes and titles', () => {
  rarely('the box of a completed task opened by hand: 2, naming accept and reset', async () => {
    await oneDone();
    writeFileSync(tasksFile(), threeUnits);
    const { out } = await run(2);
    expect(out).toContain('seqrun accept 1');
    expect(out).toContain('seqrun reset 1');
    expect(world.starts()).toEqual(['1']);
    expect((await world.run(['accept', '1', ...spec])).code).toBe(0);
    expect(world.tasks()).toContain('[x] 1.');
    await run(1, '--max-iterations', '1');

    writeFileSync(tasksFile(), threeUnits.replace('[ ] 1', '[x] 1'));
    const again = await run(2);
    expect(again.out).toContain('seqrun reset 2');
    expect((await world.run(['reset', '2', ...spec])).code).toBe(0);
    await run(0);
    expect(world.starts()).toEqual(['1', '2', '2', '3']);
  });

  test('another task under the same number, box open: it is not done', async () => {
    await oneDone();
    writeFileSync(tasksFile(), threeUnits.replace('First thing', 'Quite another thing'));
    const { out } = await run(0);
    expect(world.starts()).toEqual(['1', '1', '2', '3']);
    expect(out).toContain('another title');
  });

  rarely('renamed with its box ticked: done', async () => {
    await oneDone();
    writeFileSync(tasksFile(), world.tasks().replace('First thing', 'The first thing'));
    await run(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
  });

  rarely('a task put before the others, all renumbered: only what is open runs', async () => {
    await oneDone();
    writeFileSync(
      tasksFile(),
      '- [ ] 1. New thing\n- [x] 2. First thing\n- [ ] 3. Second thing\n- [ ] 4. Third thing\n',
    );
    await run(0);
    expect(world.starts()).toEqual(['1', '1', '3', '4']);
  });

  test('Q-2.42: a task added during the run gets its turn; added after the end, too', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('[ $UNIT = 1 ] && echo "- [ ] 4. Fourth thing" >>.kiro/specs/demo/tasks.md; done_');
    await run(0);
    expect(world.starts()).toEqual(['1', '2', '3', '4']);
    expect(world.state().completed_at).not.toBeNull();
    writeFileSync(tasksFile(), `${world.tasks()}- [ ] 5. Fifth thing\n`);
    world.codex('halt');
    await run(2);
    expect(world.state().completed_at).toBeNull();
    expect(world.starts()).toEqual(['1', '2', '3', '4', '5']);
  });

  test('a tick by hand while the run waits counts', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    const running = world.start([...spec, '--no-assign', '--no-tmux', '--delay', '1.5']);
    await until('the first box', () => world.tasks().includes('[x] 1.'));
    // As editors save: it is read again just now, and must not be found empty.
    writeFileSync(`${tasksFile()}.new`, world.tasks().replace('[ ] 2.', '[x] 2.'));
    renameSync(`${tasksFile()}.new`, tasksFile());
    const { code, err } = await running.done;
    expect(code, err).toBe(0);
    expect(world.starts()).toEqual(['1', '3']);
  });

  rarely('--no-write-tasks: the file is left alone, and its open boxes are no dispute', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    await run(0, '--no-write-tasks');
    expect(world.tasks()).toBe(threeUnits);
    await run(0, '--no-write-tasks');
    expect(world.starts()).toEqual(['1', '2', '3']);
  });
});

rarely('Q-2.43: numbering and history go on over restarts, and every end has its footer', async () => {
  await oneDone();
  world.codex('[ $UNIT = 2 ] && failed "line one\nline two"; done_');
  await run(3, '--max-attempts', '1');
  world.codex('done_');
  await world.run(['retry', '2', ...spec]);
  await run(0);
  const text = world.progress();
  expect(text.match(/^## Iteration \d+/gm)).toEqual([1, 2, 3, 4].map(n => `## Iteration ${n}`));
  expect(text.match(/^## Run \d+/gm)).toEqual([1, 2, 3].map(n => expect.stringContaining(`Run ${n}`)));
  const markers = text.match(/^<!-- seqrun demo \d+ -->$/gm)!;
  expect(new Set(markers).size).toBe(markers.length);
});

rarely('a required task above optional ones is run and ticked; then they are, when they are asked for', async () => {
  const tasks = '- [ ] 1. Write the parser\n  - in src\n  - [ ]* 1.1 Write property tests\n- [ ] 2. Ship\n';
  world = makeWorld({ tasks });
  world.codex('done_');
  const first = await run(0);
  expect(world.starts()).toEqual(['1', '2']);
  expect(readFileSync(tasksFile(), 'utf8')).toBe(tasks.replace('[ ] 1.', '[x] 1.').replace('[ ] 2.', '[x] 2.'));
  expect(first.out).toContain('left out   1 task (optional)');
  await run(0);
  expect(world.starts()).toEqual(['1', '2']);
  await run(0, '--include-optional');
  expect(world.starts()).toEqual(['1', '2', '1']);
  expect(readFileSync(tasksFile(), 'utf8')).toBe(tasks.replaceAll('[ ]', '[x]'));
});

test('what was only rehearsed is not done: a real run says so and starts nothing, and reset makes it possible', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('done_');
  writeFileSync(join(world.specFolder, 'rehearsal.json'), '{"default": "done"}');
  const rehearsed = await run(0, '--backend', 'rehearsal');
  expect(rehearsed.out + rehearsed.err).toContain('the boxes of tasks.md are left alone');
  expect(world.tasks()).toBe(threeUnits);
  expect((await world.run(['why', ...spec])).out).toContain('only rehearsed, no agent has worked on them: 1, 2, 3');
  const refused = await run(2, '--backend', 'codex');
  expect(refused.err).toContain('1, 2, 3 were only rehearsed: nothing of it is done');
  expect(refused.err).toContain('next: seqrun reset --spec .kiro/specs/demo');
  expect(world.starts()).toEqual([]);
  await run(0, '--backend', 'rehearsal', '--no-write-tasks=false');
  expect(world.tasks()).toContain('[x] 1.');
  expect((await world.run(['reset', ...spec])).code).toBe(0);
  expect(world.tasks()).toBe(threeUnits);
  await run(0, '--backend', 'codex');
  expect(world.starts()).toEqual(['1', '2', '3']);
});
