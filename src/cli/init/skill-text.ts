// The agent skill as it is written into a repository. Pure.

/** The template with the command that calls seqrun there in the place of `{{seqrun}}`. */
export const skillText = (template: string, call: string): string => template.replaceAll('{{seqrun}}', () => call);
