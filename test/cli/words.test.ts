// What typed words, environment and config file mean together.
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.ts';
import type { Intention } from '../../src/cli/intention.ts';
import { bothWords } from '../../src/cli/spec-words.ts';
import { type Parsed, parseWords } from '../../src/cli/words.ts';
import type { Within } from '../../src/compose/within.ts';

interface Given {
  env?: Record<string, string>;
  config?: unknown;
  nearby?: string[];
  within?: Within;
}

const parse = (words: string, given: Given = {}): Parsed =>
  parseArgv(
    words.split(' ').filter(word => word !== ''),
    given,
  );

const parseArgv = (argv: string[], { env = {}, config, nearby = [], within }: Given = {}): Parsed =>
  parseWords(argv, env, {
    readConfigFile: () =>
      config === undefined
        ? null
        : {
            path: '/repo/seqrun.config.json',
            bytes: Buffer.from(typeof config === 'string' ? config : JSON.stringify(config)),
          },
    specsNearby: () => nearby,
    withinStart: () => within ?? null,
  });

const intend = (words: string, given: Given = {}): Intention => {
  const parsed = parse(words, given);
  if (parsed.kind !== 'intention') throw new Error(JSON.stringify(parsed));
  return parsed.intention;
};

/** All messages of a refusal, and that each has the code `exit`. */
const refusal = (parsed: Parsed, exit: number = EXIT.usage): string => {
  if (parsed.kind !== 'refused') throw new Error(`not refused: ${JSON.stringify(parsed)}`);
  for (const failure of parsed.failures) expect(failure.exit).toBe(exit);
  return parsed.failures
    .map(({ what, where, expected, next }) => [what, where?.name, expected, next].join(' | '))
    .join('\n');
};

describe('the reference flags keep their names and defaults', () => {
  it('has the defaults of the reference', () => {
    expect(intend('--spec a').settings).toMatchObject({
      maxIterations: 50,
      delayMs: 5000,
      backend: null,
      assignBackend: null,
      assignOpencodeAgent: 'gawain',
      tmuxSession: null,
      workdir: null,
      timeoutMs: 7_200_000,
      stallTimeoutMs: 1_800_000,
      limitMarginMs: 60_000,
      maxAttempts: 3,
      maxFollowUps: 3,
      keepWindows: 10,
      onFail: 'stop',
      onMissingSignal: 'follow-up',
      assign: 'all',
      granularity: 'group',
      dialect: null,
      writeTasks: true,
      noTmux: false,
    });
  });

  it('reads every one of them', () => {
    const { settings, spec, origins } = intend(
      '--spec a/b --max-iterations 7 --delay 0.25 --backend codex --assign-backend claude --assign-opencode-agent x --tmux-session s --workdir w',
    );
    expect(spec).toBe('a/b');
    expect(settings).toMatchObject({ maxIterations: 7, delayMs: 250, backend: 'codex', assignBackend: 'claude' });
    expect(settings).toMatchObject({ assignOpencodeAgent: 'x', tmuxSession: 's', workdir: 'w' });
    expect(origins).toMatchObject({ delay: 'flag', spec: 'flag' });
    expect(origins).not.toHaveProperty('timeout');
  });

  it('takes the last of a repeated flag and collects ids', () => {
    expect(intend('--spec a --delay 1 --delay=2').settings.delayMs).toBe(2000);
    expect(intend('--spec a --only 1,2.10 --only 1.10').settings.only).toEqual(['1', '2.10', '1.10']);
  });
});

