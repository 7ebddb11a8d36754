// What the text of a task says about how it is checked and who does it: the lines `_verify: …_`, `**Validates: …**`, `_agent: …_`.
import { linesOutsideFences, type Said } from '../proof.ts';
import { readVerifyLine, saysNoChange } from '../verify-lines.ts';

const VALIDATES = /\*\*Validates:?(?:\*\*[ \t]*:?[ \t]*(.*\S)|[ \t]*([^*\n]*[^*\s])\*\*)/gi;

/** How to verify a task, by its own lines; null: it does not say. What it validates counts where no line names a command. */
export const criteriaIn = (details: string): string | null => criteriaOf(saidIn(details).commands, details);

/** The same for a task whose commands are known. */
export const criteriaOf = (commands: readonly string[], details: string): string | null => {
  if (commands.length > 0) return commands.join(' && ');
  const validates = [...details.matchAll(VALIDATES)].map(match => (match[1] ?? match[2])!);
  return validates.length > 0 ? validates.join('; ') : null;
};

/** The line that says how to verify a task. */
export const verifyLine = (criteria: string): string => `_verify: ${oneLine(criteria)}_`;

/** Details that say how to verify the task; unchanged when they say just that. */
export const withCriteria = (description: string, criteria: string | null): string => {
  const details = description
    .replace(/\r\n?/g, '\n')
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd();
  if (criteria === null || criteriaIn(details) === oneLine(criteria)) return details;
  return details === '' ? verifyLine(criteria) : `${details}\n${verifyLine(criteria)}`;
};

/** What is no command though it stands for one, and why. */
type Problem = Extract<ReturnType<typeof readVerifyLine>, { problem: string }>;

/**
 * What a todo says of how it is proved. Its criteria are a command, unless its description says the same in words of its own (what it
 * validates): nothing tells prose from commands, and a person lets them run or not.
 */
export const saidOf = (description: string, criteria: string | null): { said: Said; problems: Problem[] } => {
  const { commands, noChange, lines, problems } = saidIn(description);
  const extra =
    criteria === null || criteriaIn(description) === oneLine(criteria) ? null : readVerifyLine(verifyLine(criteria));
  if (extra && 'problem' in extra) problems.push(extra);
  else if (extra) commands.push(extra.command);
  return { said: { commands, noChange, lines }, problems };
};

const saidIn = (details: string): { commands: string[]; noChange: boolean; lines: string[]; problems: Problem[] } => {
  const commands: string[] = [];
  const problems: Problem[] = [];
  const lines: string[] = [];
  let noChange = false;
  for (const line of linesOutsideFences(details)) {
    const verify = readVerifyLine(line);
    if (verify && 'command' in verify) commands.push(verify.command);
    else if (verify) problems.push(verify);
    else if (saysNoChange(line)) noChange = true;
    else lines.push(line);
  }
  return { commands, noChange, lines, problems };
};

/** White space made one blank each, none at the ends. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The owner that the details name, or null. The last one counts. */
export const agentIn = (details: string): string | null =>
  [...details.matchAll(/(?:^|[\s*+-])_agent:[ \t]*([A-Za-z0-9][A-Za-z0-9.-]{0,63})[ \t]*_/gim)].at(-1)?.[1] ?? null;
