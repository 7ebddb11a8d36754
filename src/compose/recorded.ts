// What reading a recorded run needs of agents and adapters, and no more.

export { readLastText } from '../adapters/jobs/afterwards.ts';
export { processEndOf } from '../adapters/jobs/folder.ts';
export { agentNamed, agentNames } from '../agents/index.ts';
export { readRecordedRun } from '../agents/recorded-run.ts';