describe('commands', () => {
  it.each([
    ['run --spec a', { command: 'run' }],
    ['plan a', { command: 'plan', spec: 'a' }],
    ['plan --spec a', { command: 'plan', spec: 'a' }],
    ['--dry-run --spec a', { command: 'plan' }],
    ['--resume --spec a', { command: 'resume', answer: null }],
    ['resume --answer Yes --spec a', { command: 'resume', answer: 'Yes' }],
    ['why --spec a', { command: 'why', unit: null }],
    ['why 1.10 --spec a', { command: 'why', unit: '1.10' }],
    ['attach --spec a 2', { command: 'attach', unit: '2' }],
    ['logs 1.10 --spec a', { command: 'logs', unit: '1.10' }],
    ['receipt 2 --spec a', { command: 'receipt', unit: '2' }],
    ['retry 2 --spec a', { command: 'retry', unit: '2' }],
    ['skip -- #3', { command: 'skip', unit: '#3' }],
    ['accept 1.10 2,3 --spec a', { command: 'accept', units: ['1.10', '2', '3'] }],
    ['follow 2 more --spec a', { command: 'follow', unit: '2', text: 'more' }],
    ['approve 2 --spec a', { command: 'approve', unit: '2', text: null }],
    ['approve 2 fine --spec a', { command: 'approve', unit: '2', text: 'fine' }],
    ['reject 2 --spec a -- --bad', { command: 'reject', unit: '2', text: '--bad' }],
    ['reset --spec a', { command: 'reset', unit: null }],
    ['stop --now --spec a', { command: 'stop', now: true }],
    ['stop --spec a', { command: 'stop', now: false }],
    ['status --spec a', { command: 'status', watch: false }],
    ['status --watch --spec a', { command: 'status', watch: true }],
  ])('%s', (words, expected) => {
    expect(intend(words, { env: { SEQRUN_SPEC: 'a' } })).toMatchObject(expected);
  });

  it.each([
    ['stats --spec a', /no command "stats".*did you mean status\?/],
    ['./specs/a', /no command.*seqrun --spec \.\/specs\/a/],
    ['logs --spec a', /logs needs the id of a unit.*seqrun logs <unit>/],
    ['follow --spec a', /follow needs the id of a unit.*seqrun follow 2 "also add a test"/],
    ['follow 2 --spec a', /follow needs words for the agent.*seqrun follow 2 "/],
    ['reject 3 --spec a', /reject needs words for the agent.*seqrun reject 3 "the error case has no test"/],
    ['reject 3 no tests --spec a', /in several words.*seqrun reject 3 'no tests'/],
    ['approve 3 it is fine --spec a', /in several words.*seqrun approve 3 'it is fine'/],
    ['run 3 --spec a', /run got "3".*--only 3/],
    ['run 3.1 T004 --spec a', /run got "3.1".*--only 3.1,T004/],
    ['run .kiro/specs/cart', /run got ".kiro\/specs\/cart".*seqrun --spec \.kiro\/specs\/cart$/],
    ['run cart 2', /seqrun --spec cart --only 2$/],
    ['status 3 --spec a', /status got "3"/],
    ['plan a --spec b', /plan got two specs/],
    ['status --resume --spec a', /--resume does not go with status/],
    ['retry 2 --dry-run --spec a', /--dry-run does not go with retry/],
    ['--answer x --spec a', /--answer belongs to resume/],
    ['--now --spec a', /--now belongs to stop/],
  ])('refuses %s', (words, message) => {
    expect(refusal(parse(words))).toMatch(message);
  });

  it('names the specs it sees when none is given', () => {
    const nearby = ['.kiro/specs/cart', '.kiro/specs/login'];
    expect(refusal(parse('', { nearby }))).toMatch(
      /no spec is named.*--spec \.kiro\/specs\/cart \(also here: .*login\)/,
    );
    expect(refusal(parse('logs 2', { nearby }))).toMatch(/seqrun logs 2 --spec/);
    expect(refusal(parse('plan', { nearby }))).toMatch(/seqrun plan --spec/);
  });

  it('gives help and version whatever else is typed', () => {
    expect(parse('--delya -h').kind).toBe('help');
    expect(parse('logs --help').kind).toBe('help');
    expect(parse('help').kind).toBe('help');
    expect(parse('--version').kind).toBe('version');
  });
});

describe('Q-2.31: usage errors have a code of their own, 64, and name what was meant', () => {
  it.each([
    ['--delya 3 --spec a', /no flag --delya.*did you mean --delay\?/],
    ['--onFail skip --spec a', /did you mean --on-fail\?/],
    ['--max_iterations 3 --spec a', /did you mean --max-iterations\?/],
    ['-x --spec a', /no flag -x/],
    ['--no-spec --spec a', /no flag --no-spec/],
    ['--spec', /--spec has no value.*--spec DIR/],
    ['--spec --json', /--spec has no value/],
    ['--spec=', /--spec got ""/],
    ['--spec a --backend codx', /one of .*did you mean codex\?/],
    ['--spec a --on-fail explode', /--on-fail got "explode".*stop, skip, halt/],
    ['--spec a --no-tmux=maybe', /--no-tmux got "maybe".*true or false/],
    ['--spec a --only 1,,2', /--only got/],
  ])('%s', (words, message) => {
    expect(refusal(parse(words))).toMatch(message);
  });

  it('reports everything that is wrong at once', () => {
    const text = refusal(parse('--spec a --delay x --timeout 5', { env: { SEQRUN_MAX_ATTEMPTS: '0' } }));
    expect(text).toMatch(/--delay got "x"[\s\S]*--timeout got "5"[\s\S]*SEQRUN_MAX_ATTEMPTS is "0"/);
  });
});

describe('Q-2.48: numbers and times are checked', () => {
  it.each(['-1', 'NaN', 'Infinity', '-Infinity', '1e3', '0x10', '5s', ' ', '604801', '9'.repeat(400)])(
    '--delay %s',
    value => {
      expect(refusal(parseArgv(['--spec', 'a', `--delay=${value}`]))).toMatch(
        /--delay got .*number of seconds from 0 to 604800.*--delay 15/,
      );
    },
  );

  it('takes a negative number after a space as the value', () => {
    expect(refusal(parse('--spec a --delay -5'))).toMatch(/--delay got "-5"/);
  });

  it.each(['0', '-3', '1.5', 'NaN', 'Infinity', 'many', '1000001'])('--max-iterations %s', value => {
    expect(refusal(parse(`--spec a --max-iterations=${value}`))).toMatch(/whole number from 1 to/);
  });

  it.each(['5', '7200000', '0s', '1h30', '30m1h', '-1h', '1.5h', 'h', '2 h', '1w', '400d'])('--timeout %s', value => {
    expect(refusal(parseArgv(['--spec', 'a', `--timeout=${value}`]))).toMatch(
      /--timeout got .*a time .*with its unit.*--timeout 90m/,
    );
  });

  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['500ms', 500],
    ['1m30s', 90_000],
  ])('--timeout %s', (value, ms) => {
    expect(intend(`--spec a --timeout ${value}`).settings.timeoutMs).toBe(ms);
  });
});

