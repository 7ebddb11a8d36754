// OpenCode: how it is started and what its events say. Shapes as measured with 1.18.33.
import type { Agent, AgentCommand, AgentRequest, SilentWait, StreamReader, Usage, ViewLine } from '../core/agent.ts';
import { cleanLine, cleanText } from '../core/clean-text.ts';
import { type Json, numberOf, objectOf, parseLine, sessionOf, textOf } from './json-lines.ts';
import { inHome } from './on-machine.ts';
import { classifyOpenCode, type StepEnd } from './opencode-end.ts';
import { type OpenCodeError, readError } from './opencode-failure.ts';
import { type FailedRequest, failedRequest, readLogLine } from './opencode-log.ts';
import { openCodeUsage } from './opencode-usage.ts';
import { parentAgentVariables } from './parent-agents.ts';
import { delayFromText } from './reset-time.ts';
import { announcedWait, waitAfterRefusal } from './silent-wait.ts';
import { streamNotes } from './stream-notes.ts';
import { addUsage } from './usage.ts';
import { view, viewUsage } from './view.ts';

/**
 * OpenCode. A session has an id of its own making, known from the first event on, or from the log where it waits before that.
 * In mode `safe` the user's own rules hold, files outside of the workspace are denied, and what else would ask a person is refused, which
 * ends the turn; in mode `full` it is granted. Asked to answer only, nothing is allowed. `CODEAGENT_OPENCODE_AGENT`
 * names the agent of its configuration (one that is missing falls back to the default, with a warning), and
 * `CODEAGENT_OPENCODE_MODEL` the model (`provider/model`) where the request names none. Usage is that of this run's own session:
 * subagents have sessions of their own, which the stream leaves out.
 */
export const opencode: Agent = {
  name: 'opencode',
  machineStream: true,
  resumable: true,
  executable: 'opencode',
  modes: {
    words: {
      safe: 'its own rules, and nothing outside of the workdir that it can tell: any command, no sandbox',
      full: '--auto: all that your rules do not deny, no sandbox',
    },
    wish: () => null,
    refuses: () => null,
  },
  program: {
    measured: '1.18.33',
    login: {
      // Keys of providers it knows by themselves; there are many more, in its settings too.
      how: 'opencode auth login',
      variables: ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'GEMINI_API_KEY', 'OPENROUTER_API_KEY', 'OPENCODE_API_KEY'],
      files: env =>
        inHome(env, env.XDG_DATA_HOME && `${env.XDG_DATA_HOME}/opencode`, '.local/share/opencode', ['auth.json']),
    },
  },
  command: request => command(request),
  reader: () => reader(),
  afterwards: () => null,
};

const command = (request: AgentRequest): AgentCommand => {
  const session = sessionOf(request.session);
  const model = request.model ?? (request.env.CODEAGENT_OPENCODE_MODEL || null);
  const agent = request.env.CODEAGENT_OPENCODE_AGENT || null;
  return {
    argv: [
      ...['opencode', 'run', '--format', 'json'],
      // Without its log it waits out a limit of hours without a word on either stream.
      ...['--print-logs', '--log-level', 'ERROR'],
      // Else it takes the folder that PWD names. A session goes on only in the folder it began in (elsewhere it hangs).
      ...['--dir', request.workdir],
      ...(model === null ? [] : ['--model', model]),
      ...(agent === null ? [] : ['--agent', agent]),
      ...(!request.answerOnly && request.mode === 'full' ? ['--auto'] : []),
      ...(session ? ['--session', session] : []),
    ],
    env: {
      ...(request.env.OPENCODE_DISABLE_AUTOUPDATE === undefined ? { OPENCODE_DISABLE_AUTOUPDATE: '1' } : {}),
      ...notShared(request.env.OPENCODE_CONFIG_CONTENT),
      ...permissions(request),
    },
    unset: [...parentAgentVariables],
    session,
  };
};

/**
 * Sessions are not put on the web. Only the inline settings win over a project's own, so they are what is set; a person who has
 * inline settings keeps them, with `share` if it is in there. Those that are no plain JSON are left alone.
 */
const notShared = (inline: string | undefined): Record<string, string> => {
  const own = inline?.trim() ? parseLine(inline) : { $schema: 'https://opencode.ai/config.json' };
  return own ? { OPENCODE_CONFIG_CONTENT: JSON.stringify({ share: 'disabled', ...own }) } : {};
};

