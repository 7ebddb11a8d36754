import { describe, expect, test } from 'vitest';
import { COMMAND_NAMES } from '../../../src/cli/command-table.ts';
import { wantedAt } from '../../../src/cli/completion/wanted.ts';

/** What is offered, by the tables and by the name of what is looked up. */
const offered = (line: string) => {
  const { candidates, lookup, prefix, begun } = wantedAt(line.split(' '));
  const words = candidates.map(({ word }) => word).filter(word => word.startsWith(begun));
  return [...words, ...(lookup === null ? [] : [`<${lookup}>`])].map(word => prefix + word);
};

describe('what fits at the cursor', () => {
  test.each<[string, string[]]>([
    ['', [...COMMAND_NAMES]],
    ['sta', ['status']],
    ['nonsense ', []],
    ['--del', ['--delay']],
    ['--delay ', []],
    ['--backend ge', ['gemini', '<agents>']],
    ['--backend=ge', ['--backend=gemini', '--backend=<agents>']],
    ['--on-fail ', ['stop', 'skip', 'halt']],
    ['--require signal,ch', ['signal,change']],
    ['--only 2,', ['2,<units>']],
    ['--only=2,3', ['--only=2,<units>']],
    ['--from ', ['<units>']],
    ['--spec ', ['<specs>']],
    ['plan --spec ', ['<specs>']],
    ['--spec x pl', ['plan']],
    ['--workdir ', ['<folders>']],
    ['--config ', ['<files>']],
    ['why ', ['<units>']],
    ['why 2 ', []],
    ['retry ', ['<units>']],
    ['accept 2 ', ['<units>']],
    ['checkpoint re', ['restore']],
    ['checkpoint restore ', ['<checkpoints>']],
    ['checkpoint list ', []],
    ['todos import ', ['<files>']],
    ['stop --', ['--spec', '--now', '--workdir', '--help']],
    ['--json -- ', []],
    ['--nonsense=', []],
  ])('%j', (line, expected) => {
    const found = offered(line);
    if (line === 'stop --') expect(found.toSorted()).toEqual(expected.toSorted());
    else expect(found).toEqual(expected);
  });

  test('a flag that is there is not offered again, unless it adds up', () => {
    const found = offered('--json --verify true --delay 1 --');
    expect(found).not.toContain('--json');
    expect(found).not.toContain('--delay');
    expect(found).toContain('--verify');
  });

  test('flags of another command are not offered', () => {
    expect(offered('--')).not.toContain('--now');
    expect(offered('--')).not.toContain('--agents');
    expect(offered('status --')).not.toContain('--verify');
  });

  test('the spec that was typed is known', () => {
    expect(wantedAt(['why', '--spec', 'a b', '']).typed.spec).toBe('a b');
    expect(wantedAt(['why', '--spec=a', '']).typed.spec).toBe('a');
  });
});