describe('contradictions', () => {
  it.each([
    ['--quiet --verbose'],
    ['--resume --fresh'],
    ['resume --fresh'],
    ['--fresh --adopt-state'],
    ['--resume --dry-run'],
    ['--only 1 --from 2'],
    ['--only 1 --until 2'],
    ['--assign all --no-assign'],
    ['--backend codex --command true'],
    ['--no-tmux --tmux-session s'],
  ])('%s', words => {
    expect(refusal(parse(`${words} --spec a`))).toMatch(/contradict each other/);
  });

  it('lets a higher source win over the other side in a lower one', () => {
    expect(intend('--spec a --verbose', { env: { SEQRUN_QUIET: '1' } }).settings).toMatchObject({
      quiet: false,
      verbose: true,
    });
    const config = { command: ['my-agent'] };
    expect(intend('--spec a --backend codex', { config }).settings).toMatchObject({
      backend: 'codex',
      commandTemplate: null,
    });
    expect(intend('--spec a --command x', { config: { backend: 'codex' } }).settings.backend).toBe('command');
    expect(intend('--spec a --assign each', { config: { noAssign: true } }).settings.assign).toBe('each');
    expect(intend('--spec a --quiet=false', { config: { quiet: true } }).settings.quiet).toBe(false);
  });

  it('takes words that agree', () => {
    expect(intend('--spec a --assign none --no-assign').settings.assign).toBe('none');
    expect(intend('--spec a --backend command --command x').settings).toMatchObject({ commandTemplate: ['x'] });
  });
});

describe('agents', () => {
  it.each(['opencode', 'codex', 'claude', 'gemini'])('%s can be asked for, by either flag', name => {
    expect(intend(`--spec a --backend ${name}`).settings.backend).toBe(name);
    expect(intend(`--spec a --assign-backend ${name}`).settings.assignBackend).toBe(name);
  });

  it('needs a command for --backend command', () => {
    expect(refusal(parse('--spec a --backend command'))).toMatch(/no command to run/);
  });

  it('takes the ways to go on without a signal', () => {
    expect(intend('--spec a --on-missing-signal fail').settings.onMissingSignal).toBe('fail');
  });
});

