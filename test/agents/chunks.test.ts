// Every recorded run, cut up and spoilt at random: how its bytes come makes no difference, and no spoilt line makes a success.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { processEndOf } from '../../src/adapters/jobs/folder.ts';
import { parseLine } from '../../src/agents/json-lines.ts';
import { type RunReading, readRecordedRun } from '../../src/agents/recorded-run.ts';
import type { EndFacts, ViewLine } from '../../src/core/agent.ts';
import { captured, capturedAgents, capturedNames, present } from './captured-runs.ts';
import { agentOf } from './run-reader.ts';

/** Runs of one property over the runs of one agent. */
const RUNS = process.env.SEQRUN_TEST_LONG === '1' ? 20_000 : 60;
const timeoutMs = process.env.SEQRUN_TEST_LONG === '1' ? 1_800_000 : 60_000;

interface Recorded {
  name: string;
  agent: string;
  stdout: Buffer;
  stderr: Buffer;
  /** The ways it may have ended: as it was recorded, or every kind of end for a run of our own. */
  ends: readonly EndFacts[];
}

const folder = fileURLToPath(new URL('../fixtures/agents', import.meta.url));
const position = fc.nat(100_000);

const bytesOf = (path: string): Buffer => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0));

const ownRuns = (agent: string): Recorded[] => {
  const names = readdirSync(`${folder}/${agent}`).filter(name => !name.endsWith('.rollout.jsonl'));
  return [...new Set(names.map(name => name.replace(/\.\w+$/, '')))].map(name => {
    const base = `${folder}/${agent}/${name}`;
    const endedAtMs = Date.parse('2026-11-20T08:10:00Z');
    const file = existsSync(`${base}.rollout.jsonl`) ? readFileSync(`${base}.rollout.jsonl`, 'utf8') : null;
    const ends = [0, 1, 130, 137, 143, null].map(code => ({
      exit: code === null ? null : processEndOf(code, false),
      file,
      startedAtMs: endedAtMs - 310_000,
      endedAtMs,
      zone: 'UTC',
    }));
    return { name, agent, stdout: bytesOf(`${base}.jsonl`), stderr: bytesOf(`${base}.stderr`), ends };
  });
};

const capturedRuns = (agent: string): Recorded[] =>
  capturedNames(agent).map(name => {
    const { stdout, stderr, exit, file, startedAtMs, endedAtMs, zone } = captured(agent, name, { withFile: true });
    const end = { exit, file, startedAtMs, endedAtMs, zone } as EndFacts;
    return {
      name: `recorded ${name}`,
      agent,
      stdout: Buffer.from(stdout as Buffer),
      stderr: Buffer.from(stderr as Buffer),
      ends: [end],
    };
  });

const own = readdirSync(folder).map(agent => ({ agent, of: 'own runs', runs: ownRuns(agent) }));
const real = present ? capturedAgents.map(agent => ({ agent, of: 'recorded runs', runs: capturedRuns(agent) })) : [];

/** Bytes as text of one character each, so that a line can be moved whatever it holds. */
const linesOf = (bytes: Buffer): string[] => {
  const lines = bytes.toString('latin1').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
};
const joined = (lines: readonly string[]): Buffer => Buffer.from(lines.map(line => `${line}\n`).join(''), 'latin1');
const asBytes = (text: string): string => Buffer.from(text).toString('latin1');

const readPieces = (run: Recorded, end: EndFacts, stdout: Iterable<Buffer>, stderr: Iterable<Buffer>): RunReading =>
  readRecordedRun(agentOf(run.agent), { stdout, stderr, end });

const known = new Map<EndFacts, Map<Recorded, RunReading>>();
/** What the run says when nothing is done to it. */
const untouched = (run: Recorded, end: EndFacts): RunReading => {
  const ofEnd = known.get(end) ?? known.set(end, new Map()).get(end)!;
  const found = ofEnd.get(run) ?? readPieces(run, end, [run.stdout], [run.stderr]);
  ofEnd.set(run, found);
  return found;
};

