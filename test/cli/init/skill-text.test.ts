// The agent skill says of every command that a person decides with that it is the user's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { COMMAND_NAMES, commandRow } from '../../../src/cli/command-table.ts';

it('every command that a person decides with is among those to ask for', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../templates/skill/SKILL.md'), 'utf8');
  const [rule] = /^4\. .*?(?=\n\n)/ms.exec(text)!;
  const told = [...rule.matchAll(/`([a-z ]+)`/g)].map(([, command]) => command!);
  const wanted = COMMAND_NAMES.flatMap(name => {
    const { decides } = commandRow(name);
    return decides === true ? [name as string] : (decides ?? []).map(action => `${name} ${action}`);
  });
  expect(told.sort()).toEqual(wanted.sort());
});