describe('what counts as done', () => {
  const proof = (argv: string[], given: Given = {}) => {
    const parsed = parseArgv(['--spec', 'a', ...argv], given);
    if (parsed.kind !== 'intention') throw new Error(JSON.stringify(parsed));
    return parsed.intention.settings;
  };
  const gates = (argv: string[], given: Given = {}) =>
    proof(argv, given).gates.map(({ name, command, timeoutMs }) => [name, command, timeoutMs / 60_000]);

  it('has defaults: the signal, and each gate that there is', () => {
    const common = { baseline: 'require', review: 'none', git: 'note', allowTaskCommands: false };
    expect(proof([])).toMatchObject({ ...common, gates: [], require: ['signal'] });
    expect(proof(['--verify', 'x'])).toMatchObject({ ...common, require: ['signal', 'verify'] });
    expect(proof(['--allow-task-commands']).require).toEqual(['signal', 'verify']);
  });

  it('takes each --verify as one command, whatever is in it', () => {
    expect(gates(['--verify', 'npm test, a', '--verify="a b" && "c"', '--verify=-x'])).toEqual([
      ['verify', 'npm test, a', 30],
      ['verify-2', '"a b" && "c"', 30],
      ['verify-3', '-x', 30],
    ]);
    expect(gates([], { env: { SEQRUN_VERIFY: 'make a, b', SEQRUN_VERIFY_TIMEOUT: '2m' } })).toEqual([
      ['verify', 'make a, b', 2],
    ]);
    expect(proof(['--verify', 'x']).gates[0]).toMatchObject({ from: 'user' });
  });

  it('lets flags replace the gates of the config file, and gives those without a time theirs', () => {
    const config = { verify: { test: { command: 'npm test', timeout: '10m' }, lint: 'biome' }, verifyTimeout: '5m' };
    expect(gates([], { config })).toEqual([
      ['lint', 'biome', 5],
      ['test', 'npm test', 10],
    ]);
    expect(gates(['--verify', 'x', '--verify-timeout', '1m'], { config })).toEqual([['verify', 'x', 1]]);
  });

  it('requires what is said, and always the gates that are set', () => {
    expect(proof(['--require', 'change,signal']).require).toEqual(['signal', 'change']);
    expect(proof(['--require', 'signal', '--require', 'change', '--verify', 'x']).require).toEqual([
      'signal',
      'verify',
      'change',
    ]);
    expect(proof([], { config: { require: ['verify'], verify: 'x' } }).require).toEqual(['verify']);
    expect(proof(['--on-missing-signal', 'done', '--verify', 'x'])).toMatchObject({
      require: ['verify'],
      onMissingSignal: 'done',
    });
    expect(proof(['--require', 'verify', '--allow-task-commands']).require).toEqual(['verify']);
  });

  it('stops for reviews of all units, or of checkpoints; a higher source wins', () => {
    expect(proof(['--review']).review).toBe('all');
    expect(proof(['--stop-at-checkpoints'], { config: { review: true } }).review).toBe('checkpoints');
    expect(proof(['--git', 'check', '--baseline', 'off'])).toMatchObject({ git: 'check', baseline: 'off' });
  });

  it.each([
    ['--verify=', /--verify got "".*a command for sh.*--verify "npm test"/],
    ['--verify= ', /--verify got " "/],
    ['--verify=a\0b', /--verify got/],
    ['--verify-timeout=0s', /--verify-timeout got "0s".*with its unit/],
    ['--baseline=on', /--baseline got "on".*off, require, ignore, halt/],
    ['--require=signal,sginal', /--require got .*some of signal, verify, change.*did you mean signal\?/],
    ['--require=', /--require got ""/],
    ['--require=change', /asks for no evidence.*--require signal,change/],
    ['--require=verify', /--require verify has no gate to run.*--verify "npm test"/],
    ['--require=signal,verify,change', /has no gate to run/],
    ['--on-missing-signal=done', /--on-missing-signal done has no gate: nothing would check.*--verify "npm test"/],
    ['--on-missing-signal=done --verify=x --require=signal,change', /contradict each other.*--require change/],
    ['--review --stop-at-checkpoints', /contradict each other/],
  ])('refuses %s', (words, message) => {
    const argv = words === '--verify= ' ? [words] : words.split(' ');
    expect(refusal(parseArgv(['--spec', 'a', ...argv]))).toMatch(message);
  });

  it('does not keep anybody from looking', () => {
    const config = { require: ['verify'] };
    for (const words of ['status', 'why', 'receipt 1', 'accept 1']) {
      expect(parse(`${words} --spec a`, { config }).kind).toBe('intention');
    }
    for (const words of ['', 'plan', 'resume']) {
      expect(refusal(parse(`${words} --spec a`, { config }))).toMatch(/has no gate to run/);
    }
  });

  it('refuses a gate that nobody waits for, in a plan as in a run', () => {
    const config = { verify: './check &' };
    for (const words of ['', 'plan', '--dry-run', 'resume']) {
      expect(refusal(parse(`${words} --spec a`, { config }))).toMatch(
        /gate verify .* ends with "&": .*--verify \.\/check/,
      );
    }
    expect(parse('status --spec a', { config }).kind).toBe('intention');
  });

  it('is named again in the commands that a user copies', () => {
    const parsed = parseArgv(
      ['--spec', 'a', '--verify', 'npm test', '--verify', 'x', '--verify-timeout=5m', '--require=change,signal'].concat(
        ['--review=false', '--git', 'off'],
      ),
    );
    if (parsed.kind !== 'intention') throw new Error('refused');
    expect(bothWords(parsed.intention, []).run).toBe(
      "--spec a --verify 'npm test' --verify x --verify-timeout 5m --require change,signal --review=false --git off",
    );
  });
});