/**
 * Every tool by name, for a name in the user's settings may stand behind the star and would win. What an agent's own file
 * allows stays; without `--auto`, whatever asks is refused.
 */
const nothingAllowed = Object.fromEntries(
  [
    ...['*', 'read', 'edit', 'glob', 'grep', 'list', 'bash', 'task', 'skill', 'lsp', 'todoread', 'todowrite'],
    ...['webfetch', 'websearch', 'codesearch', 'question', 'external_directory', 'doom_loop'],
  ].map(name => [name, 'deny']),
);

/**
 * What its defaults would ask a person. A question that nobody answers ends the whole run without a word (measured with a `cp` to
 * the outside); of a denial the model is told, and goes on.
 */
const deniedWhenSafe = { external_directory: 'deny', doom_loop: 'deny' };

/** They win over all settings files, a project's own included, which an agent could write. The same variable is a person's: it stays. */
const permissions = ({ answerOnly, mode, env }: AgentRequest): Record<string, string> => {
  if (answerOnly) return { OPENCODE_PERMISSION: JSON.stringify(nothingAllowed) };
  if (mode === 'full') return {};
  const own = env.OPENCODE_PERMISSION?.trim() ? parseLine(env.OPENCODE_PERMISSION) : null;
  return { OPENCODE_PERMISSION: JSON.stringify({ ...deniedWhenSafe, ...own }) };
};

