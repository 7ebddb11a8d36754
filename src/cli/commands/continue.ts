// `seqrun continue`: lifts a pause.
import type { CommandModule } from '../main.ts';
import { givePausing } from '../pausing.ts';

export const run: CommandModule['run'] = (intention, io) => givePausing('continue', intention, io);
