// The text of a first settings file: what was found in the repository, and the settings that people change, with a word on each. Pure.
import { stringify } from 'yaml';
import { defaults } from '../../core/defaults.ts';
import type { FoundGate } from './gates-found.ts';

/** What was found. */
export interface Findings {
  /** Specs, relative to the workdir. */
  specs: readonly string[];
  /** Agent CLIs that are installed, in the order in which they are looked for. */
  agents: readonly string[];
  gates: readonly FoundGate[];
  /** What the first line names for editors, relative to the file; null = none. */
  schema: string | null;
}

/** YAML with comments. Everything in it is accepted as it stands; lines that are commented out are, too. */
export const startingConfig = ({ specs, agents, gates, schema }: Findings): string => {
  const [first] = agents;
  return [
    ...(schema === null ? [] : [`# yaml-language-server: $schema=${schema}`]),
    '# Settings of seqrun for this folder. Flags and SEQRUN_… win over it; `seqrun config` shows what holds and why.',
    specs.length === 0
      ? '# No spec was found here yet: a folder with a tasks.md.'
      : `# Specs found here: ${someOf(specs)}.`,
    '',
    `# Who does the work. ${agents.length === 0 ? 'No agent CLI was found.' : `Found: ${agents.join(', ')}.`} Without a line here, the first that is installed does.`,
    first === undefined ? '# backend: codex' : `backend: ${first}`,
    '',
    '# Seconds between two starts.',
    'delay: 15',
    '',
    '# Gates: a unit is done when these exit with 0, too. Run by sh, in the order compile, lint, test, ui, integration.',
    ...(gates.length === 0
      ? [
          '# No command of this folder was found that could be one. Such a line looks like this:',
          '# verify:',
          '#   test: ./run-tests.sh',
        ]
      : ['verify:', ...gates.map(({ level, command, from }) => `  ${level}: ${yamlWord(command)} # found in ${from}`)]),
    '',
    '# What else people change, with what holds without a line:',
    `# maxAttempts: ${defaults.maxAttempts} # tries of a unit that breaks`,
    `# onFail: ${defaults.onFail} # stop, skip (go on with other units), halt (wait for a person)`,
    '# timeout: 2h # longest time for one start',
    '# git: note # check = refuse a dirty start and keep trees; commit = one commit per completed unit',
    `# agentMode: ${defaults.agentMode} # full = agents may do anything unasked`,
    '# review: false # true = stop after each unit until you approve it',
    '',
  ].join('\n');
};

const someOf = (specs: readonly string[]): string =>
  specs.length > 5 ? `${specs.slice(0, 5).join(', ')} and ${specs.length - 5} more` : specs.join(', ');

/** A text as one YAML scalar on one line. */
const yamlWord = (text: string): string => stringify(text, { lineWidth: 0, defaultStringType: 'PLAIN' }).trim();
