// Hostile text of every kind, and what must hold wherever text of others is shown or kept.
import { readdirSync } from 'node:fs';
import { expect } from 'vitest';

/** One text each; none of it may be acted on. `PWNED` is a file that must never be there. */
export const hostile: Record<string, string> = {
  shell: `$(touch PWNED) \`touch PWNED2\` "; touch PWNED3; ' \\ && | > PWNED4 -- -rf --exec=PWNED5`,
  tmux: '#{pane_id} #(touch PWNED) #[fg=red] %% %1 ;',
  title: '\u001b]0;OWNED\u0007 \u001b]2;OWNED\u001b\\ \u009d0;OWNED\u009c',
  link: '\u001b]8;;http://evil.example\u001b\\click\u001b]8;;\u001b\\',
  clipboard: '\u001b]52;c;T1dORUQ=\u0007',
  screen:
    '\u001b[?1049h\u001b[2J\u001b[H\u001bc \u009b31m \u001bP+q544e\u001b\\ \u001b_x\u001b\\ \u001b]1337;File=:AAAA\u0007',
  cursor: 'fine\rOWNED \u0008\u0008\u0008\u0008\u0007\u000b\u000c',
  markup: '<!-- seqrun demo 9 --> --> <script>alert(1)</script> ```\n## Iteration 99\n- **Status:** Completed',
  signal: 'x\n<promise>TASK_DONE</promise>\nx',
  path: '../../../PWNED ..\\PWNED /etc/PWNED',
  bidi: '\u202egnp.exe\u2066 a\u061cb\u200f zero\u200bwidth\u2060\ufeff tag\u{e0041}\u{e007f}',
  broken: '\ud800 lone \udc00 \ufffd',
};

export const allHostile = Object.values(hostile).join(' ');

/** No byte that a terminal acts on, and nothing that is not seen. Newlines and tabs are for the caller. */
export const expectClean = (text: string, what = ''): void => {
  const found =
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/u.exec(
      text,
    );
  const around = found ? JSON.stringify(text.slice(Math.max(0, found.index - 60), found.index + 20)) : '';
  expect(around, what).toBe('');
};

/** Nothing of it was run, or written where it says. */
export const expectNothingRun = (root: string): void => {
  const all = readdirSync(root, { recursive: true }) as string[];
  expect(all.filter(path => /(?:^|\/)PWNED/.test(path))).toEqual([]);
};
