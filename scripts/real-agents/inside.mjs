// One case with one real agent CLI; runs within the isolation, whose only network is the loopback. `node inside.mjs case.json`
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases } from './cases.mjs';
import { makeWorld } from './world.mjs';

const given = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { startMock } = await import(join(given.lab, 'mock-llm.mjs'));
const x = makeWorld(given);
const transport = given.transport === 'plain' ? ['--no-tmux'] : [];
x.base = ['--spec', x.spec, '--backend', given.agent, '--no-assign', '--delay', '0', ...transport];
const { steps, run } = cases[given.name];
x.steps = steps(x);
const server = await startMock({ port: 8787, steps: x.steps, log: join(given.root, 'requests.jsonl') });
x.asked = server.count;
await x.end(() => run(x));
