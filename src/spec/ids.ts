// Lists of ids where nothing else should stand: dependency columns of tables, lines of waves.
import { ID, type Reference } from './dependencies.ts';

/** What such a list holds. */
export interface IdList {
  references: Reference[];
  /** Its other parts, joined by commas; null: there is nothing but ids. */
  unread: string | null;
}

const WORD = String.raw`(?:(?:sub-?)?tasks?|任务|任務|タスク)[ \t]*#?[ \t]*`;
const REMARK = String.raw`(?:[ \t]*[(（][^()（）]*[)）])?`;
const ONE = new RegExp(
  String.raw`^(?:${WORD})?#?(?<from>${ID})(?:(?:[ \t]*(?:[-–—~]|\.\.+)[ \t]*|[ \t]+(?:to|through)[ \t]+)(?:${WORD})?(?<to>${ID}))?${REMARK}$`,
  'i',
);
const SEPARATOR = /([,;、，；&+→]|->|<br\s*\/?>|(?:^|[ \t])(?:and|y|e|und|和|与)(?=[ \t]|$)|[ \t]\/[ \t])/i;
/** No task at all, or nothing. */
const NOTHING = /^(?:none|nothing|no|n\/a|null|nil|nenhuma?|ninguna?|无|無|なし|[-–—.·/]*)$/i;

/** Reads a list. A part counts only where it is an id, a range of ids or an id with a remark in brackets, and nothing else. Linear. */
export const readIds = (text: string): IdList => {
  const references: Reference[] = [];
  const rest: string[] = [];
  const take = (part: string): boolean => {
    const found = ONE.exec(part)?.groups;
    if (found) references.push({ from: found.from!, to: found.to ?? null });
    return found !== undefined;
  };
  for (const raw of splitOutside(text)) {
    const part = raw.replace(/[*_`~[\]]/g, '').trim();
    if (NOTHING.test(part) || take(part)) continue;
    const words = part.split(/[ \t]+/);
    if (words.length > 1 && words.length < 50 && words.every(word => ONE.test(word))) words.forEach(take);
    else rest.push(part);
  }
  return { references, unread: rest.length === 0 ? null : rest.join(', ').slice(0, 200) };
};

/** At the separators that stand in no brackets: `T1 (a, b), T2` has two parts. */
const splitOutside = (text: string): string[] => {
  const hidden = text.replace(/[(（][^()（）]*[)）]/g, found => '\u0001'.repeat(found.length));
  const parts: string[] = [];
  let at = 0;
  for (const [index, { length }] of hidden.split(SEPARATOR).entries()) {
    // Every other one is a separator.
    if (index % 2 === 0) parts.push(text.slice(at, at + length));
    at += length;
  }
  return parts;
};