describe('environment', () => {
  it('has a variable for every flag', () => {
    const env = {
      SEQRUN_SPEC: 'a',
      SEQRUN_DELAY: '1.5',
      SEQRUN_NO_TMUX: 'yes',
      SEQRUN_ONLY: '1,2',
      SEQRUN_ON_FAIL: 'skip',
    };
    const { spec, settings, origins } = intend('', { env });
    expect(spec).toBe('a');
    expect(settings).toMatchObject({ delayMs: 1500, noTmux: true, only: ['1', '2'], onFail: 'skip' });
    expect(origins).toMatchObject({ spec: 'env', delay: 'env' });
  });

  it('stands between flags and config', () => {
    const config = { delay: 1, maxAttempts: 9, timeout: '1h' };
    const env = { SEQRUN_DELAY: '2', SEQRUN_TIMEOUT: '' };
    expect(intend('--spec a --delay 3', { env, config }).settings.delayMs).toBe(3000);
    const { settings, origins } = intend('--spec a', { env, config });
    expect(settings).toMatchObject({ delayMs: 2000, maxAttempts: 9, timeoutMs: 3_600_000 });
    expect(origins).toMatchObject({ delay: 'env', 'max-attempts': 'config' });
  });

  it('takes --resume and --dry-run for what they stand for, on run alone', () => {
    expect(intend('', { env: { SEQRUN_SPEC: 'a', SEQRUN_DRY_RUN: '1' } }).command).toBe('plan');
    expect(intend('status', { env: { SEQRUN_SPEC: 'a', SEQRUN_DRY_RUN: '1' } }).command).toBe('status');
  });

  it('refuses a bad value by the name of its variable', () => {
    expect(refusal(parse('--spec a', { env: { SEQRUN_JSON: 'maybe' } }))).toMatch(
      /SEQRUN_JSON is "maybe".*true or false.*SEQRUN_JSON=1/,
    );
  });

  it('notes a misspelt variable and leaves the marks of jobs alone', () => {
    const { notes } = intend('--spec a', { env: { SEQRUN_DELEY: '3', SEQRUN_RUN_ID: 'x', SEQRUN_TEST_LONG: '1' } });
    expect(notes).toEqual([expect.stringMatching(/SEQRUN_DELEY.*did you mean SEQRUN_DELAY/)]);
  });

  it('Q-2.30: CODEX_TIMEOUT is always milliseconds, said so, and below --timeout', () => {
    const { settings, notes } = intend('--spec a', { env: { CODEX_TIMEOUT: '9000' } });
    expect(settings.timeoutMs).toBe(9000);
    expect(notes).toEqual([expect.stringMatching(/time limit 9s from CODEX_TIMEOUT \(always milliseconds/)]);
    expect(intend('--spec a', { env: { CODEX_TIMEOUT: '600' } }).settings.timeoutMs).toBe(1000);
    expect(intend('--spec a --timeout 5m', { env: { CODEX_TIMEOUT: '9000' } }).settings.timeoutMs).toBe(300_000);
    expect(intend('--spec a', { env: { CODEX_TIMEOUT: '9000' }, config: { timeout: '5m' } }).settings.timeoutMs).toBe(
      9000,
    );
    for (const bad of ['2h', '-1', '0', 'NaN']) {
      expect(refusal(parse('--spec a', { env: { CODEX_TIMEOUT: bad } }))).toMatch(/CODEX_TIMEOUT is .*milliseconds/);
    }
  });

  it('honours the variables of the older tools', () => {
    for (const on of ['1', 'true', 'YES', 'on']) {
      expect(intend('--spec a', { env: { CODEAGENT_NO_TMUX: on } }).settings.noTmux).toBe(true);
    }
    for (const off of ['0', 'false', '', 'maybe']) {
      expect(intend('--spec a', { env: { CODEAGENT_NO_TMUX: off } }).settings.noTmux).toBe(false);
    }
    expect(intend('--spec a', { env: { CODEAGENT_NO_TMUX: '1', SEQRUN_NO_TMUX: '0' } }).settings.noTmux).toBe(false);
    const env = { CODEAGENT_OPENCODE_AGENT: 'x', CODEAGENT_OPENCODE_MODEL: 'y' };
    expect(intend('--spec a', { env }).settings).toMatchObject({ opencodeAgent: 'x', opencodeModel: 'y' });
  });
});

describe('without --spec', () => {
  const one = { nearby: ['.kiro/specs/my cart'] };
  it.each(['status', 'why 1', 'logs 1', 'receipt 1', 'attach', 'stop --now', 'plan', '--dry-run'])(
    '"%s" takes the only spec nearby, and says so',
    words => {
      const { spec, notes, origins } = intend(words, one);
      expect([spec, origins.spec, notes]).toEqual([
        '.kiro/specs/my cart',
        'flag',
        ["the only spec in the usual folders: --spec '.kiro/specs/my cart'"],
      ]);
    },
  );
  it.each(['', 'resume', 'accept 1', 'skip 1', 'retry 1', 'reset'])('"%s" does not', words => {
    expect(refusal(parse(words, one))).toMatch(/no spec is named.*--spec '\.kiro\/specs\/my cart'/);
  });
  it('takes none of two, and the one of the config file before any', () => {
    expect(refusal(parse('status', { nearby: ['a', 'b'] }))).toMatch(/no spec is named/);
    // It has something to say all the same.
    expect(intend('doctor', { nearby: ['a', 'b'] })).toMatchObject({ command: 'doctor', named: false, spec: '.' });
    expect(intend('doctor', { nearby: ['a'] })).toMatchObject({ command: 'doctor', named: true, spec: 'a' });
    const named = intend('status', { ...one, config: { spec: '/repo/specs/b' } });
    expect([named.spec, named.notes]).toEqual(['/repo/specs/b', []]);
  });
});

describe('inside a job', () => {
  const env = { SEQRUN_START: 'mark' };

  it.each([
    'accept 1',
    'follow 1 x',
    'approve 1',
    'reject 1 x',
    'skip 1',
    'retry 1',
    'reset',
    'resume',
    '--resume',
    '--fresh',
    '--accept-config',
    '--adopt-state',
    '--break-lock',
  ])('refuses %s', words => {
    expect(refusal(parse(`${words} --spec a`, { env }))).toMatch(/a person's decision/);
  });

  it('knows a job by either of its variables', () => {
    expect(refusal(parse('accept 1 --spec a', { env: { SEQRUN: '1' } }))).toMatch(/a person's decision/);
  });

  it.each([
    ['environment', /environment of process 7/],
    ['limit', /limit of file locks of process 7/],
  ] as const)('knows one that has cleared its environment by the %s above it', (by, where) => {
    const within = { pid: 7, by };
    for (const words of ['accept 1', 'skip 1', '--fresh', '--resume']) {
      expect(refusal(parse(`${words} --spec a`, { within }))).toMatch(/a person's decision/);
      expect(refusal(parse(`${words} --spec a`, { within }))).toMatch(where);
    }
    expect(parse('status --spec a', { within }).kind).toBe('intention');
  });

  it.each(['status', 'why', 'plan', 'logs 1', 'stop', ''])('lets "%s" through', words => {
    expect(parse(`${words} --spec a`, { env }).kind).toBe('intention');
  });
});

describe('a broken config file', () => {
  it('stops a run and not a look at it', () => {
    expect(refusal(parse('--spec a', { config: '{' }))).toMatch(/not valid JSON/);
    expect(refusal(parse('retry 1 --spec a', { config: '{' }))).toMatch(/not valid JSON/);
    for (const words of ['status', 'why', 'stop --now', 'logs 1', 'attach', 'receipt 1']) {
      expect(intend(`${words} --spec a`, { config: '{' }).notes).toEqual([
        expect.stringMatching(/config file ignored/),
      ]);
    }
  });
});
