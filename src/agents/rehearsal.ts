// The agent that ships with seqrun: it plays a script instead of asking a model. Its lines are in rehearsal-protocol.ts.
import type {
  Agent,
  AgentCommand,
  AgentRequest,
  Classification,
  EndClass,
  EndFacts,
  StreamReader,
  Usage,
  ViewLine,
} from '../core/agent.ts';
import { cleanLine, cleanText } from '../core/clean-text.ts';
import { type Json, numberOf, objectOf, parseLine, sessionOf, textOf } from './json-lines.ts';
import { parentAgentVariables } from './parent-agents.ts';
import { endKind } from './process-end.ts';
import { type RehearsalFailure, rehearsalFlags } from './rehearsal-protocol.ts';
import { resetFromEpoch } from './reset-time.ts';
import { streamNotes } from './stream-notes.ts';
import { tokens } from './usage.ts';
import { verdict } from './verdict.ts';
import { view, viewUsage } from './view.ts';

/** Where its program is: the node that runs seqrun, and the script in seqrun's own distribution. Both absolute. */
export interface RehearsalProgram {
  node: string;
  script: string;
  /** Its script may tick the boxes of the task file; absent: it may not. */
  mayTick?: boolean;
}

export const rehearsalAgent = (program: RehearsalProgram): Agent => ({
  name: 'rehearsal',
  machineStream: true,
  resumable: true,
  executable: null,
  modes: null,
  program: null,
  command: request => command(program, request),
  reader: () => reader(),
  afterwards: () => null,
});

const command = (program: RehearsalProgram, request: AgentRequest): AgentCommand => {
  const resumed = sessionOf(request.session);
  const session = resumed ?? request.newSessionId;
  return {
    argv: [
      ...[program.node, program.script, resumed ? rehearsalFlags.resume : rehearsalFlags.newSession, session],
      ...(request.model === null ? [] : [rehearsalFlags.model, request.model]),
      ...(request.answerOnly ? [rehearsalFlags.answerOnly] : []),
      ...(program.mayTick ? [rehearsalFlags.mayTick] : []),
    ],
    env: {},
    unset: [...parentAgentVariables],
    session,
  };
};

type End =
  | { kind: 'result'; text: string; line: string }
  | { kind: 'failed'; class: EndClass; text: string; line: string }
  | { kind: 'limit'; resetsAt: unknown; window: string | null; text: string; line: string };

const failures: ReadonlySet<unknown> = new Set<RehearsalFailure>([
  'throttled',
  'overloaded',
  'auth',
  'billing',
  'config',
  'model',
  'context',
  'refused',
  'crashed',
]);

const reader = (): StreamReader => {
  const notes = streamNotes();
  let session: string | null = null;
  let model: string | null = null;
  let worked = false;
  let end: End | null = null;
  let usage: Usage | null = null;

  const onLine = (event: Json, line: string): ViewLine[] => {
    const text = textOf(event.text) ?? '';
    const message = textOf(event.message) ?? '';
    switch (event.type) {
      case 'init':
        session = sessionOf(event.session);
        model = textOf(event.model);
        return view('notice', `rehearsal, session ${session ?? 'unknown'}`);
      case 'text':
        worked ||= text.trim() !== '';
        return view('text', text);
      case 'tool': {
        worked = true;
        const code = numberOf(event.exit);
        const shown = [
          ...view('tool', `$ ${textOf(event.command) ?? ''}`),
          ...view('result', textOf(event.output) ?? ''),
        ];
        return code ? [...shown, ...view('result', `exit code ${code}`)] : shown;
      }
      case 'retry':
        return view('notice', message);
      case 'limit':
        end = {
          kind: 'limit',
          resetsAt: event.resets_at,
          window: textOf(event.window),
          text: message || 'usage limit',
          line,
        };
        return view('error', end.text);
      case 'error': {
        const name = failures.has(event.class) ? (event.class as EndClass) : 'crashed';
        end = { kind: 'failed', class: name, text: message || name, line };
        return view('error', end.text);
      }
      case 'result':
        return onResult(event, text, line);
      default:
        return [];
    }
  };

  const onResult = (event: Json, text: string, line: string): ViewLine[] => {
    const counters = objectOf(event.usage);
    if (counters) {
      usage = {
        inputTokens: tokens(counters.input),
        cachedInputTokens: tokens(counters.cached),
        outputTokens: tokens(counters.output),
        reasoningTokens: 0,
        costUsd: numberOf(counters.cost_usd),
      };
    }
    const tail = usage ? [viewUsage(usage)] : [];
    if (event.ok === true) {
      end = { kind: 'result', text, line };
      return [...view('text', text), ...tail];
    }
    end = { kind: 'failed', class: 'crashed', text: text || 'failed without a message', line };
    return [...view('error', end.text), ...tail];
  };

  const classify = (facts: EndFacts): Classification => {
    switch (end?.kind) {
      case 'result':
        return verdict(end.text.trim() === '' ? 'no_answer' : 'success', end.line);
      case 'failed':
        return verdict(end.class, end.line);
      case 'limit': {
        const resetAtMs = resetFromEpoch(end.resetsAt, facts.endedAtMs);
        return { ...verdict('limited', end.line), resetAtMs, window: end.window };
      }
    }
    switch (endKind(facts.exit)) {
      case 'gone':
      case 'interrupted':
        return verdict('interrupted', null);
      case 'killed':
      case 'well':
        return verdict('no_answer', null);
      case 'missing':
      case 'badly':
        // It explains a script that it cannot play on stderr, before its first line.
        return verdict(session === null ? 'config' : 'crashed', notes.stderrLines().at(-1) ?? null);
    }
  };

  return {
    line: (stream, text) => {
      if (stream === 'stderr') return notes.stderr(text);
      const event = parseLine(text);
      return event ? onLine(event, text) : notes.plain(text);
    },
    facts: () => ({
      session,
      model,
      finalText: end?.kind === 'result' ? cleanText(end.text) : null,
      succeeded: end?.kind === 'result',
      failure: end && end.kind !== 'result' ? cleanLine(end.text, 2000) : null,
      usage,
      worked,
      waiting: null,
      warnings: notes.warnings(),
    }),
    classify,
  };
};
