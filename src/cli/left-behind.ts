// Ends an agent whose runner is gone: takes the spec, ends the tree, records what is known, starts nothing.
import { agentBook, agentOptions, createJobs, openDesk, publisherOf, systemClock } from '../compose.ts';
import { ended, neverStarted } from '../core/transition.ts';
import { registryOf } from './backend.ts';
import type { Intention } from './intention.ts';
import type { Io } from './main.ts';
import { planOptionsOf } from './plan-options.ts';
import { takeSpec } from './take.ts';

/** Exit code 0 when nothing of the open start lives any more. */
export const endLeftBehind = async (intention: Intention, io: Io): Promise<number> => {
  const taken = await takeSpec(intention, io, crypto.randomUUID());
  if ('exit' in taken) {
    io.console.fail(taken);
    return taken.exit;
  }
  try {
    const { state, places } = taken;
    const { open } = state;
    if (!open) {
      io.console.say('nothing is running any more');
      return 0;
    }
    const agentNamed = agentBook(agentOptions(registryOf(intention.settings, open.agent)));
    const jobs = createJobs({
      startsDir: places.starts,
      agentNamed,
      transport: 'plain',
      tmux: null,
      callerEnv: io.env,
      clock: systemClock(),
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
    const desk = openDesk(taken.tasksPath, planOptionsOf(intention.settings), intention.settings);
    const ref = {
      n: open.n,
      unit: open.unit,
      kind: open.kind,
      mark: open.mark,
      folder: open.folder,
      agent: open.agent,
    };
    const seen = await jobs.reconcile(ref);
    if (seen.kind === 'alive')
      await taken.append({ type: 'start.ending', n: open.n, because: 'stopped', by: 'person' }, { flush: 'now' });
    const boxes = await desk.boxChanges(state);
    if (seen.kind === 'not_started') await taken.append(neverStarted(open, seen, boxes), { flush: 'now' });
    else {
      const report = seen.kind === 'alive' ? await jobs.end(ref) : seen.report;
      const body = ended(state, open, {
        seen: report,
        agent: agentNamed(open.agent),
        boxes: await desk.boxChanges(state),
        config: null,
        durationMs: report.endedAtMs - report.startedAtMs,
      });
      await taken.append(body, { flush: 'now' });
    }
    // The run that its runner could not end any more: progress gets its footer, status its reason.
    const how = seen.kind === 'alive' ? 'was ended with seqrun stop --now' : 'had ended by itself';
    const because = `the runner was gone; start ${open.n} ${how}`;
    await taken.append({ type: 'run.ended', run: state.run!.id, end: 'stopped', exit: 2, because }, { flush: 'now' });
    await taken.holding.closed();
    const publisher = publisherOf(taken, io.console.warn);
    await publisher.reclaim(state);
    await publisher.settle();
    io.console.say(`start ${open.n} has ended; seqrun goes on with the unit at the next run`);
    return state.mustEnd?.exit === 2 && state.starts.at(-1)!.left.some(one => !one.ended) ? 2 : 0;
  } finally {
    await taken.release();
  }
};
