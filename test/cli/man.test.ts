import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { COMMAND_NAMES } from '../../src/cli/command-table.ts';
import { FLAG_NAMES, flagOf } from '../../src/cli/flags.ts';
import { manText } from '../../src/cli/man.ts';

const page = manText('1.2.3');

describe('the manual page', () => {
  test('tells of every command and every flag, and of no key of the settings file alone', () => {
    for (const name of COMMAND_NAMES) expect(page).toMatch(new RegExp(`^\\.B ${name}\\b`, 'm'));
    for (const name of FLAG_NAMES) {
      const shown = `\\fB${`--${name}`.replaceAll('-', '\\-')}\\fR`;
      expect([name, page.includes(shown)]).toEqual([name, flagOf(name).where !== 'config']);
    }
  });

  test('has no line that roff would take for a request by mistake', () => {
    for (const line of page.split('\n')) expect(line).toMatch(/^(?:\.(?:TH|SH|SS|TP|B|I|BR|PP|nf|fi)\b|[^.']|$)/);
  });

  test.each([
    ['mandoc', ['-T', 'lint', '-W', 'warning']],
    ['groff', ['-man', '-ww', '-z', '-Tutf8']],
  ])('%s has no warning', (program, args) => {
    const { error, stdout, stderr } = spawnSync(program, args, { input: page, encoding: 'utf8' });
    if (error) {
      process.stderr.write(`${program} is not installed: the page is not read by it\n`);
      return;
    }
    // A date is left out on purpose.
    const said = `${stdout}${stderr}`.split('\n').filter(line => line !== '' && !/date/.test(line));
    expect(said).toEqual([]);
  });
});
