// Codex CLI: how it is started, what its events say, how an end looks. Shapes as measured with 0.169.0.
import type {
  Agent,
  AgentCommand,
  AgentRequest,
  Classification,
  EndFacts,
  SilentWait,
  StreamReader,
  Usage,
  ViewLine,
} from '../core/agent.ts';
import { cleanLine, cleanText } from '../core/clean-text.ts';
import { codexFailure } from './codex-failure.ts';
import { codexUsage, type Rollout, readRollout } from './codex-rollout.ts';
import { type Json, listOf, numberOf, objectOf, parseLine, sessionOf, textOf } from './json-lines.ts';
import { inHome, modeOfSwitch, switchOf } from './on-machine.ts';
import { parentAgentVariables } from './parent-agents.ts';
import { endKind, endText } from './process-end.ts';
import { waitAfterRefusal } from './silent-wait.ts';
import { streamNotes } from './stream-notes.ts';
import { verdict } from './verdict.ts';
import { view, viewUsage } from './view.ts';

/**
 * Codex. A session is a thread id, known from the first event on. Its own sandbox lets it write to the workspace, and read only
 * when it is just to answer; in mode `full` (or by `CODEX_BYPASS_SANDBOX=1`) there is none. Usage of a resumed session comes as the whole
 * session's total: `facts()` has this run's own share once `classify` was given the session file, and null (with a warning)
 * where neither that file nor the thread's age tells them apart. Where nobody knows when the run began, it is taken for the first.
 */
export const codex: Agent = {
  name: 'codex',
  machineStream: true,
  resumable: true,
  executable: 'codex',
  modes: {
    words: {
      safe: 'its own sandbox: any command, writes in the workdir and temp folders only, no network for commands',
      full: 'no sandbox and no questions',
    },
    wish: env => modeOfSwitch(switchOf(env.CODEX_BYPASS_SANDBOX)),
    refuses: () => null,
  },
  program: {
    measured: '0.169.0',
    login: {
      how: 'codex login',
      variables: ['OPENAI_API_KEY', 'CODEX_API_KEY'],
      files: env => inHome(env, env.CODEX_HOME, '.codex', ['auth.json']),
    },
  },
  command: request => command(request),
  reader: () => reader(),
  afterwards: (facts, env) => {
    const home = env.CODEX_HOME || (env.HOME ? `${env.HOME}/.codex` : '');
    if (facts.session === null || !home.startsWith('/')) return null;
    // sessions/YYYY/MM/DD/rollout-<time>-<thread id>.jsonl
    return { root: `${home}/sessions`, nameContains: facts.session, depth: 3 };
  },
};

const command = (request: AgentRequest): AgentCommand => {
  const session = sessionOf(request.session);
  const bypass = !request.answerOnly && request.mode === 'full';
  const sandbox = request.answerOnly ? 'read-only' : 'workspace-write';
  const model = request.model === null ? [] : ['-m', request.model];
  const shared = ['--json', '--skip-git-repo-check'];
  const bypassFlag = '--dangerously-bypass-approvals-and-sandbox';
  // `resume` knows neither -C nor -s; the process is started in the workspace anyway.
  const argv = session
    ? ['resume', ...shared, ...(bypass ? [bypassFlag] : ['-c', `sandbox_mode="${sandbox}"`]), ...model, session, '-']
    : [...shared, ...(bypass ? [bypassFlag] : ['-s', sandbox]), '-C', request.workdir, ...model, '-'];
  return { argv: ['codex', 'exec', ...argv], env: {}, unset: [...parentAgentVariables], session };
};

interface Seen {
  text: string;
  line: string;
}

