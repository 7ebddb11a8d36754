// How a line of the readable rendering looks in view.log. Pure.
import type { ViewLine } from '../../core/agent.ts';
import { withoutMarks } from '../../core/unseen.ts';

const lead: Record<ViewLine['kind'], string> = {
  text: '',
  tool: '> ',
  result: '  ',
  notice: '- ',
  error: '! ',
  usage: '= ',
};

/**
 * One line with its newline. Whatever a terminal would act on (control characters, escape sequences, marks that turn the
 * direction of text round) is taken out: an agent's output is hostile text.
 */
export const viewText = (line: ViewLine): string =>
  `${lead[line.kind]}${withoutMarks(line.text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' '))}\n`;
