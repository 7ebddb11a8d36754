// The journal on a virtual disk: opened with its torn tail cut, appended to, written anew where somebody took it away.
import type { EventBody, JournalEvent } from '../core/events.ts';
import { type Journal, UnwritableError } from '../engine/ports.ts';
import type { Process } from './machine.ts';
import type { SpecPlace } from './place.ts';
import type { Production } from './production.ts';
import type { World } from './world.ts';

const soonMs = 50;

export interface SimJournal extends Journal {
  readonly events: JournalEvent[];
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Events of the file as it is now; null: there is none, or it is damaged. */
export const eventsOnDisk = (spec: SpecPlace, production: Production): JournalEvent[] | null => {
  if (spec.journal.text === null) return null;
  const read = production.readLines(bytesOf(spec.journal.text));
  return read.damage ? null : read.events;
};

export const openSimJournal = async (
  world: World,
  spec: SpecPlace,
  runner: Process,
  production: Production,
): Promise<{ kind: 'new' } | { kind: 'open'; journal: SimJournal } | { kind: 'damaged'; message: string }> => {
  await runner.step('read the journal');
  const { text } = spec.journal;
  if (text === null) return { kind: 'new' };
  const read = production.readLines(bytesOf(text));
  if (read.damage) return { kind: 'damaged', message: read.damage.message };
  if (read.tornBytes > 0 || read.unterminated) {
    await runner.step('cut the torn tail');
    write(spec, () => spec.journal.replace(`${read.lines.join('\n')}\n`));
    spec.journal.flush();
    await runner.step('after the cut');
  }
  return { kind: 'open', journal: append(world, spec, runner, read.events, read.lines) };
};

export const createSimJournal = async (
  world: World,
  spec: SpecPlace,
  runner: Process,
  opened: Extract<EventBody, { type: 'journal.opened' }>,
): Promise<SimJournal> => {
  const line = JSON.stringify({ seq: 1, atMs: world.time.wallMs(), ...opened });
  await runner.step('make the journal');
  write(spec, () => spec.journal.replace(`${line}\n`));
  spec.journal.flush();
  await runner.step('after making the journal');
  return append(world, spec, runner, [JSON.parse(line) as JournalEvent], [line]);
};

const write = (spec: SpecPlace, doing: () => void): void => {
  try {
    doing();
  } catch (error) {
    throw new UnwritableError(`${spec.path}/journal.jsonl`, 'The journal cannot be written', error);
  }
};

const append = (
  world: World,
  spec: SpecPlace,
  runner: Process,
  events: JournalEvent[],
  lines: string[],
): SimJournal => {
  const { journal: file } = spec;
  const { time } = world;
  let dirty = false;
  /** All lines as they should stand in the file. */
  let ours = lines.length > 0 ? `${lines.join('\n')}\n` : '';
  const flushSoon = () => {
    if (dirty) return;
    dirty = true;
    time.after(soonMs, () => {
      if (runner.alive && dirty) file.flush();
      dirty = false;
    });
  };
  const remember = (line: string): JournalEvent => {
    const event = JSON.parse(line) as JournalEvent;
    ours += `${line}\n`;
    events.push(event);
    return event;
  };
  const lineOf = (body: EventBody): string => JSON.stringify({ seq: events.length + 1, atMs: time.wallMs(), ...body });

  return {
    events,
    append: async (body, { flush }) => {
      const from = events.length;
      await runner.step(`append ${body.type}`);
      const holder = world.workspace.workspaceLock.highest;
      if (holder?.pid !== runner.pid) world.truth.broken('two writers', `${runner.name} appends without the lock`);
      if (file.text !== ours) {
        const line = lineOf({ type: 'rebuilt', because: 'the file had been removed or changed' });
        write(spec, () => file.replace(`${ours}${line}\n`));
        file.flush();
        remember(line);
        await runner.step('after rebuilding');
      }
      const line = lineOf(body);
      const text = `${line}\n`;
      await runner.step(`in the middle of ${body.type}`, () =>
        file.appendPart(text.slice(0, 1 + ((text.length * 7) % (text.length - 2)))),
      );
      write(spec, () => file.append(text));
      if (flush === 'now') {
        file.flush();
        dirty = false;
      } else if (flush === 'soon') flushSoon();
      remember(line);
      await runner.step(`after ${body.type}`);
      return events.slice(from);
    },
  };
};
