// One case of the agent skill with one real agent CLI as the outer agent; runs within the isolation. `node skill-inside.mjs case.json`
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startModel } from './model-server.mjs';
import { outer } from './outer.mjs';
import { asked, skillCases } from './skill-cases.mjs';
import { makeWorld } from './world.mjs';

const given = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const x = makeWorld(given);
x.cli = outer[given.agent];
x.notes = join(given.root, 'notes');
mkdirSync(x.notes);
// On PATH, so that the skill calls it by its name; each call leaves the environment it was given.
const program = join(given.repository, 'dist', 'seqrun.cjs');
const own = `#!/bin/sh\nexport NOTES='${x.notes}'\nenv -0 > "$NOTES/call-$(date +%s%N)"\n`;
writeFileSync(join(x.bin, 'seqrun'), `${own}exec '${process.execPath}' '${program}' "$@"\n`, { mode: 0o755 });
// For shells that start as login shells: what a person's own files do.
writeFileSync(join(x.env.HOME, '.profile'), `PATH='${x.bin}':$PATH\n`);
x.cli.prepare?.(x, given);

const {
  prepare = () => {},
  answers,
  later = [],
  inner = [],
  limitMs = null,
  isSandboxed,
  run,
} = skillCases[given.name];
const steps = typeof answers === 'function' ? answers(x) : answers;
let conversation = null;
/** Where the request names the skill, for the record. */
let listing = null;
let isLater = false;
const toolCall = (step, seen) => {
  const { shell, limitMs: own = limitMs } = typeof step === 'string' ? { shell: step } : step;
  return x.cli.shell(shell, seen, own);
};
/** Calls that only wait for a tool that goes on are part of the call they wait for. */
const joined = ({ calls }) => {
  const whole = [];
  for (const call of calls) {
    const command = call.input.command ?? call.input.cmd ?? null;
    if (x.cli.isWaiting?.(call)) whole.at(-1).results.push(call.result);
    else whole.push({ ...call, command, results: [call.result ?? ''] });
  }
  return whole.map(call => ({ ...call, result: call.results.join('\n') }));
};
const answer = seen => {
  const isInner = !seen.asked.some(text => text.includes(asked));
  if (isInner) {
    const next = inner[seen.calls.length];
    return next ? toolCall(next, seen) : { text: 'It is done.\n\n<promise>TASK_DONE</promise>' };
  }
  conversation = seen;
  listing ??=
    /.{0,60}seqrun(?:(?!seqrun).){0,40}Runs the tasks of a spec \(tasks\.md\).*?going\.'?.{0,120}/s.exec(
      seen.text,
    )?.[0] ?? null;
  const goOn = x.cli.waitOn?.(seen.calls.at(-1));
  if (goOn) return goOn;
  const done = joined(seen).length;
  if (done === 0) return listing === null ? { text: 'I know of no such skill.' } : x.cli.readSkill(seen);
  const next = [...steps, ...(isLater ? later : [])][done - 1] ?? null;
  return next === null ? { text: `seqrun says:\n\n${joined(seen).at(-1).result}` } : toolCall(next, seen);
};
await startModel({ port: 8787, answer, log: join(given.root, 'requests.jsonl') });

x.conversation = () => conversation;
x.calls = () => joined(conversation);
x.ask = async (input, goOn = false) => {
  isLater = goOn;
  const words = x.cli.words(goOn);
  const { code, out } = await x.start('outer', isSandboxed ? x.cli.sandboxed(words) : words, { input }).done;
  x.check('the outer agent ends with 0', code === 0, `${code}: ${out.slice(-300)}`);
  x.check('its model is told of the skill', listing !== null, conversation?.text.slice(0, 200));
  writeFileSync(join(given.root, 'listing.txt'), `${listing}\n`);
  const isRead = conversation.text.includes('Run a spec with seqrun');
  x.check('and has read it', isRead, x.calls()[0]?.result);
  return out;
};
await x.end(async () => {
  prepare(x);
  const { code } = await x.seqrun(['init', '--skill']).done;
  x.check('init --skill', code === 0, `exit ${code}`);
  x.git('add', '-A');
  x.git('commit', '-qm', 'skill');
  await run(x);
});
