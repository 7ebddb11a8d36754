// `readState`: what is known of a spec, as a value.
import { statusOf } from '../cli/status-of.ts';
import { statusObject } from '../cli/status-view.ts';
import { errorOf, understandCall } from './call.ts';
import type { SpecOptions } from './options.ts';

/** Where everything of a spec stands: the object of `seqrun status --json`. Times are ISO 8601 in UTC. */
export type SpecState = ReturnType<typeof statusObject>;

/**
 * What `seqrun status --json` says, of a spec that runs, has run, or was never run. Takes no lock and changes nothing. Without `spec`
 * the only spec in `workdir` is meant. Rejects with a SeqrunError when there is nothing to be seen: no spec or several (`usage`,
 * `missingInput`), a damaged journal or task file (`badInput`).
 */
export const readState = async (options: SpecOptions = {}): Promise<SpecState> => {
  const call = await understandCall('status', options);
  const status = await statusOf(call.intention, call);
  if ('exit' in status) throw errorOf(call, [status]);
  return statusObject(status);
};
