// What the text of a task says about how it is checked and who does it: the lines `_verify: …_`, `**Validates: …**`, `_agent: …_`.

/** `- _verify: npm test passes_`, with or without a list marker. */
const VERIFY = /^[ \t]*(?:[-*+][ \t]+)?_verify:[ \t]*(.*\S)_[ \t]*$/gim;
const VALIDATES = /\*\*Validates:?(?:\*\*[ \t]*:?[ \t]*(.*\S)|[ \t]*([^*\n]*[^*\s])\*\*)/gi;

/** How to verify a task, by its own lines; null: it does not say. What it validates counts where no line says how to verify it. */
export const criteriaIn = (details: string): string | null => {
  const verify = [...details.matchAll(VERIFY)].map(match => match[1]!);
  const said = verify.length > 0 ? verify : [...details.matchAll(VALIDATES)].map(match => (match[1] ?? match[2])!);
  return said.length > 0 ? said.join('; ') : null;
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

/** White space made one blank each, none at the ends. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The owner that the details name, or null. The last one counts. */
export const agentIn = (details: string): string | null =>
  [...details.matchAll(/(?:^|[\s*+-])_agent:[ \t]*([A-Za-z0-9][A-Za-z0-9.-]{0,63})[ \t]*_/gim)].at(-1)?.[1] ?? null;
