// Makes docs/pictures/*.svg from real runs: `npm run build && node scripts/pictures.mjs`. Plays an example in a private tmux server and
// draws what its pane shows. Times of day differ each time; nothing else does. The scratch folder is shown as /home/you.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import stringWidth from 'string-width';

const repo = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(repo, 'docs', 'pictures');
const columns = 100;
const rows = 26;

// --- A terminal of its own ---

const root = realpathSync(mkdtempSync(join(tmpdir(), 'sq-')));
const home = join(root, 'newsletter');
const env = {
  PATH: `${join(root, 'bin')}:${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
  HOME: root,
  XDG_STATE_HOME: join(root, 'state'),
  TMUX_TMPDIR: join(root, 'tmux'),
  TERM: 'xterm-256color',
  LANG: 'C.UTF-8',
  PS1: '$ ',
  GIT_CONFIG_GLOBAL: '/dev/null',
};
for (const name of ['bin', 'state', 'tmux']) mkdirSync(join(root, name), { mode: 0o700 });
cpSync(join(repo, 'examples', '03-a-bad-night'), home, { recursive: true });
writeFileSync(
  join(root, 'bin', 'seqrun'),
  `#!/bin/sh\nexec '${process.execPath}' '${join(repo, 'dist', 'seqrun.cjs')}' "$@"\n`,
);
chmodSync(join(root, 'bin', 'seqrun'), 0o755);
const call = (program, ...args) => execFileSync(program, args, { cwd: home, env, encoding: 'utf8', stdio: 'pipe' });
const pane = 'terminal:0.0';
const screen = () => call('tmux', 'capture-pane', '-e', '-p', '-t', pane).trimEnd();

/** The screen as soon as it shows this. */
const until = async (wanted, seconds = 60) => {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    const text = screen();
    if (wanted.test(plain(text))) return text;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error(`waited ${seconds} s for ${wanted}; the screen is\n${plain(screen())}`);
};
const type = async words => {
  call('tmux', 'send-keys', '-t', pane, '-l', 'clear');
  call('tmux', 'send-keys', '-t', pane, 'Enter');
  await until(/^\$$/);
  call('tmux', 'send-keys', '-t', pane, '-l', words);
  call('tmux', 'send-keys', '-t', pane, 'Enter');
};
const prompt = /\n\$$/;

// --- What it shows, as SVG ---

const plain = text => text.replace(/\x1b\[[\d;]*m/g, '');
const cell = 8.4;
const line = 18;
const colours = { 31: '#ff7b72', 32: '#7ee787', 33: '#e3b341', 34: '#79c0ff', 35: '#d2a8ff', 36: '#56d4dd' };
const xml = text => text.replace(/[&<>]/g, sign => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]);

/** A line as pieces of one style each, with the column at which each begins; `style` is the one in which the line begins. */
const piecesOf = (text, style) => {
  const pieces = [];
  let column = 0;
  for (const [, codes, words] of text.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
    if (words === undefined) {
      for (const code of (codes || '0').split(';').map(Number)) {
        if (code === 0) style = {};
        else if (code === 1) style = { ...style, bold: true };
        else if (code === 2) style = { ...style, dim: true };
        else if (code === 22) style = { ...style, bold: false, dim: false };
        else if (code === 39) style = { ...style, colour: undefined };
        else style = { ...style, colour: colours[code] ?? colours[code - 60] ?? style.colour };
      }
      continue;
    }
    // Each word stands in its own column, so that the font of whoever looks cannot shift what is below it.
    for (const { 0: word, index } of words.matchAll(/\S+(?: \S+)*/g)) {
      pieces.push({ ...style, column: column + stringWidth(words.slice(0, index)), words: word });
    }
    column += stringWidth(words);
  }
  return { pieces, style };
};

const svgOf = (text, title) => {
  const lines = text.replaceAll(root, '/home/you').split('\n');
  const [width, height] = [Math.ceil(columns * cell) + 32, lines.length * line + 32];
  // tmux tells a style once, however many lines have it.
  let style = {};
  const drawn = lines.flatMap((one, k) => {
    const read = piecesOf(one, style);
    style = read.style;
    return read.pieces.map(({ column, words, colour, bold, dim }) => {
      const place = `x="${(16 + column * cell).toFixed(1)}" y="${16 + line * k + 13}"`;
      const size = `textLength="${(stringWidth(words) * cell).toFixed(1)}"`;
      const look = `${colour ? ` fill="${colour}"` : ''}${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.65"' : ''}`;
      return `<text ${place} ${size}${look}>${xml(words)}</text>`;
    });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${xml(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#e6edf3">`,
    ...drawn,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
};

const draw = (name, title, text) => {
  // The prompt that came back is not part of it.
  const shown = text.replace(/\n\$ *$/, '');
  writeFileSync(join(target, `${name}.svg`), svgOf(shown, title));
  process.stderr.write(`docs/pictures/${name}.svg\n`);
};

// --- The pictures ---

const spec = '.kiro/specs/newsletter';
try {
  mkdirSync(target, { recursive: true });
  call('git', 'init', '-q', '-b', 'main');
  call('git', 'add', '-A');
  call('git', '-c', 'user.name=you', '-c', 'user.email=you@example.invalid', 'commit', '-qm', 'Newsletter');
  call(
    'tmux',
    '-f',
    '/dev/null',
    'new-session',
    '-d',
    '-s',
    'terminal',
    '-x',
    `${columns}`,
    '-y',
    `${rows}`,
    'sh',
    '-i',
  );
  call('tmux', 'set-option', '-g', 'status', 'off');
  await until(/\$$/);
  await type(`seqrun --spec ${spec} --backend rehearsal --no-write-tasks=false --delay 1`);
  draw('wait', 'A run that waits until a usage limit is over', await until(/left: [^\n]*limited/));
  draw(
    'run',
    'A run in its terminal, with the plan below',
    await until(/▶ [345][^\n]*\n +(?:now|\d+ s ago): (?!- rehearsal)/),
  );
  draw('halt', 'The end of a run that needs a person', await until(prompt));
  await type(`seqrun status --spec ${spec}`);
  draw('status', 'seqrun status', await until(prompt));
  await type(`seqrun why 4 --spec ${spec}`);
  draw('why', 'seqrun why 4', await until(prompt));
  await type(`seqrun resume --spec ${spec} --answer "The one of the town hall" --no-write-tasks=false --delay 1`);
  draw('end', 'The end of a run', await until(prompt));
} finally {
  try {
    call('tmux', 'kill-server');
  } catch {
    // It was not begun.
  }
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}
