// The text of the commit that `--git commit` makes of a completed unit.
import { fill } from './prompt.ts';

/** Long subjects are cut by most tools that show them. */
const subjectMax = 72;

/**
 * The message and its trailer that names the start. Titles are hostile text: one clean line, and nothing of them can be taken for a
 * trailer, since the real ones stand in a paragraph of their own at the end. A template of the user's own may leave out what it
 * likes; the trailers come in any case, since by them a commit is known again after a crash.
 */
export const commitMessage = (of: {
  spec: string;
  unit: string;
  title: string;
  start: number;
  /** Names the start in the whole world. */
  mark: string;
  template: string;
}): { text: string; trailer: string } => {
  const trailer = `Seqrun-Start: ${word(of.mark)}`;
  const values = { spec: line(of.spec), unit_id: line(of.unit), unit_title: line(of.title), start: String(of.start) };
  const [subject = '', ...body] = fill(of.template, values).trim().split('\n');
  const text = [subject.length > subjectMax ? `${subject.slice(0, subjectMax - 1)}…` : subject, ...body]
    .join('\n')
    .trim();
  const trailers = [`Seqrun-Spec: ${word(of.spec)}`, `Seqrun-Unit: ${word(of.unit)}`, trailer];
  return { text: `${text === '' ? `Unit ${word(of.unit)}` : text}\n\n${trailers.join('\n')}\n`, trailer };
};

const line = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, ' ')
    // Comment lines are dropped by git when a user edits the message.
    .replace(/^[#\s]+/, '')
    .trim();

const word = (text: string): string => line(text).slice(0, 200);
