// What `seqrun doctor` needs of the world beside what every look at a spec needs.

export { findExecutable } from '../adapters/files/executables.ts';
export { findPlaces, stateHome } from '../adapters/files/paths.ts';
export { changedFiles, findTopLevel } from '../adapters/git/git.ts';
export { ownIdentity } from '../adapters/lock/identity.ts';
export { holderOf } from '../adapters/lock/lock.ts';
export { ask } from '../adapters/probe.ts';
