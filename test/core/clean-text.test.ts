// Hostile text: what is taken out, what stays, and that it stays fast.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddedObject, parseLine, sessionOf } from '../../src/agents/json-lines.ts';
import { view } from '../../src/agents/view.ts';
import { cleanLine, cleanText } from '../../src/core/clean-text.ts';

describe('cleaning', () => {
  it.each([
    ['\u001b[1;31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007text', 'text'],
    ['\u001b]8;;http://x.test\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u009b2Jtext', 'text'],
    ['\u009d0;title\u009ctext', 'text'],
    ['\u001bPq#0\u001b\\text', 'text'],
    ['\u001b(Btext\u001b7\u001bc', 'text'],
    ['\u001b]0;never ended\nnext line', '\nnext line'],
    ['a\u0000b\u0008c\u007fd\u0085e', 'abcde'],
    ['one\r\ntwo\tthree', 'one\ntwo\tthree'],
    ['\u202eevil\u2066', 'evil'],
    ['schön 👩‍💻 日本', 'schön 👩‍💻 日本'],
  ])('%j', (text, wanted) => expect(cleanText(text)).toBe(wanted));

  it('leaves no control character, whatever comes', () => {
    const piece = fc.constantFrom(
      '\u001b',
      '[',
      ']',
      '\u009b',
      '\u009d',
      '\u0007',
      '\u001b\\',
      'P',
      ';',
      '1',
      'm',
      '\n',
      '\r',
      'x',
      '\u202e',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
        expect(cleanText(pieces.join(''))).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
      }),
    );
  });

  it.each(['\u001b[', '\u001b]', '\u009d', '\u001b[0', '\u001b[ ', '\u001b', '\u001b]x'])(
    'comes to an end on %j repeated',
    piece => {
      // Quadratic work on this would run into the time limit of the test.
      expect(cleanText(piece.repeat(300_000)).length).toBeLessThanOrEqual(piece.length * 300_000);
    },
  );

  it('makes one bounded line', () => {
    expect(cleanLine(' a\n\n b\t\u001b[1mc ', 10)).toBe('a b c');
    expect(cleanLine('x'.repeat(100), 10)).toBe('xxxxxxxxx…');
    expect(cleanLine('👩'.repeat(100), 10)).toBe('👩👩👩👩…');
  });
});

describe('view', () => {
  it('cuts the middle of long output and long lines', () => {
    const lines = view('result', Array.from({ length: 100 }, (_, i) => `line ${i}`).join('\n'));
    expect(lines).toHaveLength(31);
    expect(lines[15]!.text).toBe('… 70 more lines …');
    expect(lines.at(-1)!.text).toBe('line 99');
    expect(view('text', 'x'.repeat(5000))[0]!.text).toHaveLength(1000);
  });
  it('drops blank ends, keeps blank lines inside', () => {
    expect(view('text', '\n\n a\n\nb \n ').map(line => line.text)).toEqual([' a', '', 'b ']);
    expect(view('text', ' \n ')).toEqual([]);
  });
});

describe('lines', () => {
  it('are objects or nothing', () => {
    expect(parseLine('{"a":1}\r')).toEqual({ a: 1 });
    expect(parseLine('\ufeff{"a":1}')).toEqual({ a: 1 });
    expect(parseLine('\u001b[?25l{"a":1}\u001b[0m')).toEqual({ a: 1 });
    for (const text of ['', 'x', '[1]', '"{}"', '{"a":', 'null', 'says {"a":1}']) expect(parseLine(text)).toBeNull();
  });
  it('an object inside another line is found by its first characters, text does not pose as one', () => {
    expect(embeddedObject('{"a":"x{"type":"e","b":{"c":"}\\""}}y"}', '{"type":"e"')).toEqual({
      type: 'e',
      b: { c: '}"' },
    });
    expect(embeddedObject(JSON.stringify({ text: '{"type":"e"}' }), '{"type":"e"')).toBeNull();
    expect(embeddedObject('{"type":"e","b":', '{"type":"e"')).toBeNull();
  });
  it('a session id is safe in an argv', () => {
    expect(sessionOf('ses_1-A')).toBe('ses_1-A');
    for (const value of ['', '-x', '--flag', 'a b', 'a;b', 'ä', '../x', 7, null, 'x'.repeat(129)])
      expect(sessionOf(value)).toBeNull();
  });
});