/** Checks a property on every run of the group, `RUNS` times in all; each time with one of the run's ends. */
const forEachRun = <T>(
  runs: readonly Recorded[],
  input: (run: Recorded) => fc.Arbitrary<T>,
  check: (run: Recorded, end: EndFacts, input: T) => void,
): void => {
  const numRuns = Math.ceil(RUNS / runs.length);
  const seed = fc.readConfigureGlobal().seed ?? 0;
  runs.forEach((run, index) => {
    // The name is only there to be printed with a counterexample.
    const property = fc.property(fc.constant(run.name), fc.nat(run.ends.length - 1), input(run), (_, end, given) =>
      check(run, run.ends[end]!, given),
    );
    fc.assert(property, { numRuns, seed: seed + index });
  });
};

/** Types of the events that an agent may write. */
const ownTypes: Record<string, RegExp> = {
  codex: /^(?:thread|turn|item)\.|^error$/,
  claude: /^(?:system|assistant|user|rate_limit_event|result)$/,
  gemini: /^(?:init|message|tool_use|tool_result|error|result)$/,
  opencode: /^(?:step_start|text|tool_use|step_finish|error)$/,
  rehearsal: /^(?:init|text|tool|retry|limit|error|result)$/,
};

const isOwnEvent = (agent: string, line: string): boolean => ownTypes[agent]!.test(String(parseLine(line)?.type));

/** The line by which an agent says that it is done. */
const isSuccess = (agent: string, line: string): boolean => {
  const said = parseLine(line) ?? {};
  const part = (said.part ?? {}) as Record<string, unknown>;
  const marks: Record<string, boolean> = {
    codex: said.type === 'turn.completed',
    claude: said.type === 'result' && said.subtype === 'success',
    gemini: said.type === 'result' && said.status === 'success',
    opencode: said.type === 'step_finish' && part.reason === 'stop',
    rehearsal: said.type === 'result' && said.ok === true,
  };
  return marks[agent]!;
};

/** The one object over many lines that Gemini CLI prints with `-o json`: a line in the middle of it is no line of its own. */
const isSpread = (run: Recorded): boolean => linesOf(run.stdout).includes('{') || linesOf(run.stderr).includes('{');

const quotation = [
  "You've hit your usage limit. Upgrade to Pro or try again at 9:37 AM. Claude AI usage limit reached|1795173021",
  'Rate limit exceeded, please retry in 3h22m11s. Your quota will reset after 3h22m11s. resets 3pm (UTC)',
  '',
  '<promise>TASK_DONE</promise>',
].join('\n');

/** What the agent itself says, with words of a limit in it. */
const assistantLine = (agent: string): string => {
  const events: Record<string, unknown> = {
    codex: { type: 'item.completed', item: { id: 'item_99', type: 'agent_message', text: quotation } },
    claude: { type: 'assistant', message: { role: 'assistant', content: [{ type: 'text', text: quotation }] } },
    gemini: { type: 'message', role: 'assistant', content: quotation, delta: true },
    opencode: { type: 'text', part: { id: 'prt_99', messageID: 'msg_99', type: 'text', text: quotation } },
    rehearsal: { type: 'text', text: quotation },
  };
  return JSON.stringify(events[agent]);
};

/** Lines of the other agents' own runs. */
const linesOfOthers = (agent: string): string[] =>
  own.filter(group => group.agent !== agent).flatMap(group => group.runs.flatMap(run => linesOf(run.stdout)));

/** No newline, and no brace: JSON is made apart. */
const text = fc.string({ unit: 'binary', maxLength: 60 }).map(one => asBytes(one.replace(/[\n{}]/g, ' ')));
const json = fc.oneof(
  fc.json(),
  fc
    .record({ type: fc.string().map(word => `x-${word}`), message: fc.constant(quotation), timestamp: fc.date() })
    .map(one => JSON.stringify(one)),
);
const noEvent = (agent: string): fc.Arbitrary<string> =>
  fc.oneof(
    text,
    json.map(asBytes),
    fc.constantFrom(...linesOfOthers(agent).filter(line => !isOwnEvent(agent, line) && !/^[{}]?$/.test(line.trim()))),
  );

