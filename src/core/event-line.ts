// What a run prints with `--json`: one line for each event, as a type that programs may rely on. Pure.
import type { EventBody, JournalEvent } from './events.ts';
import type { State } from './state.ts';

/** Version of the lines' shape. Within one, fields and types are only added: whoever reads them leaves alone what it does not know. */
export const eventLineSchema = 1;

/** Names of the things that can happen, as in `type`. */
export type EventType = EventBody['type'];

interface EventLineOf<Type extends EventType> {
  schema: typeof eventLineSchema;
  /** When it happened: ISO 8601, UTC, with milliseconds. */
  ts: string;
  /** The run it happened in; null before the first one of the spec. */
  run_id: string | null;
  /** Name of the spec's folder. */
  spec: string;
  /** Position in the spec's journal, from 1, without gaps. */
  seq: number;
  type: Type;
  /** Of a start of a unit: the unit, and which try of it this is, from 1. Absent on other lines. */
  unit?: string;
  attempt?: number;
  /** What the journal holds of it. Text in it is as agents and people wrote it: hostile to whatever interprets it. */
  data: Omit<Extract<EventBody, { type: Type }>, 'type'>;
}

/** One line of `--json`, told apart by `type`. */
export type EventLine = { [Type in EventType]: EventLineOf<Type> }[EventType];

/** The line of an event; `state` has the event folded in. */
export const eventLine = (event: JournalEvent, state: State, specName: string): EventLine => {
  const { seq, atMs, type, ...data } = event;
  const start = type.startsWith('start.') ? state.starts.at(-1) : undefined;
  return {
    schema: eventLineSchema,
    ts: new Date(atMs).toISOString(),
    run_id: state.run?.id ?? null,
    spec: specName,
    seq,
    type,
    ...(start?.unit ? { unit: start.unit, attempt: start.attempt } : {}),
    data,
    // Type and data come from one event: the compiler does not follow that through the rest pattern.
  } as EventLine;
};
