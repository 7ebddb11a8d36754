// Commands that a sentence names, completed: the core does not know how a person names the spec, the view does.
import type { SpecWords } from './handoff.ts';

/** An id as sentences hold it: no blank, nothing that ends a part of a sentence. */
const id = '[^\\s,;:()"]+';
const text = '(?: "[^"]*")?';

const pattern = new RegExp(
  `\\bseqrun (?:${[
    'stop(?: --now)?',
    `resume(?: --answer${text})?`,
    'status|handoff|plan|lint|doctor|history|pause|continue|checkpoint (?:list|save)',
    // Where no id follows, the next word belongs to the sentence.
    `(?:why|reset|attach)(?: [^\\s,;:()"]*\\d[^\\s,;:()"]*)?`,
    `(?:logs|receipt|retry|skip|approve|reject|follow) ${id}${text}`,
    `accept ${id}(?: [^\\s,;:()"]*\\d[^\\s,;:()"]*)*`,
    '--(?:accept-config|break-lock|adopt-state) …',
  ].join('|')})(?![\\w-])`,
  'g',
);

/**
 * The sentence with `--spec …` behind each command of seqrun in it that has none: `seqrun retry 2 tries it again` becomes
 * `seqrun retry 2 --spec a tries it again`. Commands that run have all that a run needs.
 */
export const withSpec = (sentence: string, { look, run }: SpecWords): string =>
  sentence.replace(pattern, (command: string, at: number) => {
    if (/^ --/.test(sentence.slice(at + command.length))) return command;
    if (command.endsWith(' …')) return `${command.slice(0, -2)} ${run}`;
    return command.startsWith('seqrun resume')
      ? command.replace('seqrun resume', `seqrun resume ${run}`)
      : `${command} ${look}`;
  });
