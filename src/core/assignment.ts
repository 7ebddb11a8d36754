// Reads the answer of an assignment job: one JSON object, checked word by word. Nothing is guessed.
import type { AssignedOwner } from './events.ts';

const types: readonly string[] = ['code', 'ui', 'review'];

export type AssignmentAnswer = { ok: true; assignments: Record<string, AssignedOwner> } | { ok: false; reason: string };

/**
 * The last JSON object of the text with an `assignments` list counts (an echoed example comes before the answer).
 * Entries with an unknown id, type or owner are left out; ids may be numbers. No valid entry at all = not ok.
 */
export const readAssignmentAnswer = (
  text: string,
  asked: readonly string[],
  owners: readonly string[],
): AssignmentAnswer => {
  const found = lastObjectWith(text, 'assignments');
  if (found === null) return { ok: false, reason: 'the answer holds no JSON object with "assignments"' };
  const { assignments: list } = found;
  if (!Array.isArray(list)) return { ok: false, reason: '"assignments" is not a list' };
  const assignments: Record<string, AssignedOwner> = {};
  const refused: string[] = [];
  for (const entry of list as unknown[]) {
    const { task_id: id, type, owner_agent: owner } = (entry ?? {}) as Record<string, unknown>;
    const unit = typeof id === 'number' ? String(id) : id;
    if (typeof unit !== 'string' || !asked.includes(unit)) refused.push(`unknown id ${JSON.stringify(id)}`);
    else if (typeof type !== 'string' || !types.includes(type))
      refused.push(`${unit}: unknown type ${JSON.stringify(type)}`);
    else if (typeof owner !== 'string' || !owners.includes(owner))
      refused.push(`${unit}: unknown owner ${JSON.stringify(owner)}`);
    else assignments[unit] = { type: type as AssignedOwner['type'], owner };
  }
  if (Object.keys(assignments).length === 0) {
    return {
      ok: false,
      reason: `no usable entry in the answer${refused.length > 0 ? ` (${refused.slice(0, 3).join('; ')})` : ''}`,
    };
  }
  return { ok: true, assignments };
};

/** Tries every `{` from the back: the outermost object that parses and has the key. */
const lastObjectWith = (text: string, key: string): Record<string, unknown> | null => {
  const end = text.lastIndexOf('}');
  if (end < 0) return null;
  let best: Record<string, unknown> | null = null;
  let tries = 0;
  for (
    let start = text.lastIndexOf('{', end);
    start >= 0 && tries < 2000;
    start = start === 0 ? -1 : text.lastIndexOf('{', start - 1)
  ) {
    tries++;
    const value = parse(text.slice(start, end + 1));
    if (value && key in value) best = value;
    else if (best) break;
  }
  return best;
};

const parse = (text: string): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
};
