// What a closing block asks for. A wish takes nothing back: no wish makes a unit done, some keep it from being done.
import type { Closing } from './closing.ts';
import { cut } from './closing-text.ts';

/** Texts are at most 4,000 characters; a reason is one line of at most 2,000, as that of a HALT. */
export type ClosingWish =
  | { kind: 'none' }
  /** Done as far as the agent can tell, and somebody should look at it. */
  | { kind: 'review' }
  /** Not done: another turn on the same unit; the text says what is left. It may hold a signal line: quote it in a prompt. */
  | { kind: 'follow_up'; text: string }
  /** Not done, and no further turn helps before a person has decided. */
  | { kind: 'person'; reason: string };

const textMax = 4000;
const reasonMax = 2000;

/**
 * What the block asks for. Where it contradicts itself, the reading by which less is done counts: a person before a further turn,
 * a further turn before a review, a review before nothing. What is left without a yes or no on a further turn, is a yes.
 */
export const closingWish = (closing: Closing): ClosingWish => {
  const { needsFollowUp, recommendedAction, remaining, nextPrompt } = closing;
  const left = remaining.length > 0 || nextPrompt !== null;
  switch (recommendedAction) {
    case 'prompt_user':
      return { kind: 'person', reason: reasonOf('the agent asks a person', closing) };
    case 'split_into_subtasks':
      return { kind: 'person', reason: reasonOf('the agent wants the unit split into subtasks', closing) };
    case 'requeue_same_task':
      return followUp(closing);
    case 'in_review':
      return needsFollowUp === true ? followUp(closing) : { kind: 'review' };
    case null:
      if (needsFollowUp === true || (needsFollowUp === null && left)) return followUp(closing);
      return left ? { kind: 'review' } : { kind: 'none' };
  }
};

/** Where the block contradicts itself or leaves out what its wish needs: one line each, saying how it is taken. */
export const closingDoubts = (closing: Closing): string[] => {
  const { needsFollowUp, recommendedAction, remaining, nextPrompt } = closing;
  const doubts: string[] = [];
  const doubt = (text: string) => doubts.push(`closing block: ${text}`);
  if (needsFollowUp === false && recommendedAction === 'requeue_same_task')
    doubt('needs_follow_up no and recommended_action requeue_same_task: taken as not finished');
  if (needsFollowUp === true && recommendedAction === 'in_review')
    doubt('needs_follow_up yes and recommended_action in_review: taken as not finished');
  if (needsFollowUp === false && recommendedAction === null && nextPrompt !== null)
    doubt('needs_follow_up no and a next_prompt: somebody should look at it');
  if (needsFollowUp === null && recommendedAction === null && (remaining.length > 0 || nextPrompt !== null))
    doubt('something is left, without a word on needs_follow_up: taken as not finished');
  if (closingWish(closing).kind === 'follow_up' && leftWords(closing) === null)
    doubt('it asks for another turn without next_prompt, remaining or follow_up');
  return doubts;
};

const followUp = (closing: Closing): ClosingWish => ({
  kind: 'follow_up',
  text: leftWords(closing) ?? 'the closing block asked to go on with this unit and did not say with what',
});

const leftWords = ({ nextPrompt, remaining, followUp: after }: Closing): string | null => {
  if (nextPrompt !== null) return nextPrompt;
  if (remaining.length > 0) return cut(`left, says the closing block: ${remaining.join('; ')}`, textMax);
  return after.length > 0 ? cut(`to follow, says the closing block: ${after.join('; ')}`, textMax) : null;
};

/** With the agent's own words: the first that it gave of its prompt, what is left, what may follow, its summary. */
const reasonOf = (what: string, closing: Closing): string => {
  const { nextPrompt, remaining, followUp: after, summary } = closing;
  const words = [nextPrompt, remaining.join('; '), after.join('; '), summary].find(
    text => text !== null && text !== '',
  );
  return cut(`${what}${words ? `: ${words.replace(/\s+/g, ' ')}` : ' and does not say more'}`, reasonMax);
};
