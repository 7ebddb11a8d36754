// Streams of the real CLIs, recorded by `npm run test:agents -- --record`: the same verdict as on the day, and one that fits what the run
// itself made of it.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { processEndOf } from '../../src/adapters/jobs/folder.ts';
import { agentOf, read } from './run-reader.ts';

const folder = new URL('../fixtures/recorded/', import.meta.url);
const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.json'))
  .sort();

/** What a run may make of a verdict: a start that the runner ended has an outcome of its own. */
const outcomes: Record<string, string[]> = {
  success: ['completed', 'unconfirmed'],
  limited: ['limited'],
  throttled: ['limited'],
};

describe('a recorded start', () => {
  it('of each agent is there', () => {
    expect([...new Set(names.map(name => name.split('/')[0]))]).toEqual(['claude', 'codex', 'gemini', 'opencode']);
  });

  it.each(names)('%s', name => {
    const base = new URL(name.replace(/\.json$/, ''), folder);
    const text = (part: string) => readFileSync(new URL(`${base}.${part}`), 'utf8');
    const { agent, exit, startedAtMs, endedAtMs, outcome, verdict } = JSON.parse(text('json'));
    const { classification, facts, signal } = read(agentOf(agent), {
      stdout: text('stdout'),
      stderr: text('stderr'),
      exit: processEndOf(exit, false),
      startedAtMs,
      endedAtMs,
    });
    expect({
      class: classification.class,
      resetAt: classification.resetAtMs,
      sessionId: facts.session,
      signal: signal?.kind ?? null,
      usage: facts.usage,
    }).toEqual(verdict);
    if (outcomes[classification.class]) expect(outcomes[classification.class]).toContain(outcome);
    else expect(['completed', 'limited']).not.toContain(outcome);
  });
});
