// Gemini CLI: how it is started and what its events say. Shapes as measured with 0.61.0.
import type { Agent, AgentCommand, AgentRequest, SilentWait, StreamReader, Usage, ViewLine } from '../core/agent.ts';
import { cleanLine, cleanText } from '../core/clean-text.ts';
import { classifyGemini, type GeminiResult, type GeminiSeen } from './gemini-end.ts';
import type { GeminiError } from './gemini-failure.ts';
import { objectCollector } from './gemini-object.ts';
import { geminiStderr } from './gemini-stderr.ts';
import { geminiUsage } from './gemini-usage.ts';
import { type Json, objectOf, parseLine, sessionOf, textOf } from './json-lines.ts';
import { inHome } from './on-machine.ts';
import { parentAgentVariables } from './parent-agents.ts';
import { announcedWait } from './silent-wait.ts';
import { streamNotes } from './stream-notes.ts';
import { view, viewUsage } from './view.ts';

/**
 * Gemini CLI. The session id is ours, known before the first line; it goes on only from the same workspace. Nobody is there to
 * grant tools: in mode `safe` it may edit in the workspace (that its file tools stay there is documented, not measured) and run any
 * command, which is allowed by name, for in `auto_edit` alone it is offered no shell; in mode `full` it may do everything. The flag
 * for that name is deprecated, to go with version 1.0. Just to answer, it runs in its default mode: it may read, and what would need
 * a person's consent is neither offered nor granted. The workspace is trusted for this run, or it would not start. Without a model
 * it asks a small one first which to take.
 */
export const gemini: Agent = {
  name: 'gemini',
  machineStream: true,
  resumable: true,
  executable: 'gemini',
  modes: {
    words: {
      safe: 'auto_edit: file tools in the workdir only, any shell command, no sandbox',
      full: 'yolo: every tool, no sandbox',
    },
    wish: () => null,
    refuses: () => null,
  },
  program: {
    measured: '0.61.0',
    login: {
      how: 'start gemini once by hand, and choose how to log in',
      variables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
      files: env =>
        inHome(env, env.GEMINI_CLI_HOME && `${env.GEMINI_CLI_HOME}/.gemini`, '.gemini', ['oauth_creds.json']),
    },
  },
  command: request => command(request),
  reader: () => reader(),
  afterwards: () => null,
};

const command = (request: AgentRequest): AgentCommand => {
  const resumed = sessionOf(request.session);
  return {
    argv: [
      ...['gemini', '--output-format', 'stream-json', '--skip-trust'],
      ...approval(request),
      ...(request.model === null ? [] : ['--model', request.model]),
      ...(resumed ? ['--resume', resumed] : ['--session-id', request.newSessionId]),
    ],
    env: {
      // A person's own setting wins. Usage statistics and updates can be switched off in its settings file alone.
      ...(request.env.GEMINI_TELEMETRY_ENABLED === undefined ? { GEMINI_TELEMETRY_ENABLED: 'false' } : {}),
      // Else a parent stands before it that takes signals and does not pass them on.
      GEMINI_CLI_NO_RELAUNCH: 'true',
    },
    unset: [...parentAgentVariables],
    session: resumed ?? request.newSessionId,
  };
};

const approval = ({ answerOnly, mode }: AgentRequest): string[] => {
  if (answerOnly) return ['--approval-mode', 'default'];
  if (mode === 'full') return ['--approval-mode', 'yolo'];
  return ['--approval-mode', 'auto_edit', '--allowed-tools', 'run_shell_command'];
};

const warningsMax = 20;

const ownEvents: ReadonlySet<unknown> = new Set(['init', 'message', 'tool_use', 'tool_result', 'error', 'result']);

