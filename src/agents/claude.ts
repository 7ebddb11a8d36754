// Claude Code: how it is started and what its events say. Shapes as measured with 2.1.328; their order of keys is not fixed.
import type { Agent, AgentCommand, AgentRequest, StreamReader, Usage, ViewLine } from '../core/agent.ts';
import { cleanLine, cleanText } from '../core/clean-text.ts';
import { type ApiError, type ClaudeSeen, classifyClaude, type Limit, type Result } from './claude-end.ts';
import { claudeUsage } from './claude-usage.ts';
import { embeddedObject, type Json, listOf, numberOf, objectOf, parseLine, sessionOf, textOf } from './json-lines.ts';
import { inHome, modeOfSwitch, switchOf } from './on-machine.ts';
import { parentAgentVariables } from './parent-agents.ts';
import { streamNotes } from './stream-notes.ts';
import { addUsage } from './usage.ts';
import { view, viewUsage } from './view.ts';

/**
 * Claude Code. The session id is ours, known before the first line. Nobody is there to grant permissions: in mode `safe` its file
 * tools may edit the workspace (that they stay in it is documented, not measured), its shell may run anything (with `acceptEdits`
 * alone no test could be run, and a shell is not held in: measured), and what else would ask is denied. Mode `full` (or
 * `CODEAGENT_SKIP_PERMISSIONS=1`) skips permissions. As root it refuses that outside a sandbox: `IS_SANDBOX=1` or that variable
 * says that this is one.
 */
export const claude: Agent = {
  name: 'claude',
  machineStream: true,
  resumable: true,
  executable: 'claude',
  modes: {
    words: {
      safe: 'acceptEdits: file tools in the workdir only, any shell command, no sandbox',
      full: 'permissions skipped, no sandbox',
    },
    wish: env => modeOfSwitch(switchOf(env.CODEAGENT_SKIP_PERMISSIONS)),
    refuses: (mode, { env, isRoot }) =>
      mode === 'full' && isRoot && !isSandbox(env)
        ? {
            because: 'Claude Code refuses --dangerously-skip-permissions as root',
            mend: 'IS_SANDBOX=1 or CODEAGENT_SKIP_PERMISSIONS=1 if this is a container made for it',
          }
        : null,
  },
  program: {
    measured: '2.1.328',
    login: {
      how: 'start claude once by hand, and /login',
      variables: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'],
      files: env => inHome(env, env.CLAUDE_CONFIG_DIR, '.claude', ['.credentials.json']),
    },
  },
  command: request => command(request),
  reader: () => reader(),
  afterwards: () => null,
};

/** Nothing but the model's own traffic; a person's own setting wins. */
const optOuts = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
  DISABLE_AUTOUPDATER: '1',
};

/** With these it would sit out a usage limit by itself, for hours, looking alive. */
const watchdog = [
  'CLAUDE_CODE_RETRY_WATCHDOG',
  'CLAUDE_CODE_RETRY_WATCHDOG_MAX_WAIT_MS',
  'CLAUDE_CODE_RETRY_WATCHDOG_MAX_USAGE_LIMIT_WAIT_MS',
];

const command = (request: AgentRequest): AgentCommand => {
  const resumed = sessionOf(request.session);
  const permissions = permissionsOf(request);
  return {
    argv: [
      ...['claude', '-p', '--output-format', 'stream-json', '--verbose'],
      ...(request.model === null ? [] : ['--model', request.model]),
      ...permissions.flags,
      ...(resumed ? ['--resume', resumed] : ['--session-id', request.newSessionId]),
    ],
    env: {
      ...Object.fromEntries(Object.entries(optOuts).filter(([name]) => request.env[name] === undefined)),
      ...permissions.env,
    },
    unset: [...parentAgentVariables, ...watchdog],
    session: resumed ?? request.newSessionId,
  };
};

