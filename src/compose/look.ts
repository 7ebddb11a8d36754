// What looking at a spec needs of the world, and no more: a command that only looks starts twice as fast.

export { type GoneEntry, readGoneEntries } from '../adapters/files/gone-entries.ts';
export { findPlaces, type Places } from '../adapters/files/paths.ts';
export { readStateFile } from '../adapters/files/state-file.ts';
export { findTopLevel } from '../adapters/git/git.ts';
export { readJournal } from '../adapters/journal/journal.ts';
export { ownIdentity } from '../adapters/lock/identity.ts';
export { holderOf } from '../adapters/lock/lock.ts';
export { readNote } from '../adapters/lock/open-note.ts';
