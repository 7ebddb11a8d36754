// Reads rehearsal.json: what each start of each unit does, or everything that is wrong with the file.
import * as v from 'valibot';
import { type Behaviour, type BehaviourName, behaviourNames, behaviours } from './behaviours.ts';

/** What the starts of one unit do, one after the other. Never empty. */
export type Sequence = readonly Behaviour[];

/** rehearsal.json, checked. */
export interface Script {
  /** Pause after each printed line, milliseconds. */
  paceMs: number;
  units: Record<string, Sequence>;
  /** Units that are not named. */
  default: Sequence;
  /** The question who shall do what. */
  assign: Sequence;
  /** File for one line per start, relative to the spec folder; null = none. */
  log: string | null;
}

export type ScriptReading = { ok: true; script: Script } | { ok: false; problems: string[] };

/** A unit takes about a second and a half at this pace: long enough to be watched, short enough not to be in the way. */
const paceDefaultMs = 300;
const paceMaxMs = 60_000;

const keys = {
  paceMs: '"paceMs": 300',
  units: '"units": { "2": ["limit", "done"] }',
  default: '"default": "done"',
  assign: '"assign": "assign"',
  log: '"log": "agent-starts.jsonl"',
};

/** Checks the text of a rehearsal.json. Each problem is one line that names the key, what was expected and an example. */
export const readScript = (text: string): ScriptReading => {
  let given: unknown;
  try {
    given = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\s+/g, ' ') : 'unknown reason';
    return { ok: false, problems: [`rehearsal.json is not JSON (${reason}), for example { ${keys.units} }`] };
  }
  if (!isObject(given)) {
    return {
      ok: false,
      problems: [`rehearsal.json is ${shown(given)}; expected an object, for example { ${keys.units} }`],
    };
  }
  const problems: string[] = [];
  for (const key of Object.keys(given)) {
    if (!(key in keys)) problems.push(`${key} is not known here; the keys are ${Object.keys(keys).join(', ')}`);
  }
  const { paceMs = paceDefaultMs, log = null } = given;
  if (!v.is(v.pipe(v.number(), v.minValue(0), v.maxValue(paceMaxMs)), paceMs)) {
    problems.push(
      `paceMs is ${shown(paceMs)}; expected milliseconds from 0 to ${paceMaxMs}, for example ${keys.paceMs}`,
    );
  }
  if (log !== null && (typeof log !== 'string' || log.trim() === '' || log.includes('\0'))) {
    problems.push(`log is ${shown(log)}; expected a path relative to the spec folder, for example ${keys.log}`);
  }
  const unitsGiven = given.units ?? {};
  const units: Record<string, Sequence> = Object.create(null);
  if (isObject(unitsGiven)) {
    for (const [id, one] of Object.entries(unitsGiven)) units[id] = readSequence(`units.${id}`, one, problems);
  } else problems.push(`units is ${shown(unitsGiven)}; expected an object by unit id, for example ${keys.units}`);
  const script: Script = {
    paceMs: paceMs as number,
    units,
    default: readSequence('default', given.default ?? 'done', problems),
    assign: readSequence('assign', given.assign ?? 'assign', problems),
    log: log as string | null,
  };
  return problems.length === 0
    ? { ok: true, script }
    : { ok: false, problems: problems.map(problem => `rehearsal.json: ${problem}`) };
};

/** What the `nth` start (from 1) of a sequence does. */
export const behaviourAt = (sequence: Sequence, nth: number): Behaviour => {
  let left = nth;
  for (const one of sequence) {
    left -= one.times ?? 1;
    if (left <= 0) return one;
  }
  const last = sequence.at(-1)!;
  // Whoever counts a failure wants to see the end of it; whoever does not wants it for ever.
  return last.times === undefined ? last : { do: 'done' };
};

const readSequence = (key: string, given: unknown, problems: string[]): Sequence => {
  const list = Array.isArray(given) ? (given as unknown[]) : [given];
  if (list.length === 0) problems.push(`${key} is an empty list; expected a behaviour, for example "done"`);
  const read = list.map((one, index) => readBehaviour(Array.isArray(given) ? `${key}[${index}]` : key, one, problems));
  return read.filter(one => one !== null);
};

const readBehaviour = (key: string, given: unknown, problems: string[]): Behaviour | null => {
  const object = isObject(given) ? given : { do: given };
  const name = object.do;
  if (typeof name !== 'string' || !isName(name)) {
    const where = isObject(given) ? `${key}.do` : key;
    problems.push(`${where} is ${shown(name)}; the behaviours are ${behaviourNames.join(', ')}, for example "done"`);
    return null;
  }
  const { schema, example } = behaviours[name];
  // The union of all schemas is too wide for inference, and each of them gives a Behaviour.
  const parsed = v.safeParse(schema as v.GenericSchema<unknown, Behaviour>, object, { abortPipeEarly: true });
  if (parsed.success) return parsed.output;
  for (const issue of parsed.issues) {
    const option = String(issue.path?.[0]?.key ?? '');
    problems.push(
      issue.type === 'strict_object'
        ? `${key}.${option} is not known: "${name}" takes ${optionsOf(name)}, for example ${example}`
        : `${key}.${option} is ${shown(issue.input)}; expected ${issue.message}, for example ${example}`,
    );
  }
  return null;
};

const optionsOf = (name: BehaviourName): string =>
  Object.keys(behaviours[name].schema.entries)
    .filter(option => option !== 'do')
    .join(', ');

const isName = (name: string): name is BehaviourName => Object.hasOwn(behaviours, name);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const shown = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value).slice(0, 200));
