// `seqrun completion bash|zsh|fish`: prints what makes the shell complete seqrun's words.
import { packageFile } from '../../compose/init.ts';
import { completionScript } from '../completion/scripts.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandModule } from '../main.ts';
import { shellWord } from '../spec-words.ts';

export const run: CommandModule['run'] = async (intention, { console }) => {
  if (intention.command !== 'completion') throw new Error('Internal error: another command came here');
  const call = [process.execPath, packageFile('dist', 'seqrun.cjs')].map(shellWord).join(' ');
  console.text(completionScript(intention.shell, call).trimEnd());
  return EXIT.done;
};