/** The end is where most is decided: it comes as often as all other places together. */
const place = fc.oneof(position, fc.constant('end' as const));
type Place = number | 'end';

const inserted = (lines: readonly string[], at: Place, line: string): string[] => {
  const index = at === 'end' ? lines.length : at % (lines.length + 1);
  return [...lines.slice(0, index), line, ...lines.slice(index)];
};

describe.each([...own, ...real])('$agent, $of', ({ runs }) => {
  it('the pieces in which the bytes come make no difference, nor do line ends of Windows', {
    timeout: timeoutMs,
  }, () => {
    const windows = (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
    /** Where a cut hurts: inside a character, and between the two bytes of a line end. */
    const tender = (bytes: Buffer) =>
      [...bytes.keys()].filter(at => (bytes[at]! & 0xc0) === 0x80 || (bytes[at] === 10 && bytes[at - 1] === 13));
    const pieces = (bytes: Buffer, cuts: readonly { at: number; hurt: boolean }[]): Buffer[] => {
      const places = cuts.some(cut => cut.hurt) ? tender(bytes) : [];
      const ends = cuts.map(({ at, hurt }) =>
        hurt && places.length > 0 ? places[at % places.length]! : at % (bytes.length + 1),
      );
      const sorted = [0, ...ends.sort((a, b) => a - b), bytes.length];
      return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
    };
    const cuts = fc.array(fc.record({ at: position, hurt: fc.boolean() }), { maxLength: 12 });
    forEachRun(
      runs,
      () => fc.record({ stdout: cuts, stderr: cuts, windows: fc.boolean() }),
      (run, end, given) => {
        const [stdout, stderr] = given.windows ? [windows(run.stdout), windows(run.stderr)] : [run.stdout, run.stderr];
        const seen = readPieces(run, end, pieces(stdout, given.stdout), pieces(stderr, given.stderr));
        expect(seen).toEqual(untouched(run, end));
      },
    );
  });

  // Right by nature: what is cut off right behind the agent's word that it is done was done, for all that anybody can see, even if
  // the whole run takes it back (OpenCode's summary of a conversation that it goes on with). Its exit code and signal still count.
  it('a run that failed is no success when its end is missing', { timeout: timeoutMs }, () => {
    forEachRun(
      runs,
      () => fc.record({ stdout: position, stderr: fc.option(position), whole: fc.boolean() }),
      (run, end, given) => {
        if (untouched(run, end).classification.class === 'success') return;
        // Half of the cuts are between lines.
        const lines = linesOf(run.stdout);
        const stdout = given.whole
          ? joined(lines.slice(0, given.stdout % (lines.length + 1)))
          : run.stdout.subarray(0, given.stdout % (run.stdout.length + 1));
        const stderr = run.stderr.subarray(0, (given.stderr ?? run.stderr.length) % (run.stderr.length + 1));
        // Half a line says nothing.
        const last = linesOf(stdout).findLast(line => parseLine(line));
        if (last !== undefined && isSuccess(run.agent, last)) return;
        expect(readPieces(run, end, [stdout], [stderr]).classification.class).not.toBe('success');
      },
    );
  });

  // Right by nature: in an object over many lines a doubled line spoils the object; then it is no success either. A notice on stderr
  // that comes twice announces two waits.
  it('a line that comes twice changes no class', { timeout: timeoutMs }, () => {
    forEachRun(
      runs,
      () => fc.record({ at: position, onStderr: fc.boolean() }),
      (run, end, { at, onStderr }) => {
        const lines = linesOf(onStderr ? run.stderr : run.stdout);
        if (lines.length === 0) return;
        const index = at % lines.length;
        const doubled = joined([...lines.slice(0, index + 1), ...lines.slice(index)]);
        const before = untouched(run, end).classification;
        const after = readPieces(
          run,
          end,
          [onStderr ? run.stdout : doubled],
          [onStderr ? doubled : run.stderr],
        ).classification;
        if (before.class !== 'success') expect(after.class).not.toBe('success');
        if (isSpread(run)) return;
        expect(after.class).toBe(before.class);
        if (!onStderr) expect(after.resetAtMs).toBe(before.resetAtMs);
      },
    );
  });

  // Right by nature: where the agent wrote no event at all, plain lines are its own last words (formats without events).
  it('a line on stdout that is none of its events changes nothing', { timeout: timeoutMs }, () => {
    forEachRun(
      runs.filter(run => !isSpread(run) && linesOf(run.stdout).some(line => isOwnEvent(run.agent, line))),
      run => fc.record({ at: place, line: noEvent(run.agent) }),
      (run, end, { at, line }) => {
        const before = untouched(run, end);
        const after = readPieces(run, end, [joined(inserted(linesOf(run.stdout), at, line))], [run.stderr]);
        expect(after.classification).toEqual(before.classification);
        expect(after.signal).toEqual(before.signal);
        const ofStream = (warning: string) => !warning.includes('could not be read as JSON');
        const facts = ({ facts }: RunReading) => ({ ...facts, warnings: facts.warnings.filter(ofStream) });
        expect(facts(after)).toEqual(facts(before));
        expect(withoutNotices(after.view, before.view)).toEqual(before.view);
      },
    );
  });

  // Right by nature: a run that ended well with an empty answer has one when its agent says something.
  it('foreign lines make no success, and an agent that speaks of a limit is in none', { timeout: timeoutMs }, () => {
    const foreign = (agent: string) =>
      fc.oneof(
        fc.constant({ line: asBytes(assistantLine(agent)), speaks: true }),
        fc
          .oneof(noEvent(agent), fc.constantFrom(...linesOfOthers(agent), '{', '}'))
          .map(line => ({ line, speaks: false })),
      );
    forEachRun(
      runs,
      run =>
        fc.record({
          lines: fc.array(fc.tuple(place, foreign(run.agent)), { minLength: 1, maxLength: 3 }),
          onStderr: fc.boolean(),
        }),
      (run, end, { lines, onStderr }) => {
        const put = (to: string[]) => lines.reduce((all, [at, { line }]) => inserted(all, at, line), to);
        const before = untouched(run, end);
        const after = readPieces(
          run,
          end,
          [onStderr ? run.stdout : joined(put(linesOf(run.stdout)))],
          [onStderr ? joined(put(linesOf(run.stderr))) : run.stderr],
        ).classification;
        const answered = before.facts.succeeded && !onStderr && lines.some(([, { speaks }]) => speaks);
        if (before.classification.class !== 'success' && !answered) expect(after.class).not.toBe('success');
        if (before.classification.class !== 'limited' && !onStderr && lines.every(([, { speaks }]) => speaks)) {
          expect(after.class).not.toBe('limited');
        }
      },
    );
  });
});

/** `after` without the notices that one line made, which stand together. */
const withoutNotices = (after: readonly ViewLine[], before: readonly ViewLine[]): ViewLine[] => {
  const more = after.length - before.length;
  const first = before.findIndex((line, index) => line.kind !== after[index]?.kind || line.text !== after[index].text);
  const at = first < 0 ? before.length : first;
  const extra = after.slice(at, at + more);
  return extra.every(line => line.kind === 'notice') ? [...after.slice(0, at), ...after.slice(at + more)] : [...after];
};

it('the runs of our own have characters of several bytes, and ends of every kind', () => {
  const runs = own.flatMap(group => group.runs);
  expect(runs.filter(run => run.stdout.some(byte => byte > 0x7f)).length).toBeGreaterThan(5);
  const classes = new Set(runs.flatMap(run => run.ends.map(end => untouched(run, end).classification.class)));
  expect([...classes].sort()).toHaveLength(13);
});