const reader = (): StreamReader => {
  const notes = streamNotes();
  let session: string | null = null;
  let lastMessage: string | null = null;
  let end: ({ kind: 'completed' } & Seen) | ({ kind: 'failed' } & Seen) | null = null;
  /** The newest error event after which nothing went on. */
  let error: Seen | null = null;
  /** A retry notice is the last word: a long delay (the header is not shown) is one such line, then silence. */
  let waiting: SilentWait | null = null;
  let usage: Usage | null = null;
  let worked = false;
  const warnings: string[] = [];

  const onEvent = (event: Json, line: string): ViewLine[] => {
    if (ownEvent.test(textOf(event.type) ?? '') && !isOwnWarning(event)) waiting = null;
    switch (event.type) {
      case 'thread.started':
        // A second one is another conversation: this run goes on in the first.
        session = session ?? sessionOf(event.thread_id);
        return view('notice', `session ${session ?? 'unknown'}`);
      case 'turn.started':
        [end, error, lastMessage] = [null, null, null];
        return [];
      case 'item.started':
      case 'item.updated':
      case 'item.completed':
        return onItem(event.type, objectOf(event.item) ?? {});
      case 'error': {
        const message = messageOf(event);
        if (/^Reconnecting\b/.test(message)) {
          waiting = waitAfterRefusal(message, line);
          return view('notice', message);
        }
        error = { text: message, line };
        if (end?.kind === 'completed') end = null;
        return [];
      }
      case 'turn.completed': {
        end = { kind: 'completed', text: lastMessage ?? '', line };
        const counters = objectOf(event.usage);
        if (!counters) return [];
        usage = codexUsage(counters);
        return [viewUsage(usage, 'tokens of the session')];
      }
      case 'turn.failed': {
        const message = messageOf(objectOf(event.error) ?? {}) || error?.text || 'the turn failed without a message';
        end = { kind: 'failed', text: message, line };
        return view('error', message);
      }
      default:
        return [];
    }
  };

  const onItem = (type: string, item: Json): ViewLine[] => {
    if (item.type === 'error') return type === 'item.completed' ? view('notice', messageOf(item)) : [];
    error = null;
    // It goes on: what ended was not all.
    if (end?.kind === 'completed' && item.type !== 'todo_list') end = null;
    const text = textOf(item.text) ?? '';
    if (item.type === 'reasoning') return type === 'item.completed' ? view('notice', text) : [];
    if (item.type === 'agent_message') {
      if (type !== 'item.completed') return [];
      lastMessage = text;
      worked ||= text.trim() !== '';
      return view('text', text);
    }
    if (item.type !== 'todo_list') worked = true;
    return viewTool(type, item);
  };

  const classify = (facts: EndFacts): Classification => {
    const rollout = facts.file === null ? null : readRollout(facts.file, facts);
    ownUsage(rollout, facts);
    if (end?.kind === 'failed') return codexFailure(end, rollout, facts);
    if (end) return verdict(end.text.trim() === '' ? 'no_answer' : 'success', end.line);
    if (error) return codexFailure(error, rollout, facts);
    switch (endKind(facts.exit)) {
      case 'gone':
      case 'interrupted':
        return verdict('interrupted', null);
      case 'killed':
      case 'well':
        return verdict('no_answer', null);
      case 'missing':
        return verdict('config', `codex was not found or cannot be run (${endText(facts.exit)})`);
      case 'badly': {
        const said = notes.stderrLines().find(line => startTrouble.test(line));
        if (session === null && said) return verdict('config', said);
        return verdict('crashed', notes.stderrLines().at(-1) ?? null);
      }
    }
  };

  const ownUsage = (rollout: Rollout | null, facts: EndFacts): void => {
    if (rollout) {
      usage = rollout.usage ?? usage;
      return;
    }
    const bornMs = session === null ? null : threadBornMs(session);
    const startedAtMs = facts.startedAtMs ?? Number.NEGATIVE_INFINITY;
    if (usage === null || bornMs === null || bornMs >= startedAtMs - 2000) return;
    usage = null;
    warnings.push('tokens of this run are unknown: Codex reports the whole session and its session file was not found');
  };

  return {
    line: (stream, text) => {
      if (stream === 'stderr') return notes.stderr(text);
      const event = parseLine(text);
      return event ? onEvent(event, text) : notes.plain(text);
    },
    facts: () => ({
      session,
      model: null,
      finalText: end?.kind === 'completed' && lastMessage !== null ? cleanText(lastMessage) : null,
      succeeded: end?.kind === 'completed',
      failure: end?.kind === 'failed' ? cleanLine(end.text, 2000) : null,
      usage,
      worked,
      waiting,
      warnings: [...notes.warnings(), ...warnings],
    }),
    classify,
  };
};

/** An item `error` is a warning of Codex about itself: no failure, and no sign that it goes on. */
const isOwnWarning = (event: Json): boolean => objectOf(event.item)?.type === 'error';

/** Its families of events, those of newer versions included: other JSON on stdout is not Codex going on. */
const ownEvent = /^(?:thread|turn|item)\.|^error$/;

const messageOf = (holder: Json): string => textOf(holder.message) ?? '';

const viewTool = (type: string, item: Json): ViewLine[] => {
  const done = type === 'item.completed';
  switch (item.type) {
    case 'command_execution': {
      if (type === 'item.started') return view('tool', `$ ${textOf(item.command) ?? ''}`);
      if (!done) return [];
      const code = numberOf(item.exit_code);
      const output = view('result', textOf(item.aggregated_output) ?? '');
      return code ? [...output, ...view('result', `exit code ${code}`)] : output;
    }
    case 'file_change': {
      if (!done) return [];
      const changes = listOf(item.changes).map(change => {
        const one = objectOf(change) ?? {};
        return `${textOf(one.kind) ?? 'change'} ${textOf(one.path) ?? ''}`;
      });
      return view('tool', `${item.status === 'failed' ? 'failed: ' : ''}${changes.join('\n')}`);
    }
    default: {
      if (!done) return [];
      const words = [item.type, item.server, item.tool, item.query].filter(word => typeof word === 'string');
      return view('tool', words.join(' '));
    }
  }
};

/** What Codex says on stderr when it will not even begin. */
const startTrouble =
  /^error: |^Usage: codex|^Not inside a trusted directory|^No prompt provided|no rollout found for thread id|Error loading config|config\.toml/;

/** A thread id is a UUID of version 7 and begins with its time of birth, epoch ms; null for another id. */
const threadBornMs = (thread: string): number | null =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(thread) ? Number.parseInt(thread.replaceAll('-', '').slice(0, 12), 16) : null;
