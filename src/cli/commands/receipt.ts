// `seqrun receipt <unit>`: the outcome of the unit's last start and what it rests on.

import { receiptOf } from '../../core/receipt.ts';
import { durationWords, moneyWords, outcomeWords } from '../../core/words.ts';
import type { Intention } from '../intention.ts';
import { lookAt } from '../look.ts';
import type { Io } from '../main.ts';
import { lastStartOf } from '../which-unit.ts';

export const run = async (intention: Intention, io: Io): Promise<number> => {
  const looked = await lookAt(intention, io);
  const found =
    'exit' in looked ? looked : lastStartOf(looked.state, intention.command === 'receipt' ? intention.unit : '');
  if ('exit' in looked || 'exit' in found) {
    const failure = 'exit' in looked ? looked : (found as Extract<typeof found, { exit: unknown }>);
    io.console.fail(failure);
    return failure.exit;
  }
  const { start } = found;
  if (intention.settings.json) {
    io.console.json(receiptOf(looked.state, start, looked.places.specName), 2);
    return 0;
  }
  const { console } = io;
  console.out(
    `unit ${start.unit ?? '(assignment)'}, start ${start.n}${start.iteration ? `, iteration ${start.iteration}` : ''} on ${start.agent}${start.model ? ` (${start.model})` : ''}`,
  );
  console.out(`outcome: ${start.outcome ? outcomeWords(start.outcome) : 'still open'}`);
  for (const line of start.evidence) console.out(`  ${line}`);
  if (start.endedAtMs !== null)
    console.out(
      `time: ${new Date(start.intendedAtMs).toISOString()}, ${durationWords(start.endedAtMs - start.intendedAtMs)}`,
    );
  if (start.usage)
    console.out(
      `tokens: ${start.usage.inputTokens} in (${start.usage.cachedInputTokens} cached), ${start.usage.outputTokens} out${start.usage.costUsd === null ? '' : `, ${moneyWords(start.usage.costUsd)}`}`,
    );
  if (start.session) console.out(`agent session: ${start.session}`);
  console.out(`files: ${start.folder}`);
  return 0;
};
