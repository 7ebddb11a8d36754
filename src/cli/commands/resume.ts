// `seqrun resume [--answer TEXT]`: lets the halted unit go on, and runs.
export { run } from './run.ts';
