// What `import … from 'seqrun'` gives: plan, run and look at a spec from a program of one's own.
export { SeqrunError, type SeqrunErrorCode, type Trouble, type TroublePlace } from './error.ts';
export type { RunOptions, SpecOptions } from './options.ts';
export { planSpec, type SpecPlan } from './plan.ts';
export { type RunEvent, type RunMessage, type RunningSpec, type RunResult, type RunWaiting, runSpec } from './run.ts';
export { readState, type SpecState } from './state.ts';
