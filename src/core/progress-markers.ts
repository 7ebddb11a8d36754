// The comments in SEQUENTIAL_PROGRESS.md that say which events are in it. Pure.

/** Says that an event of the spec's journal is in the file. */
export const progressMarker = (spec: string, seq: number): string => `<!-- seqrun ${markerName(spec)} ${seq} -->`;

/** Says that the markers of this spec from here on count in the journal with this uuid. */
export const journalMarker = (spec: string, journal: string): string =>
  `<!-- seqrun ${markerName(spec)} journal ${markerName(journal)} -->`;

/**
 * Events of the spec's journal that the file already has, and whether the last journal named in it for the spec is this one.
 * Markers before any journal is named count as this one's.
 */
export const readMarkers = (
  text: string,
  spec: string,
  journal: string,
): { present: Set<number>; current: boolean } => {
  const present = new Set<number>();
  let current: string | null = null;
  for (const [, name, seq, uuid] of text.matchAll(/<!-- seqrun (\S+) (?:(\d+)|journal (\S+)) -->/g)) {
    if (name !== markerName(spec)) continue;
    if (uuid !== undefined) current = uuid;
    else if (current === null || current === markerName(journal)) present.add(Number(seq));
  }
  return { present, current: current === markerName(journal) };
};

/**
 * What of `piece` is still to be appended to a file that ends with the beginning of it, as a writer leaves it that is killed in the
 * middle; null = the file does not end so. `piece` ends with a newline.
 */
export const restOf = (text: string, piece: string): string | null => {
  let rest: string | null = null;
  // Line by line from the end: pieces begin with a line.
  for (let at = text.length; at > 0; ) {
    at = at < 2 ? 0 : text.lastIndexOf('\n', at - 2) + 1;
    if (text.length - at >= piece.length) break;
    if (piece.startsWith(text.slice(at))) rest = piece.slice(text.length - at);
  }
  return rest;
};

/** A name without spaces, `>` or anything else that could end a comment. */
const markerName = (name: string): string =>
  name.replace(/[^A-Za-z0-9._]/gu, char => {
    if (char === '-') return '-';
    return [...new TextEncoder().encode(char)]
      .map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join('');
  });
