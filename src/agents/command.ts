// Any other program as an agent: an argv template, the prompt on stdin or in a file, the whole stdout as its final message.
import type { Agent, AgentCommand, AgentRequest, Classification, EndFacts, StreamReader } from '../core/agent.ts';
import { cleanLine, cleanText } from '../core/clean-text.ts';
import { findSignal } from '../core/signal.ts';
import { endByPatterns, lastLines } from './command-end.ts';
import { lineMax, linesMax, type Reading, regexOf } from './command-patterns.ts';
import { sessionOf } from './json-lines.ts';
import { parentAgentVariables } from './parent-agents.ts';
import { endKind, endText } from './process-end.ts';
import { streamNotes } from './stream-notes.ts';
import { verdict } from './verdict.ts';
import { view } from './view.ts';

/**
 * A program made into an agent. `template` is its argv, at least the executable; no shell parses it. In its words
 *
 * - `{prompt}` is the absolute path of the file that holds the prompt, readable by this user alone; stdin is empty then. A
 *   template without it gets the prompt on stdin,
 * - `{workdir}` is the absolute path of the workspace (also its cwd),
 * - `{model}` the model, when one is set,
 * - `{session}` an id that we choose: the same one when a session goes on. A template without it starts anew each time.
 *
 * A word with `{model}` in it is left out when no model is set; where the word is nothing but `{model}`, a flag right before
 * it (`--model`) goes too. Everything else, other braces included, is passed on as written.
 *
 * Success is exit code 0 and something on stdout; the signal must be the last line, but for lines that `after` knows. Its output
 * may be about anything, so it is searched for limits and errors only by `patterns`, at the end of a run that is no success; by
 * those `evenOnSuccess` also when it exits with 0, but never when its last line is a signal. What a signal or a missing program
 * has ended says nothing itself. It has no way to switch tools off, so asked to answer only it is run as always.
 */
export const commandAgent = (
  template: readonly string[],
  own: Reading & { name: string } = { name: 'command', patterns: [], after: [] },
): Agent => ({
  name: own.name,
  machineStream: false,
  resumable: uses(template, 'session'),
  executable: template[0] ?? null,
  modes: null,
  program: null,
  command: request => command(template, request),
  reader: () => reader(own),
  afterwards: () => null,
});

const command = (template: readonly string[], request: AgentRequest): AgentCommand => {
  const session = sessionOf(request.session) ?? request.newSessionId;
  const values: Record<string, string | null> = {
    prompt: request.promptFile,
    workdir: request.workdir,
    model: request.model,
    session,
  };
  // What asks a question gets no answer from the prompt's first line. The shell sees none of the words.
  const argv: string[] = uses(template, 'prompt') ? ['/bin/sh', '-c', 'exec "$@" </dev/null', 'sh'] : [];
  for (const word of template) {
    const names = [...word.matchAll(placeholder)].map(match => match[1]!);
    if (!names.some(name => values[name] === null)) {
      argv.push(word.replace(placeholder, (_, name: string) => values[name]!));
    } else if (names.length === 1 && word === `{${names[0]}}` && argv.length > 1 && /^-[^=]*$/.test(argv.at(-1)!)) {
      argv.pop();
    }
  }
  return { argv, env: {}, unset: [...parentAgentVariables], session: uses(template, 'session') ? session : null };
};

const uses = (template: readonly string[], name: 'prompt' | 'session'): boolean =>
  template.some(word => word.includes(`{${name}}`));

const placeholder = /\{(prompt|workdir|model|session)\}/g;

/** Characters of stdout that are kept: the end, where the signal is. */
const keptMax = 8_000_000;

const reader = ({ patterns, after }: Reading): StreamReader => {
  const afterwards = after.map(regexOf);
  const notes = streamNotes();
  const last = lastLines();
  let lines: string[] = [];
  let kept = 0;
  let cut = false;

  const keep = (text: string): void => {
    lines.push(text);
    kept += text.length + 1;
    if (kept <= 2 * keptMax) return;
    // Only when twice too much is held, so that long output is not copied again and again.
    let first = 0;
    while (first < lines.length - 1 && kept > keptMax) kept -= lines[first++]!.length + 1;
    lines = lines.slice(first);
    cut = true;
  };

  /** The lines without those that the program writes after the answer; of these, as many as patterns are tried on. */
  const answer = (): readonly string[] => {
    if (afterwards.length === 0) return lines;
    let end = lines.length;
    for (let left = linesMax.stdout; end > 0 && left > 0; end--) {
      const line = cleanLine(lines[end - 1]!, lineMax);
      if (line === '') continue;
      if (!afterwards.some(regex => regex.test(line))) break;
      left--;
    }
    return lines.slice(0, end);
  };

  const classify = (end: EndFacts): Classification => {
    switch (endKind(end.exit)) {
      case 'gone':
      case 'interrupted':
        return verdict('interrupted', null);
      case 'killed':
        return verdict('no_answer', null);
      case 'missing':
        return verdict('config', `missing tool: the command was not found or cannot be run (${endText(end.exit)})`);
      case 'well': {
        const said = answer().findLast(line => line.trim() !== '');
        if (said === undefined) return endByPatterns(patterns, last, end) ?? verdict('no_answer', null);
        const tried = findSignal(cleanText(said), { lastLineOnly: true })
          ? []
          : patterns.filter(one => one.evenOnSuccess);
        return endByPatterns(tried, last, end) ?? verdict('success', said);
      }
      case 'badly':
        return (
          endByPatterns(patterns, last, end) ??
          verdict('crashed', notes.stderrLines().at(-1) ?? lines.findLast(line => line.trim() !== '') ?? null)
        );
    }
  };

  return {
    line: (stream, text) => {
      if (patterns.length > 0) last.add(stream, text);
      if (stream === 'stderr') return notes.stderr(text);
      keep(text);
      return view('text', text);
    },
    facts: () => ({
      session: null,
      model: null,
      finalText: lines.length === 0 ? null : cleanText(answer().join('\n')),
      succeeded: false,
      failure: null,
      usage: null,
      worked: lines.some(line => line.trim() !== ''),
      waiting: null,
      warnings: cut ? ['stdout was too long: only its end was kept'] : [],
    }),
    classify,
  };
};
