// What reading the settings of a user's own agents needs of the agents, and no more.

export {
  checkPattern,
  type EndPattern,
  lineMax,
  type PatternKind,
  patternKinds,
  trialLines,
} from '../agents/command-patterns.ts';
export type { OwnAgent } from '../agents/index.ts';
