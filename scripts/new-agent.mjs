// Makes the room of a new agent CLI: `node scripts/new-agent.mjs my-tool`. Writes src/agents/<name>.ts, a test with a folder for
// recorded streams, and its name into src/agents/index.ts and src/cli/flags.ts; what must be measured is printed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const refuse = message => {
  process.stderr.write(`${message}\n`);
  process.exit(64);
};

const [name, ...rest] = process.argv.slice(2);
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name ?? '') || name.length > 32 || rest.length > 0) {
  refuse('expected one name in lower case, at most 32 characters: node scripts/new-agent.mjs my-tool');
}
const variable = name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
try {
  new Function(`'use strict'; const ${variable} = 0; return ${variable};`);
} catch {
  refuse(`${name} is a word of the language; take another name`);
}
const agentFile = join(root, 'src', 'agents', `${name}.ts`);
const testFile = join(root, 'test', 'agents', `${name}.test.ts`);
const fixtures = join(root, 'test', 'fixtures', 'agents', name);
for (const path of [agentFile, testFile, fixtures]) if (existsSync(path)) refuse(`${path} is there already`);

/** Reads and changes at once, so that nothing is written where one of the files does not look as this script knows it. */
const edit = (path, ...changes) => {
  const file = join(root, path);
  let text = readFileSync(file, 'utf8');
  if (new RegExp(`'${name}'`).test(text)) refuse(`${path} knows the name ${name} already`);
  for (const change of changes) {
    const after = change(text);
    if (after === text) throw new Error(`${path} does not look as this script knows it`);
    text = after;
  }
  return () => writeFileSync(file, text);
};
const addName = text => text.replace(/'command', 'rehearsal'\] as const;/, `'${name}', $&`);
const addImport = text => {
  const lines = text.split('\n');
  const line = `import { ${variable} } from './${name}.ts';`;
  const after = lines.findIndex(one => (/ from '\.\/(.*)\.ts';$/.exec(one)?.[1] ?? '') > name);
  if (after >= 0) lines.splice(after, 0, line);
  return lines.join('\n');
};
const edits = [
  edit('src/agents/index.ts', addImport, addName, text =>
    text.replace(/ {4}case 'command':\n/, `    case '${name}':\n      return ${variable};\n$&`),
  ),
  edit('src/cli/flags.ts', addName),
];

const agent = `// ${name}: how it is started and what its events say. Nothing of it is measured yet.
import type { Agent, AgentCommand, AgentRequest, Classification, EndFacts, StreamReader } from '../core/agent.ts';
import { parseLine, sessionOf, textOf } from './json-lines.ts';
import { parentAgentVariables } from './parent-agents.ts';
import { endKind, endText } from './process-end.ts';
import { streamNotes } from './stream-notes.ts';
import { verdict } from './verdict.ts';
import { view } from './view.ts';

/**
 * ${name}. As it stands nothing it says counts: no run of it is a success. Each of these becomes true by measuring the real program,
 * and a recorded stream in test/fixtures/agents/${name}/ shows it:
 *
 * - which flags make it run without a person, print its machine stream, and take the prompt from stdin,
 * - which flag takes an id that we choose, or which event tells the id, and how a session goes on (\`resumable\`),
 * - which event says that it has succeeded, and which text is its final message,
 * - which events say that it failed, and of those which is a limit, with the time it frees (\`resetFromEpoch\`, \`resetFromText\`),
 *   a refused login, an unknown model, a full context, a provider that is overloaded,
 * - whether it sits in a limit without ending (\`waiting\`), and what tokens and cost its totals hold (\`usage\`),
 * - what it may do unasked (\`modes\`), and in which version all this was seen (\`program\`).
 */
export const ${variable}: Agent = {
  name: '${name}',
  machineStream: true,
  resumable: false,
  executable: '${name}',
  modes: null,
  program: null,
  command: request => command(request),
  reader: () => reader(),
  afterwards: () => null,
};

const command = (request: AgentRequest): AgentCommand => ({
  argv: ['${name}', ...(request.model === null ? [] : ['--model', request.model])],
  env: {},
  unset: [...parentAgentVariables],
  session: null,
});

const reader = (): StreamReader => {
  const notes = streamNotes();
  let session: string | null = null;
  let worked = false;

  const classify = (end: EndFacts): Classification => {
    switch (endKind(end.exit)) {
      case 'gone':
      case 'interrupted':
        return verdict('interrupted', null);
      case 'killed':
      case 'well':
        // Exit code 0 alone is no success: only its own event will be.
        return verdict('no_answer', null);
      case 'missing':
        return verdict('config', \`missing tool: ${name} was not found or cannot be run (\${endText(end.exit)})\`);
      case 'badly':
        return verdict('crashed', notes.stderrLines().at(-1) ?? notes.plainLines().at(-1) ?? null);
    }
  };

  return {
    line: (stream, text) => {
      if (stream === 'stderr') return notes.stderr(text);
      const event = parseLine(text);
      if (event === null) return notes.plain(text);
      worked = true;
      session ??= sessionOf(textOf(event.session_id));
      return view('notice', text);
    },
    facts: () => ({
      session,
      model: null,
      finalText: null,
      succeeded: false,
      failure: null,
      usage: null,
      worked,
      waiting: null,
      warnings: notes.warnings(),
    }),
    classify,
  };
};
`;

const test = `// ${name}: what its recorded streams are read as. Each kind of end gets a stream and a row.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { agentOf, type Run, read } from './run-reader.ts';

const play = (name: string, run: Partial<Run> = {}) =>
  read(agentOf('${name}'), {
    stdout: readFileSync(new URL(\`../fixtures/agents/${name}/\${name}.jsonl\`, import.meta.url), 'utf8'),
    ...run,
  });

describe('${name}', () => {
  it.each<[string, Partial<Run>, string]>([
    ['unknown', {}, 'no_answer'],
    ['unknown', { exit: { code: 1 }, stderr: 'it broke\\n' }, 'crashed'],
    ['unknown', { exit: { code: 127 } }, 'config'],
    ['unknown', { exit: { code: 130 } }, 'interrupted'],
    ['unknown', { exit: { code: 137 } }, 'no_answer'],
    ['unknown', { exit: null }, 'interrupted'],
  ])('%s, %j: %s', (name, run, wanted) => expect(play(name, run).classification.class).toBe(wanted));

  it('what is not understood is no success', () => {
    expect(play('unknown')).toMatchObject({ facts: { succeeded: false, finalText: null }, signal: null });
  });
});
`;

mkdirSync(fixtures, { recursive: true });
writeFileSync(join(fixtures, 'unknown.jsonl'), '{"type":"event-that-nobody-knows"}\n');
writeFileSync(agentFile, agent);
writeFileSync(testFile, test);
for (const write of edits) write();
process.stdout.write(
  [
    agentFile,
    testFile,
    join(fixtures, 'unknown.jsonl'),
    `next: measure what the comment in src/agents/${name}.ts lists, record a stream for each kind of end, then npm run check`,
    '',
  ].join('\n'),
);
