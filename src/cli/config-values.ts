// Values of settings as a config file would hold them: what was given, and what stands where nothing is given. Pure.
import type { EndPattern, OwnAgent } from '../compose/own-agents.ts';
import type { Flag } from './flag.ts';
import type { GivenGate } from './gates.ts';
import { durationText, readValue } from './values.ts';

/** A value that was read, as JSON that the config file takes for the same. */
export const writtenValue = (flag: Flag, value: unknown): unknown => {
  switch (flag.kind) {
    case 'seconds':
      return (value as number) / 1000;
    case 'duration':
      return durationText(value as number);
    case 'gates':
      return (value as GivenGate[]).map(({ name, command, timeoutMs }) =>
        name === null && timeoutMs === null
          ? command
          : {
              ...(name === null ? {} : { name }),
              command,
              ...(timeoutMs === null ? {} : { timeout: durationText(timeoutMs) }),
            },
      );
    case 'agents':
      return Object.fromEntries(
        Object.entries(value as Record<string, OwnAgent>).map(([name, agent]) => [name, writtenAgent(agent)]),
      );
    default:
      return value;
  }
};

const writtenAgent = ({ command, patterns, after }: OwnAgent): unknown => {
  const byKind: Partial<Record<EndPattern['kind'], Omit<EndPattern, 'kind'>[]>> = {};
  for (const { kind, ...pattern } of patterns) byKind[kind] = [...(byKind[kind] ?? []), pattern];
  return {
    command,
    ...(patterns.length === 0 ? {} : { patterns: byKind }),
    ...(after.length === 0 ? {} : { after }),
  };
};

/**
 * What stands where nobody says anything, as the config file would hold it; undefined where `fallback` tells in words how it comes
 * about, or nothing does.
 */
export const defaultOf = (flag: Flag): unknown => {
  if (flag.kind === 'switch') return false;
  const { fallback } = flag;
  // Words of more than one, and a name with a place to be filled in, are no value.
  if (fallback === undefined || /[\s<]/.test(fallback) || flag.kind === 'path') return undefined;
  if (flag.choices && !flag.choices.includes(fallback)) return undefined;
  const reading = readValue(flag, fallback);
  return reading.ok ? writtenValue(flag, reading.value) : undefined;
};

/** The flag's example as the config file would hold it; undefined where there is none. */
export const exampleValue = (flag: Flag): unknown => {
  if (flag.example === undefined) return undefined;
  const isJson = ['count', 'seconds', 'argv', 'modes', 'agents', 'gates'].includes(flag.kind);
  return isJson ? JSON.parse(flag.example) : flag.example;
};
