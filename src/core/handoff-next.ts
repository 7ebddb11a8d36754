// What to type next, most likely first.
import type { SpecWords } from './handoff.ts';
import type { PersonItem } from './handoff-person.ts';
import { shellWord } from './shell-word.ts';
import type { State } from './state.ts';
import type { UnitProgress } from './units.ts';

const nextMax = 3;

/** At most three commands; none when there is nothing to do. */
export const nextCommands = (
  state: State,
  seen: { progress: readonly UnitProgress[]; person: readonly PersonItem[]; specWords: SpecWords; alive: boolean },
): string[] => {
  const { progress, person, specWords, alive } = seen;
  const { look } = specWords;
  const run = `seqrun ${specWords.run}`;
  const commands: string[] = [];
  if (state.run === null) commands.push(`seqrun plan ${look}`, run);
  else if (!state.lastEnd && alive) {
    if (state.open?.unit) commands.push(`seqrun logs ${shellWord(state.open.unit)} ${look}`);
    commands.push(`seqrun status ${look}`);
  } else {
    const blocking = person.filter(one => one.blocks);
    commands.push(...blocking.flatMap(one => one.commands));
    const failed = progress.find(one => one.kind === 'failed');
    if (failed) {
      const id = shellWord(failed.unit.id);
      commands.push(
        `seqrun retry ${id} ${look} && ${run}`,
        `seqrun skip ${id} ${look} && ${run}`,
        `seqrun receipt ${id} ${look}`,
      );
    }
    const goesOn = progress.some(({ kind }) => kind === 'ready' || kind === 'checking' || kind === 'running');
    if (blocking.length === 0 && !failed && goesOn) commands.push(run);
    commands.push(...person.filter(one => !one.blocks).flatMap(one => one.commands));
  }
  return [...new Set(commands)].slice(0, nextMax);
};
