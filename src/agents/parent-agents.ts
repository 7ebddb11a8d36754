// Variables that an agent CLI sets for what it starts: removed for ours, which is no part of that agent's session.

/**
 * Known from the CLIs' own sources and from reports of nested starts: Claude Code refuses to start where CLAUDECODE is set,
 * a thread or session id leads work to the wrong session, a sandbox mark switches the network off. Settings a person makes
 * (CODEX_HOME, CLAUDE_CONFIG_DIR, keys, base URLs) are not in here.
 */
export const parentAgentVariables: readonly string[] = [
  'CLAUDECODE',
  'CLAUDE_AGENT_SDK_VERSION',
  'CLAUDE_CODE_CHILD_SESSION',
  'CLAUDE_CODE_ENTRYPOINT',
  'CLAUDE_CODE_EXECPATH',
  'CLAUDE_CODE_MESSAGING_SOCKET',
  'CLAUDE_CODE_SESSION_ID',
  'CLAUDE_CODE_SSE_PORT',
  'CODEX_CI',
  'CODEX_INTERNAL_ORIGINATOR_OVERRIDE',
  'CODEX_SANDBOX',
  'CODEX_SANDBOX_NETWORK_DISABLED',
  'CODEX_THREAD_ID',
  'CURSOR_AGENT',
  'CURSOR_TRACE_ID',
  'GEMINI_CLI',
  'GEMINI_CLI_IDE_AUTH_TOKEN',
  'GEMINI_CLI_IDE_PID',
  'GEMINI_CLI_IDE_SERVER_PORT',
  'GEMINI_CLI_IDE_WORKSPACE_PATH',
  'GEMINI_CLI_NO_RELAUNCH',
  'OPENCODE',
  'OPENCODE_CLIENT',
  'OPENCODE_PID',
  'OPENCODE_PROCESS_ROLE',
  'OPENCODE_RUN_ID',
];
