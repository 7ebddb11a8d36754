// A recorded run of which nobody wrote down when it began.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { agentOf, type Run, read } from './run-reader.ts';

const folder = fileURLToPath(new URL('../fixtures/agents', import.meta.url));
const play = (agent: string, name: string, run: Partial<Run>) =>
  read(agentOf(agent), {
    stdout: readFileSync(`${folder}/${agent}/${name}.jsonl`),
    startedAtMs: null,
    ...run,
  });
const at = (iso: string): number => Date.parse(`2026-11-20T${iso}Z`);

describe('codex: the session file of several runs', () => {
  const file = readFileSync(`${folder}/codex/stopped.rollout.jsonl`, 'utf8');
  it('the newest run that had begun is meant', () => {
    const first = play('codex', 'cut_off', { file, endedAtMs: at('07:09:40'), exit: { code: 143 } });
    expect(first.facts.usage).toMatchObject({ inputTokens: 2000, outputTokens: 80 });
    const second = play('codex', 'resumed', { file, endedAtMs: at('08:09:40') });
    expect(second.facts.usage).toMatchObject({ inputTokens: 1100, outputTokens: 20 });
  });
  it('without it the run is taken for the first of its session', () => {
    const { facts } = play('codex', 'resumed', {});
    expect(facts.usage).not.toBeNull();
    expect(facts.warnings).toEqual([]);
  });
});

it('gemini: a limit counts from the time in its line, however late the end is said to be', () => {
  const { classification } = play('gemini', 'limit_reset', { endedAtMs: at('23:00:00'), exit: { code: 173 } });
  expect(classification).toMatchObject({ class: 'limited', resetAtMs: at('13:05:00') });
});
