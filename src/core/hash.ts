// A small hash for telling texts apart: the core may not import node:crypto.

/**
 * 64 bits of a text as 16 hex digits. The same text gives the same digits in every version of seqrun: they are kept in journals.
 * Good against accidents, not against somebody who looks for a collision.
 */
export const hashText = (text: string): string => {
  // Two multiplicative 32-bit lanes over UTF-16 units, mixed into each other at the end (public-domain "cyrb" construction).
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  const hex = (lane: number): string => (lane >>> 0).toString(16).padStart(8, '0');
  return hex(b) + hex(a);
};

/** Hash of a title with white space folded and case kept: what a completion is tied to. */
export const hashTitle = (title: string): string => hashText(title.replace(/\s+/g, ' ').trim());
