// The rehearsal agent: plays a coding agent from a script, without account, network or model.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isatty } from 'node:tty';
import { parseArgs } from 'node:util';
import { rehearsalFlags } from '../agents/rehearsal-protocol.ts';
import { findSpec, scriptName } from './find-spec.ts';
import { appendLine, memoryFile, openMemory, type StartLine } from './memory.ts';
import { perform, print } from './perform.ts';
import { readPrompt } from './prompt.ts';
import { behaviourAt, readScript } from './script.ts';
import { type Scene, stepsOf } from './steps.ts';

interface Call {
  session: string;
  resumed: boolean;
  model: string | null;
  answerOnly: boolean;
  mayTick: boolean;
}

const main = async (): Promise<never> => {
  const call = readCall(process.argv.slice(2));
  const { env } = process;
  const workspace = process.cwd();
  const prompt = readPromptText();
  const facts = readPrompt(prompt);
  const memory = openMemory(memoryFile(env));
  const before = call.resumed ? memory.ofSession(call.session) : null;
  const spec = findSpec({
    named: env.SEQRUN_REHEARSAL,
    files: facts.files,
    remembered: before?.spec ?? null,
    spec: env.SEQRUN_SPEC,
    workspace,
  });
  if (!spec.ok) return giveUp(call, spec.message);
  const reading = readScript(readFileSync(join(spec.folder, scriptName), 'utf8'));
  if (!reading.ok) return giveUp(call, `${reading.problems.join('; ')} (in ${spec.folder})`);
  const { script } = reading;

  const unit = call.answerOnly ? '' : (env.SEQRUN_UNIT ?? '');
  if (unit === '' && !call.answerOnly) {
    return giveUp(call, 'no unit: SEQRUN_UNIT is not set, for example SEQRUN_UNIT=1');
  }
  const title = before?.unit === unit ? before.title : titleOf(facts.heading, unit);
  const sequence = call.answerOnly ? script.assign : (script.units[unit] ?? script.default);
  const nth = memory.startsOf(spec.folder, unit) + 1;
  const behaviour = behaviourAt(sequence, nth);
  const line: StartLine = {
    at: new Date().toISOString(),
    spec: spec.folder,
    unit,
    nth,
    do: behaviour.do,
    start: env.SEQRUN_START ?? null,
    session: call.session,
    resumed: call.resumed,
    attempt: env.SEQRUN_ATTEMPT ?? null,
    pid: process.pid,
    workspace,
    title,
    alive_before: memory.aliveIn(workspace),
  };
  memory.add(line);
  if (script.log !== null) appendLine(resolve(spec.folder, script.log), line);

  const scene: Scene = {
    ...call,
    unit,
    title,
    nth,
    asked: facts.asked,
    owners: facts.owners,
    promptChars: prompt.length,
  };
  return perform(stepsOf(behaviour, scene), { paceMs: script.paceMs, workspace, tasksFile: spec.tasksFile });
};

/** Ends the start as an agent ends that is set up wrongly. */
const giveUp = (call: Call, message: string): never => {
  print({ type: 'init', session: call.session, model: call.model });
  print({ type: 'error', class: 'config', message });
  process.exit(1);
};

const readCall = (argv: string[]): Call => {
  const name = (flag: string) => flag.slice(2);
  const { newSession, resume, model, answerOnly, mayTick } = rehearsalFlags;
  const options = {
    [name(newSession)]: { type: 'string' },
    [name(resume)]: { type: 'string' },
    [name(model)]: { type: 'string' },
    [name(answerOnly)]: { type: 'boolean' },
    [name(mayTick)]: { type: 'boolean' },
  } as const;
  const usage = `${newSession} <id> or ${resume} <id>, ${model} <name>, ${answerOnly}, ${mayTick}; the prompt is stdin`;
  let problem: string;
  try {
    const { values } = parseArgs({ args: argv, options, strict: true, allowPositionals: false });
    const opened = values[name(newSession)] as string | undefined;
    const gone = values[name(resume)] as string | undefined;
    const session = gone ?? opened;
    if (session && (opened === undefined || gone === undefined)) {
      return {
        session,
        resumed: gone !== undefined,
        model: (values[name(model)] as string | undefined) ?? null,
        answerOnly: values[name(answerOnly)] === true,
        mayTick: values[name(mayTick)] === true,
      };
    }
    problem = session ? `both ${newSession} and ${resume} are given` : 'no session is given';
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  print({ type: 'error', class: 'config', message: `${problem}; expected ${usage}` });
  process.exit(1);
};

/** Everything on stdin; nothing when a person sits there. */
const readPromptText = (): string => (isatty(0) ? '' : readFileSync(0, 'utf8'));

/** A task's heading is `<id> <title>`. */
const titleOf = (heading: string | null, unit: string): string => {
  if (heading === null) return '(the prompt has no heading)';
  return heading.startsWith(`${unit} `) ? heading.slice(unit.length + 1) : heading;
};

try {
  await main();
} catch (error) {
  // The disk said no, or a mistake in here: an agent that breaks says so on its stream.
  const message = error instanceof Error ? error.message : String(error);
  print({ type: 'error', class: 'crashed', message: message.replace(/\s+/g, ' ') });
  process.exit(1);
}