const permissionsOf = (request: AgentRequest): { flags: string[]; env: Record<string, string> } => {
  // An empty list takes its own tools away, the second flag those of the user's MCP servers.
  if (request.answerOnly) return { flags: ['--tools', '', '--strict-mcp-config'], env: {} };
  // It takes one rule for all commands; which ones a project needs for its tests nobody can list.
  if (request.mode === 'safe')
    return { flags: ['--permission-mode', 'acceptEdits', '--allowedTools', 'Bash'], env: {} };
  const mark: Record<string, string> = request.isRoot && isSandbox(request.env) ? { IS_SANDBOX: '1' } : {};
  return { flags: ['--dangerously-skip-permissions'], env: mark };
};

/** Somebody has said so: nothing is looked at. */
const isSandbox = (env: AgentRequest['env']): boolean =>
  env.IS_SANDBOX === '1' || switchOf(env.CODEAGENT_SKIP_PERMISSIONS) === true;

const reader = (): StreamReader => {
  const notes = streamNotes();
  let session: string | null = null;
  let model: string | null = null;
  let begun = false;
  let interrupted = false;
  let worked = false;
  let limit: Limit | null = null;
  let error: ApiError | null = null;
  let result: Result | null = null;
  let usage: Usage | null = null;
  let denied: string[] = [];

  const onEvent = (event: Json, line: string): ViewLine[] => {
    switch (event.type) {
      case 'system':
        return onSystem(event);
      case 'assistant':
        return onAssistant(event, line);
      case 'user':
        return onUser(event);
      case 'rate_limit_event':
        return onLimit(event, line);
      case 'result':
        return onResult(event);
      default:
        return [];
    }
  };

  const onSystem = (event: Json): ViewLine[] => {
    switch (event.subtype) {
      case 'init':
        begun = true;
        session = sessionOf(event.session_id) ?? session;
        model = textOf(event.model);
        return view(
          'notice',
          `session ${session ?? 'unknown'}, model ${model ?? 'unknown'}, permissions ${textOf(event.permissionMode) ?? 'unknown'}`,
        );
      case 'api_retry': {
        const seconds = Math.round((numberOf(event.retry_delay_ms) ?? 0) / 1000);
        const status = numberOf(event.error_status);
        const cause = `${textOf(event.error) ?? 'error'}${status === null ? '' : ` ${status}`}`;
        return view('notice', `retry ${event.attempt} of ${event.max_retries} in ${seconds} s: ${cause}`);
      }
      case 'permission_denied':
        denied.push(textOf(event.tool_name) ?? 'tool');
        return view('notice', `denied: ${textOf(event.tool_name) ?? 'tool'}: ${textOf(event.message) ?? ''}`);
      case 'informational':
        return view('notice', textOf(event.content) ?? '');
      default:
        return [];
    }
  };

  const onAssistant = (event: Json, line: string): ViewLine[] => {
    const message = objectOf(event.message) ?? {};
    const blocks = listOf(message.content).map(block => objectOf(block) ?? {});
    if (event.is_api_error_message === true || message.model === '<synthetic>') {
      const text = blocks.map(block => textOf(block.text) ?? '').join('\n');
      error = {
        text,
        line,
        error: textOf(event.error),
        apiError: textOf(event.api_error),
        status: numberOf(event.api_error_status),
        limit: objectOf(objectOf(event.api_error_params)?.rate_limit_info),
      };
      if (result && !result.failed) result = null;
      // The result line repeats it; a run that is cut off here has no result line.
      return view('error', text);
    }
    return blocks.flatMap(block => {
      const text = textOf(block.text) ?? '';
      if (block.type === 'text' && text.trim() !== '') return onWork(view('text', text));
      if (block.type === 'tool_use') return onWork(view('tool', toolText(block)));
      return [];
    });
  };

  /** Work after an error, a rejection or a result shows that it was not the end. */
  const onWork = (lines: ViewLine[]): ViewLine[] => {
    worked = true;
    error = null;
    result = null;
    if (limit?.status === 'rejected') limit = null;
    return lines;
  };

  const onUser = (event: Json): ViewLine[] =>
    listOf(objectOf(event.message)?.content).flatMap(entry => {
      const block = objectOf(entry) ?? {};
      if (block.type === 'tool_result') return view('result', resultText(block.content));
      const text = textOf(block.text) ?? '';
      if (!text.startsWith('[Request interrupted by user')) return [];
      interrupted = true;
      return view('notice', text);
    });

  const onLimit = (event: Json, line: string): ViewLine[] => {
    const info = objectOf(event.rate_limit_info);
    if (!info) return [];
    limit = { status: textOf(info.status) ?? '', info, line };
    return limit.status === 'allowed'
      ? []
      : view('notice', `rate limit: ${limit.status} ${textOf(info.rateLimitType) ?? ''}`);
  };

  const onResult = (event: Json): ViewLine[] => {
    const of = sessionOf(event.session_id);
    // Of another conversation, whatever it says.
    if (begun && of !== null && session !== null && of !== session) return [];
    const failed = event.is_error === true || event.subtype !== 'success';
    const errors = listOf(event.errors).filter(one => typeof one === 'string');
    result = {
      failed,
      text: textOf(event.result) ?? (errors.join('; ') || `${textOf(event.subtype) ?? 'failed'} without a message`),
      subtype: textOf(event.subtype),
      apiError: textOf(event.api_error),
      status: numberOf(event.api_error_status),
      terminalReason: textOf(event.terminal_reason),
      stopReason: textOf(event.stop_reason),
    };
    // A failed one that never began names the session that was asked for, also when there is none.
    if (begun || !failed) session = sessionOf(event.session_id) ?? session;
    const denials = listOf(event.permission_denials).map(one => textOf(objectOf(one)?.tool_name) ?? 'tool');
    if (denials.length > 0) denied = denials;
    const own = claudeUsage(event);
    usage = usage && own ? addUsage(usage, own) : (own ?? usage);
    const shown = failed && result.text !== error?.text ? view('error', result.text) : [];
    return [...shown, ...(own ? [viewUsage(own)] : [])];
  };

  const seen = (): ClaudeSeen => ({
    begun,
    interrupted,
    limit,
    error,
    result,
    plain: notes.plainLines(),
    stderr: notes.stderrLines(),
  });

  return {
    line: (stream, text) => {
      if (stream === 'stderr') return notes.stderr(text);
      const event = parseLine(text);
      if (event) return onEvent(event, text);
      // 2.1.74 printed this event into the middle of another line.
      const embedded = embeddedObject(text, '{"type":"rate_limit_event"');
      return [...notes.plain(text), ...(embedded ? onEvent(embedded, JSON.stringify(embedded)) : [])];
    },
    facts: () => ({
      session,
      model,
      finalText: result && !result.failed ? cleanText(result.text) : null,
      succeeded: result !== null && !result.failed,
      failure: result?.failed ? cleanLine(result.text, 2000) : null,
      usage,
      worked,
      // It gives up at once where the delay is long, and repeats a notice where it waits itself.
      waiting: null,
      warnings: [...notes.warnings(), ...deniedWarning(denied)],
    }),
    classify: end => classifyClaude(seen(), end),
  };
};

const deniedWarning = (denied: readonly string[]): string[] => {
  if (denied.length === 0) return [];
  const names = cleanLine([...new Set(denied)].join(', '), 200);
  return [`${denied.length} tool ${denied.length === 1 ? 'call was' : 'calls were'} denied: ${names}`];
};

/** A tool call in one line: the command or the file where it has one, else its input. */
const toolText = (block: Json): string => {
  const input = objectOf(block.input) ?? {};
  const name = textOf(block.name) ?? 'tool';
  if (name === 'Bash') return `$ ${textOf(input.command) ?? ''}`;
  const main = textOf(input.file_path) ?? textOf(input.pattern) ?? textOf(input.description);
  return `${name} ${main ?? cleanLine(JSON.stringify(input), 200)}`;
};

const resultText = (content: unknown): string =>
  typeof content === 'string'
    ? content
    : listOf(content)
        .map(part => textOf(objectOf(part)?.text) ?? '')
        .join('\n');