const reader = (): StreamReader => {
  const notes = streamNotes();
  const stderr = geminiStderr();
  const objects = objectCollector();
  let session: string | null = null;
  let model: string | null = null;
  let begun = false;
  /** Events came, so no single object can be the result. */
  let streamed = false;
  let worked = false;
  /** Pieces of the answer since the last tool call. */
  let answer: string[] = [];
  /** The end of the answer that is not shown yet: its line goes on. */
  let unshown = '';
  let result: GeminiResult | null = null;
  let error: GeminiError | null = null;
  let usage: Usage | null = null;
  const warnings: string[] = [];

  const onEvent = (event: Json): ViewLine[] => {
    // Other JSON on stdout is not Gemini CLI going on, and its time is not one of this run.
    if (!ownEvents.has(event.type)) return [];
    const atMs = timeIn(event);
    stderr.wentOn(atMs);
    if (event.type === 'message') return onMessage(event);
    const shown = view('text', unshown);
    unshown = '';
    return [...shown, ...onOther(event, atMs)];
  };

  const onOther = (event: Json, atMs: number | null): ViewLine[] => {
    switch (event.type) {
      case 'init':
        begun = true;
        streamed = true;
        session = sessionOf(event.session_id) ?? session;
        model = textOf(event.model);
        return view('notice', `session ${session ?? 'unknown'}, model ${model ?? 'unknown'}`);
      case 'tool_use':
        onWork();
        answer = [];
        return view('tool', toolText(event));
      case 'tool_result': {
        onWork();
        answer = [];
        const output = view('result', textOf(event.output) ?? '');
        const message = textOf(objectOf(event.error)?.message);
        return message === null || message === event.output ? output : [...output, ...view('result', message)];
      }
      case 'error': {
        const message = textOf(event.message) ?? '';
        const severity = textOf(event.severity);
        if (warnings.length < warningsMax) warnings.push(cleanLine(message || 'an error without a message', 500));
        if (severity === 'warning') return view('notice', message);
        const evidence = JSON.stringify({ type: 'error', severity, message });
        error = { message, type: null, saidAtMs: atMs, evidence };
        if (result && !result.failed) result = null;
        return view('error', message);
      }
      case 'result':
        return onResult(event, answer.join(''), atMs);
      default:
        return [];
    }
  };

  const onMessage = (event: Json): ViewLine[] => {
    const content = textOf(event.content) ?? '';
    // A new question, or an old one told again: what was said before it is no answer to this one.
    if (event.role === 'user') answer = [];
    if (event.role !== 'assistant' || content === '') return [];
    const begins = event.delta !== true && answer.length > 0;
    answer.push(begins ? `\n${content}` : content);
    if (content.trim() !== '') onWork();
    const text = answer.at(-1)!;
    // Only the new piece is searched: a line that goes on for ever comes in very many.
    const lineEnd = text.lastIndexOf('\n') + 1;
    if (lineEnd === 0) {
      unshown += text;
      return [];
    }
    const whole = unshown + text.slice(0, lineEnd);
    unshown = text.slice(lineEnd);
    return view('text', whole);
  };

  const onWork = (): void => {
    worked = true;
    error = null;
    // It goes on: that was not the end.
    result = null;
    stderr.worked();
  };

  const onResult = (event: Json, text: string, saidAtMs: number | null): ViewLine[] => {
    const told = objectOf(event.error);
    const failed = event.status !== 'success';
    const type = textOf(told?.type);
    const message = textOf(told?.message) ?? '';
    const evidence = JSON.stringify({
      type: 'result',
      status: event.status,
      error: told ? { type, message } : undefined,
    });
    result = { failed, text: failed ? '' : text, error: { message, type, saidAtMs, evidence } };
    const own = geminiUsage(objectOf(event.stats));
    usage = own ?? usage;
    return [...(failed ? view('error', message) : []), ...(own ? [viewUsage(own)] : [])];
  };

  /** The only thing that `-o json` prints. */
  const onObject = (object: Json): ViewLine[] => {
    if (object.response === undefined && object.stats === undefined && object.error === undefined) return [];
    // In a stream it is something that a program printed.
    if (streamed) return [];
    begun = true;
    session = sessionOf(object.session_id) ?? session;
    const text = textOf(object.response) ?? '';
    const { error: told, stats } = object;
    return [...view('text', text), ...onResult({ status: told ? 'error' : 'success', error: told, stats }, text, null)];
  };

  const onStdout = (text: string): ViewLine[] => {
    const event = parseLine(text);
    if (typeof event?.type === 'string') {
      const broken = objects.drop() ? notes.plain('{') : [];
      return [...broken, ...onEvent(event)];
    }
    const object = objects.line(text);
    if (object === 'more') return [];
    if (object ?? event) return onObject((object ?? event)!);
    return notes.plain(text);
  };

  const seen = (): GeminiSeen => ({
    begun,
    result,
    error,
    sleep: stderr.sleep(),
    stack: stderr.stack(),
    stackIsLast: stderr.stackIsLast(),
    stderr: notes.stderrLines(),
  });

  const waiting = (): SilentWait | null => {
    const sleep = result === null ? stderr.sleep() : null;
    return sleep && announcedWait(sleep.waitMs, sleep.text);
  };

  return {
    line: (stream, text) => {
      if (stream === 'stdout') return onStdout(text);
      return stderr.line(text) ? notes.stderr(text) : [];
    },
    facts: () => ({
      session: session ?? stderr.session(),
      model,
      finalText: result && !result.failed ? cleanText(result.text) : null,
      succeeded: result !== null && !result.failed,
      failure: failureText(seen()),
      usage,
      worked,
      waiting: waiting(),
      warnings: [...notes.warnings(), ...warnings, ...reportWarnings(stderr.reports())],
    }),
    classify: end => classifyGemini(seen(), end),
  };
};

const timeIn = (event: Json): number | null => {
  const ms = Date.parse(textOf(event.timestamp) ?? '');
  return Number.isFinite(ms) ? ms : null;
};

const failureText = ({ result, error, stack, stackIsLast }: GeminiSeen): string | null => {
  if (result && !result.failed) return null;
  if (result) return cleanLine(result.error.message || error?.message || 'the run failed without a message', 2000);
  return stack && stackIsLast ? cleanLine(stack.message || stack.name || 'an error without a message', 2000) : null;
};

const reportWarnings = (reports: readonly string[]): string[] =>
  reports.map(path => `Gemini CLI wrote the whole conversation into ${cleanLine(path, 300)}; nobody removes it`);

/** A tool call in one line: the command or the file where it has one, else its parameters. */
const toolText = (event: Json): string => {
  const parameters = objectOf(event.parameters) ?? {};
  const name = textOf(event.tool_name) ?? 'tool';
  if (name === 'run_shell_command') return `$ ${textOf(parameters.command) ?? ''}`;
  const main = textOf(parameters.file_path) ?? textOf(parameters.dir_path) ?? textOf(parameters.pattern);
  return `${name} ${main ?? cleanLine(JSON.stringify(parameters), 200)}`;
};
