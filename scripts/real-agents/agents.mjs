// What each real agent CLI needs so that it talks to the scripted model server alone: files in its home, environment, its own words for a limit.
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const url = 'http://127.0.0.1:8787';
const seconds = () => Math.floor(Date.now() / 1000);
/** The instant of the first question: a limit names the same one each time. */
const once = make => {
  let value = null;
  return () => (value ??= make());
};
const json = value => JSON.stringify(value);

const openai = (status, error, headers = {}) => ({ kind: 'http', status, headers, body: { error } });
const openaiErrors = {
  auth: openai(401, {
    message: 'Incorrect API key provided: test-key.',
    type: 'invalid_request_error',
    code: 'invalid_api_key',
  }),
  throttle: openai(
    429,
    {
      message: 'Rate limit reached on tokens per min. Please try again in 2s.',
      type: 'tokens',
      code: 'rate_limit_exceeded',
    },
    { 'retry-after': '2' },
  ),
};
const anthropic = (status, type, message, headers = {}) => ({
  kind: 'http',
  status,
  headers,
  body: { type: 'error', error: { type, message }, request_id: 'req_mock' },
});
const google = (code, status, message, details = []) => ({
  kind: 'http',
  status: code,
  body: { error: { code, message, status, details } },
});

/**
 * `package`: as npm installs it. `errors`: what a server says to a wrong key, and to one question too many within a minute. `binary`: the program below the folder of packages. `link`: puts it on PATH. `home`: writes its settings and gives its environment.
 * `limit(inS)`: the answers of a model server whose usage window is used up for `inS` seconds, as many as the CLI asks for before it gives up.
 */
export const agents = {
  codex: {
    package: '@openai/codex@0.169.0',
    errors: openaiErrors,
    binary: packages => join(packages, '@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex'),
    process: /vendor\/\S*codex|bin\/codex/,
    home: home => {
      mkdirSync(join(home, '.codex'));
      writeFileSync(
        join(home, '.codex', 'config.toml'),
        `model_provider="mock"\nmodel="gpt-5.3-codex"\nchatgpt_base_url="${url}/backend-api"\ncheck_for_update_on_startup=false\n[analytics]\nenabled=false\n[model_providers.mock]\nname="mock"\nbase_url="${url}/v1"\nenv_key="MOCK_KEY"\nwire_api="responses"\n`,
      );
      return { CODEX_HOME: join(home, '.codex'), MOCK_KEY: 'test-key' };
    },
    limit: inS => {
      const at = once(() => seconds() + inS);
      return [
        {
          kind: 'http',
          status: 429,
          get headers() {
            return {
              'x-codex-primary-used-percent': '100',
              'x-codex-primary-window-minutes': '300',
              'x-codex-primary-reset-at': String(at()),
            };
          },
          body: () => ({
            error: { type: 'usage_limit_reached', message: 'The usage limit has been reached', resets_at: at() },
          }),
        },
      ];
    },
  },
  claude: {
    package: '@anthropic-ai/claude-code@2.1.328',
    errors: {
      auth: anthropic(401, 'authentication_error', 'invalid x-api-key'),
      throttle: anthropic(429, 'rate_limit_error', 'This request would exceed the per-minute rate limit.', {
        'retry-after': '2',
      }),
    },
    binary: packages => join(packages, '@anthropic-ai/claude-code-linux-x64/claude'),
    process: /claude -p|claude-code-linux/,
    home: home => ({
      ANTHROPIC_BASE_URL: url,
      CLAUDE_CONFIG_DIR: join(home, '.claude'),
      CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-test-key',
      IS_SANDBOX: '1',
    }),
    limit: inS => {
      const at = once(() => String(seconds() + inS));
      return [
        {
          kind: 'http',
          status: 429,
          get headers() {
            return {
              'anthropic-ratelimit-unified-status': 'rejected',
              'anthropic-ratelimit-unified-reset': at(),
              'anthropic-ratelimit-unified-representative-claim': 'five_hour',
              'anthropic-ratelimit-unified-5h-status': 'rejected',
              'anthropic-ratelimit-unified-5h-reset': at(),
              'anthropic-ratelimit-unified-5h-utilization': '1.0',
            };
          },
          body: { type: 'error', error: { type: 'rate_limit_error', message: 'This would exceed the rate limit.' } },
        },
      ];
    },
  },
  gemini: {
    package: '@google/gemini-cli@0.61.0',
    errors: {
      auth: google(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.'),
      throttle: google(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.\nPlease retry in 2s.', [
        {
          '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
          violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel' }],
        },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2s' },
      ]),
    },
    binary: packages => join(packages, '@google/gemini-cli/bundle/gemini.js'),
    process: /bundle\/gemini\.js/,
    script: true,
    home: home => {
      mkdirSync(join(home, '.gemini'));
      writeFileSync(
        join(home, '.gemini', 'settings.json'),
        json({
          general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
          privacy: { usageStatisticsEnabled: false },
          telemetry: { enabled: false },
          security: { auth: { selectedType: 'gemini-api-key' } },
        }),
      );
      return { GEMINI_API_KEY: 'test-key', GOOGLE_GEMINI_BASE_URL: url, GEMINI_MODEL: 'gemini-2.5-pro' };
    },
    // Without a delay in the details it tries three times within some seconds, and keeps the words.
    limit: inS => {
      const at = once(() => seconds() + inS);
      const answer = {
        kind: 'http',
        status: 429,
        body: () => ({
          error: {
            code: 429,
            message: `You have exhausted your capacity on this model. Your quota will reset after ${Math.max(1, at() - seconds())}s.`,
            status: 'RESOURCE_EXHAUSTED',
          },
        }),
      };
      return [answer, answer, answer];
    },
  },
  opencode: {
    package: 'opencode-ai@1.18.33',
    errors: openaiErrors,
    binary: packages => join(packages, 'opencode-linux-x64/bin/opencode'),
    process: /opencode run|bin\/opencode/,
    home: () => ({
      OPENCODE_CONFIG_CONTENT: json({
        model: 'mock/mock-1',
        autoupdate: false,
        share: 'disabled',
        provider: {
          mock: {
            npm: '@ai-sdk/openai-compatible',
            name: 'mock',
            options: { baseURL: `${url}/v1`, apiKey: 'test-key' },
            models: {
              'mock-1': {
                name: 'mock-1',
                cost: { input: 1, output: 10, cache_read: 0.1 },
                limit: { context: 200_000, output: 8_000 },
                tool_call: true,
              },
            },
          },
        },
      }),
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    }),
    // It asks six times, as long apart as the server says.
    limit: inS => {
      const at = once(() => seconds() + inS);
      const answer = {
        kind: 'http',
        status: 429,
        headers: { 'retry-after': '1' },
        body: () => ({
          error: { type: 'usage_limit_reached', message: 'The usage limit has been reached', resets_at: at() },
        }),
      };
      return Array.from({ length: 6 }, () => answer);
    },
  },
};

/** Puts the agent's program on PATH in `folder`. */
export const link = (name, program, folder) => {
  const path = join(folder, name);
  if (!agents[name].script) return symlinkSync(program, path);
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(path, 0o755);
};
