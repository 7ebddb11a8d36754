// Tries the agent skill (templates/skill) with real agent CLIs as it is used: `node scripts/skill-in-agents.mjs [claude halt …]`, after a
// build. A repository with a spec gets `seqrun init --skill`; the CLI is asked to run the spec; a scripted model behind it, which must be told
// of the skill by the CLI, reads it and types the commands that it names. Words choose agents and cases by name. Same lab as
// scripts/real-agents.mjs, and cut off in the same way; by hand only.
import { choose, install, needLab, printTable, programOf, runInside } from './real-agents/lab.mjs';
import { outer } from './real-agents/outer.mjs';
import { skillCases } from './real-agents/skill-cases.mjs';

needLab();
const [wanted, tried] = choose(process.argv.slice(2), outer, skillCases);
// All of them: one brings a program that another one needs.
install(Object.keys(outer));

const rows = [];
for (const [agent] of wanted) {
  for (const [name, { isSandboxed }] of tried) {
    if (isSandboxed && outer[agent].sandboxed === undefined) continue;
    const program = programOf(agent);
    const spec = { agent, name, program };
    const place = { folder: 'skill', name: `${agent}-${name}` };
    const said =
      program === null
        ? 'skipped: there is no program of it here'
        : runInside({ file: 'skill-inside.mjs', ...place, spec, withinS: 240 }).said;
    rows.push([agent, name, said]);
    process.stderr.write(`${rows.at(-1).join('  ')}\n`);
  }
}
printTable(rows);
