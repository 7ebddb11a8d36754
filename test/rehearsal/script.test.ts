// rehearsal.json: what is understood, and what is said about mistakes.
import { describe, expect, it } from 'vitest';
import { behaviourNames, behaviours } from '../../src/rehearsal/behaviours.ts';
import { behaviourAt, readScript } from '../../src/rehearsal/script.ts';

const problems = (value: unknown): string[] => {
  const reading = readScript(typeof value === 'string' ? value : JSON.stringify(value));
  return reading.ok ? [] : reading.problems;
};
const script = (value: unknown) => {
  const reading = readScript(JSON.stringify(value));
  if (!reading.ok) throw new Error(reading.problems.join('\n'));
  return reading.script;
};
const played = (given: unknown, starts: number): string[] =>
  Array.from({ length: starts }, (_, index) => behaviourAt(script({ units: { 1: given } }).units[1]!, index + 1).do);

describe('a script', () => {
  it('may be empty', () => {
    expect(script({})).toEqual({
      paceMs: 300,
      units: {},
      default: [{ do: 'done' }],
      assign: [{ do: 'assign' }],
      log: null,
    });
  });

  it('plays one entry after the other and repeats the last', () => {
    expect(played(['limit', 'question', 'done'], 5)).toEqual(['limit', 'question', 'done', 'done', 'done']);
    expect(played('fail', 3)).toEqual(['fail', 'fail', 'fail']);
  });

  it('plays an entry as often as it says, and is done after a counted last one', () => {
    expect(played({ do: 'fail', times: 2 }, 4)).toEqual(['fail', 'fail', 'done', 'done']);
    expect(played([{ do: 'fail', times: 2 }, 'hang'], 4)).toEqual(['fail', 'fail', 'hang', 'hang']);
  });

  it('takes every example that a message gives', () => {
    for (const name of behaviourNames) expect(problems(`{ "default": ${behaviours[name].example} }`), name).toEqual([]);
  });

  it('knows no unit by the name of an object method', () => {
    expect(script({ units: { 1: 'done' } }).units.constructor).toBeUndefined();
  });
});

describe('a mistake', () => {
  it('in a name lists the known ones', () => {
    const [problem] = problems({ units: { '2': ['done', 'explode'] } });
    expect(problem).toBe(
      `rehearsal.json: units.2[1] is "explode"; the behaviours are ${behaviourNames.join(', ')}, for example "done"`,
    );
    expect(problems({ default: 'toString' })).toHaveLength(1);
  });

  it.each([
    [{ paceMs: -1 }, 'paceMs is -1; expected milliseconds from 0 to 60000, for example "paceMs": 300'],
    [{ log: 5 }, 'log is 5; expected a path relative to the spec folder, for example "log": "agent-starts.jsonl"'],
    [{ unit: {} }, 'unit is not known here; the keys are paceMs, units, default, assign, log'],
    [{ units: [] }, 'units is []; expected an object by unit id, for example "units": { "2": ["limit", "done"] }'],
    [{ default: [] }, 'default is an empty list; expected a behaviour, for example "done"'],
    [
      { units: { 3: { do: 'fail', times: 'two' } } },
      'units.3.times is "two"; expected a whole number from 1 to 1000, for example { "do": "fail", "times": 2, "class": "overloaded" }',
    ],
    [
      { units: { 3: { do: 'halt', why: 'x' } } },
      'units.3.why is not known: "halt" takes times, reason, for example { "do": "halt", "reason": "The price list is missing." }',
    ],
    [
      { assign: { do: 'limit', at: 'tomorrow' } },
      'assign.at is "tomorrow"; expected a time like "2027-03-01T06:30:00Z", for example { "do": "limit", "seconds": 5 }',
    ],
  ])('%j', (value, message) => {
    expect(problems(value)).toEqual([`rehearsal.json: ${message}`]);
  });

  it('in the JSON itself is told as such', () => {
    expect(problems('{')[0]).toMatch(/^rehearsal.json is not JSON \(.+\), for example \{ "units"/);
    expect(problems('[]')[0]).toMatch(/^rehearsal.json is \[\]; expected an object/);
  });

  it('does not hide the next one', () => {
    expect(problems({ paceMs: 'x', default: 'x', log: '' })).toHaveLength(3);
  });
});
