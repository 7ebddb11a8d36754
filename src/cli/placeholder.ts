// Words that messages print in place of a person's own: pasted unchanged they say nothing, and must reach no agent.

const printed: ReadonlySet<string> = new Set([
  '…',
  '...',
  'text',
  '<text>',
  'what to do',
  'what is wrong',
  '<template>',
  '<argv>',
  '<command>',
]);

/** Whether a text is one of them, in any case and within quotes of its own. */
export const isPlaceholder = (text: string): boolean =>
  printed.has(
    text
      .trim()
      .replace(/^(["'])(.*)\1$/s, '$2')
      .trim()
      .toLowerCase(),
  );
