// `seqrun pause`: nothing more is started after the current unit, until `seqrun continue`.

import type { CommandModule } from '../main.ts';
import { givePausing } from '../pausing.ts';

export const run: CommandModule['run'] = (intention, io) => givePausing('pause', intention, io);
