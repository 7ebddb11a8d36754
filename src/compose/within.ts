// Whether an agent may be the one who types: a part of its own, since only what a person decides asks for it.

export { type Within, withinStart } from '../adapters/jobs/within.ts';
