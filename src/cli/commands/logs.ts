// `seqrun logs <unit>`: the readable rendering of the unit's last start, the same text as in its window.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StartRecord } from '../../core/state.ts';
import type { Intention } from '../intention.ts';
import { lookAt } from '../look.ts';
import type { Io } from '../main.ts';
import { lastStartOf } from '../which-unit.ts';

export const run = async (intention: Intention, io: Io): Promise<number> => {
  const looked = await lookAt(intention, io);
  const found =
    'exit' in looked ? looked : lastStartOf(looked.state, intention.command === 'logs' ? intention.unit : '');
  if ('exit' in found) {
    io.console.fail(found);
    return found.exit;
  }
  const { start } = found;
  io.console.say(`start ${start.n}, ${whoWords(start)}; raw files in ${start.folder}`);
  const path = join(start.folder, 'view.log');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) {
    io.console.fail({
      exit: 66,
      what: 'the log of this start is gone',
      where: { name: path },
      expected: 'the folder of the start',
      next: null,
    });
    return 66;
  }
  io.console.text(text.replace(/\n$/, ''));
  return 0;
};

const whoWords = ({ kind, unit, gate, agent }: StartRecord): string => {
  if (kind === 'baseline') return `gate ${gate?.name} before the first unit`;
  return `${unit === null ? 'the assignment' : `unit ${unit}`}, on ${agent}`;
};