const reader = (): StreamReader => {
  const notes = streamNotes();
  let session: string | null = null;
  let sessionInLog: string | null = null;
  let worked = false;
  /** Text since the last step or tool began, by part: a part may be told twice. */
  let texts = new Map<string, string>();
  let step: StepEnd | null = null;
  let error: OpenCodeError | null = null;
  let waiting: FailedRequest | null = null;
  /** When the stream last went on, epoch ms: the two streams are read apart, and a later event ends a wait. */
  let wentOnMs = Number.NEGATIVE_INFINITY;
  /** After an overflow the conversation is made shorter first; the message that does it is neither work nor an answer. */
  let compacting: { message: string | null } | null = null;
  const usages = new Map<string, Usage>();
  const errorLog: string[] = [];
  const denied: string[] = [];
  const cautions = new Set<string>();

  const onEvent = (event: Json, line: string): ViewLine[] => {
    const own = sessionOf(event.sessionID);
    session = session ?? own;
    // A subagent's: its signal and its end are not those of this run.
    if (own !== null && own !== session) return [];
    const part = objectOf(event.part) ?? {};
    if (compacting && event.type === 'step_start') follow(part);
    switch (event.type) {
      case 'step_start':
        wentOn(event);
        texts = new Map();
        step = null;
        return [];
      case 'text':
        return onText(event, part);
      case 'tool_use':
        wentOn(event);
        return onTool(part);
      case 'step_finish':
        return onStepEnd(event, part, line);
      case 'error': {
        wentOn(event);
        error = readError(event, line);
        step = null;
        if (error.name === 'ContextOverflowError') compacting = { message: null };
        return view('error', error.message);
      }
      default:
        return [];
    }
  };

  const wentOn = (event: Json): void => {
    const atMs = numberOf(event.timestamp);
    if (atMs === null) return;
    wentOnMs = Math.max(wentOnMs, atMs);
    if (waiting && waiting.atMs <= wentOnMs) waiting = null;
  };

  /**
   * The compaction is one message, and each message begins with a step: the next one that does is work again. A late part of another
   * message is no such thing; else the summary, which may quote a signal, would pass for the answer.
   */
  const follow = (part: Json): void => {
    const message = textOf(part.messageID) ?? '';
    if (compacting) compacting.message ??= message;
    if (compacting && compacting.message !== message) compacting = null;
  };

  const onText = (event: Json, part: Json): ViewLine[] => {
    const text = textOf(part.text) ?? '';
    if (part.synthetic === true) {
      // OpenCode's own words, which follow a compaction: what came before was no answer.
      texts = new Map();
      step = null;
      return view('notice', text);
    }
    wentOn(event);
    if (compacting) return view('notice', text);
    const id = textOf(part.id) ?? `${texts.size}`;
    // Said after the step that was to be the last.
    if (texts.get(id) !== text) step = null;
    texts.set(id, text);
    if (text.trim() !== '') [worked, error] = [true, null];
    return view('text', text);
  };

  const onTool = (part: Json): ViewLine[] => {
    const state = objectOf(part.state) ?? {};
    const trouble = textOf(state.error) ?? '';
    texts = new Map();
    step = null;
    [worked, error] = [true, null];
    if (state.status === 'error' && deniedCall.test(trouble)) denied.push(textOf(part.tool) ?? 'tool');
    const code = numberOf(objectOf(state.metadata)?.exit);
    return [
      ...view('tool', toolText(part, objectOf(state.input) ?? {})),
      ...view('result', state.status === 'error' ? trouble : (textOf(state.output) ?? '')),
      ...(code ? view('result', `exit code ${code}`) : []),
    ];
  };

  const onStepEnd = (event: Json, part: Json, line: string): ViewLine[] => {
    wentOn(event);
    const own = openCodeUsage(part);
    if (own) usages.set(textOf(part.id) ?? `${usages.size}`, own);
    if (compacting) return [];
    error = null;
    step = { reason: textOf(part.reason), text: [...texts.values()].join('\n'), line };
    const total = totalUsage();
    return step.reason === 'stop' && total ? [viewUsage(total)] : [];
  };

  const totalUsage = (): Usage | null => (usages.size === 0 ? null : [...usages.values()].reduce(addUsage));

  const onStderr = (line: string): ViewLine[] => {
    const shown = notes.stderr(line);
    const log = readLogLine(line);
    const clean = notes.stderrLines().at(-1) ?? '';
    if (!log) {
      if (/^! ?agent "/.test(clean)) cautions.add(cleanLine(clean.replace(/^! ?/, ''), 300));
      return shown;
    }
    sessionInLog ??= sessionOf(log.values.get('session.id'));
    if (log.level === 'ERROR') errorLog.push(clean);
    if (errorLog.length > errorsKept) errorLog.shift();
    const failed = failedRequest(log, line);
    if (failed && failed.atMs > wentOnMs) waiting = failed;
    return shown;
  };

  /** A subagent that was refused without a named delay may be at work again for long: its steps are not told. */
  const silentWait = (): SilentWait | null => {
    if (waiting === null || succeeded()) return null;
    const { text, line } = waiting;
    const isOwn = waiting.session === null || waiting.session === (session ?? sessionInLog);
    return isOwn ? waitAfterRefusal(text, line) : announcedWait(delayFromText(text) ?? 0, line);
  };

  const succeeded = (): boolean => error === null && step?.reason === 'stop';

  return {
    line: (stream, text) => {
      if (stream === 'stderr') return onStderr(text);
      const event = parseLine(text);
      return event ? onEvent(event, text) : notes.plain(text);
    },
    facts: () => ({
      session: session ?? sessionInLog,
      model: null,
      finalText: succeeded() ? cleanText(step?.text ?? '') : null,
      succeeded: succeeded(),
      failure: error ? cleanLine(error.message, 2000) : null,
      usage: totalUsage(),
      worked,
      waiting: silentWait(),
      warnings: [...notes.warnings(), ...cautions, ...deniedWarning(denied)],
    }),
    classify: end =>
      classifyOpenCode({ begun: session !== null, step, error, waiting, errorLog, stderr: notes.stderrLines() }, end),
  };
};

/** Lines of the log that are kept for what an event leaves unsaid. */
const errorsKept = 20;

/** Its words for a call that nobody was there to approve, and for one that a rule forbids. */
const deniedCall = /^The user (?:rejected permission|has specified a rule which prevents)/;

const deniedWarning = (denied: readonly string[]): string[] =>
  denied.length === 0
    ? []
    : [`permission was refused ${times(denied.length)}: ${cleanLine([...new Set(denied)].join(', '), 200)}`];

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** A tool call in one line: the command or the file where it has one, else its input. */
const toolText = (part: Json, input: Json): string => {
  const name = textOf(part.tool) ?? 'tool';
  if (name === 'bash') return `$ ${textOf(input.command) ?? ''}`;
  const main = textOf(input.filePath) ?? textOf(input.pattern) ?? textOf(input.description);
  return `${name} ${main ?? cleanLine(JSON.stringify(input), 200)}`;
};
