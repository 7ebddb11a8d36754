// `seqrun history`: the runs of a spec since its journal began. Needs no lock.
import { readJournal } from '../../compose/look.ts';
import { pastRuns } from '../../core/runs.ts';
import { withSpec } from '../../core/with-spec.ts';
import { historyLines, historyObject } from '../history-view.ts';
import { lastHeard } from '../last-heard.ts';
import { localTimes } from '../local-time.ts';
import { lookAt } from '../look.ts';
import type { CommandModule } from '../main.ts';
import { bothWords } from '../spec-words.ts';

export const run: CommandModule['run'] = async (intention, io) => {
  const looked = await lookAt(intention, io);
  if ('exit' in looked) {
    io.console.fail(looked);
    return looked.exit;
  }
  const { places, runner, state } = looked;
  const reading = await readJournal(places.journal);
  const events = reading.kind === 'read' ? reading.events : [];
  const runs = pastRuns(events);
  const aliveRun = runner?.run ?? null;
  if (intention.settings.json) io.console.json(historyObject({ runs, aliveRun }), 2);
  else {
    const words = bothWords(intention, state.run?.words ?? []);
    const lines = historyLines({ runs, aliveRun, nowMs: Date.now(), heardMs: await lastHeard(events, runs) });
    for (const line of lines) io.console.out(localTimes(withSpec(line, words)));
    if (runs.length === 0) io.console.say('no run of this spec is known here: its journal has none');
  }
  return 0;
};
