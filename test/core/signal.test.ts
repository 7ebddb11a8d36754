// Where a signal counts and where it does not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findSignal, quoteSignals, readSignals } from '../../src/core/signal.ts';

const done = '<promise>TASK_DONE</promise>';
const complete = '<promise>COMPLETE</promise>';
const halt = '<promise>HALT</promise>';
const any = { lastLineOnly: false };
const last = { lastLineOnly: true };
const kind = (text: string, options = any) => findSignal(text, options)?.kind ?? null;

describe('a signal counts', () => {
  it.each([
    ['alone', done, 'TASK_DONE'],
    ['after text', `All tests pass.\n\n${done}`, 'TASK_DONE'],
    ['before text', `${complete}\nBye.`, 'COMPLETE'],
    ['with blanks around it', `ok\n   ${done}\t \n`, 'TASK_DONE'],
    ['with CRLF', `ok\r\n${done}\r\n`, 'TASK_DONE'],
    ['after a closed fence', `\`\`\`sh\nls\n\`\`\`\n${done}`, 'TASK_DONE'],
    ['after a fence in a list item', `- \`\`\`sh\n  ls\n  \`\`\`\n${done}`, 'TASK_DONE'],
    ['after a fence in a wide list item', `10. \`\`\`sh\n    ls\n    \`\`\`\n${done}`, 'TASK_DONE'],
    ['after a fence below a list item', `10. Look:\n\n    \`\`\`sh\n    ls\n    \`\`\`\n${done}`, 'TASK_DONE'],
    ['after a fence that is closed three columns in', `\`\`\`\nls\n   \`\`\`\n${done}`, 'TASK_DONE'],
    ['after inline code with three backticks', `\`\`\`not a fence\`\`\`\n${done}`, 'TASK_DONE'],
    ['the last one wins', `${done}\n${complete}`, 'COMPLETE'],
    ['HALT wins over a later TASK_DONE', `${halt}\nno key\n\n${done}`, 'HALT'],
  ])('%s', (_, text, expected) => expect(kind(text)).toBe(expected));
});

describe('where the whole output stands for the final message', () => {
  it.each([
    ['the last line', `log\n${done}\n\n`, 'TASK_DONE'],
    [
      'HALT with its reason below, as the prompt asks',
      `Looked around.\n\n${halt}\nNeed the mail key.\nAnd the port.`,
      'HALT',
    ],
    ['a HALT also with another signal below it', `${halt}\nno key\n${done}`, 'HALT'],
    ['not a HALT of an earlier paragraph', `${halt}\nno key\n\n${done}`, 'TASK_DONE'],
    ['not a signal with a line below', `${done}\nThanks!`, null],
    ['not a HALT in the middle of the output', `${halt}\nfrom the log\n\nAll fine.`, null],
  ])('%s', (_, text, expected) => expect(kind(text, last)).toBe(expected));
  it('the reason of a HALT is what stands below it', () => {
    expect(findSignal(`x\n${halt}\nNeed the mail key.`, last)).toEqual({ kind: 'HALT', reason: 'Need the mail key.' });
  });
});

describe('a signal does not count', () => {
  it.each([
    ['nothing', ''],
    ['on a line with other text', `All good. ${done}`],
    ['with text after it', `${done}.`],
    ['in a quotation', `> ${done}`],
    ['in a list item', `- ${done}`],
    ['in backticks', `\`${done}\``],
    ['inside a backtick fence', `\`\`\`\n${done}\n\`\`\``],
    ['inside a tilde fence', `~~~ text\n${done}\n~~~`],
    ['inside a fence in a list item', `1. \`\`\`\n   ${done}\n   \`\`\``],
    ['inside a fence that a shorter one does not close', `\`\`\`\`\n\`\`\`\n${done}\n\`\`\`\``],
    ['inside a fence that the other kind does not close', `\`\`\`\n~~~\n${done}\n\`\`\``],
    ['in a fence that is never closed', `\`\`\`\nfoo\n${done}`],
    ['as indented code', `Such a line would do:\n\n    ${done}`],
    ['after a tab', `ok\n\t${done}`],
    ['after a blank and a tab', `ok\n \t${done}`],
    ['inside a fence that a line four columns in does not close', `\`\`\`\n    \`\`\`\n${done}`],
    ['inside a fence that a line behind a tab does not close', `\`\`\`\n\t\`\`\`\n${done}`],
    ['in small letters', '<promise>task_done</promise>'],
    ['with blanks inside', '<promise> TASK_DONE </promise>'],
    ['in another tag', '<Promise>TASK_DONE</Promise>'],
    ['twice on one line', `${done}${done}`],
    ['after a carriage return that a terminal would write over', `not yet\r${done}`],
    ['with an invisible character beside it', `\u200b${done}`],
  ])('%s', (_, text) => expect(kind(text)).toBeNull());

  it('Q-2.36: naming HALT in a sentence neither stops the run nor hides TASK_DONE', () => {
    const text = `I will not emit \`${halt}\` because nothing blocks me. Never ${halt}!\n\n${done}\n`;
    expect(findSignal(text, any)).toEqual({ kind: 'TASK_DONE', reason: null });
  });

  it('Q-2.36: repeating the quoted prompt is no signal', () => {
    const prompt = quoteSignals(`End with one of these lines:\n${done}\n${halt}\n`);
    expect(kind(prompt)).toBeNull();
    expect(kind(`${prompt}\nI have only read this so far.`)).toBeNull();
  });
});

describe('last line only', () => {
  it('takes the last line that is not blank', () => expect(kind(`log\n${done}\n\n  \n`, last)).toBe('TASK_DONE'));
  it('takes nothing before it', () => expect(kind(`${done}\nbye`, last)).toBeNull());
  it('an earlier HALT is only output', () => expect(kind(`${halt}\n\n${done}`, last)).toBe('TASK_DONE'));
  it('a HALT of the same paragraph wins', () => expect(kind(`${halt}\n${done}`, last)).toBe('HALT'));
  it('an open fence hides it', () => expect(kind(`\`\`\`\n${done}`, last)).toBeNull());
});

describe('the reason of a HALT', () => {
  const reason = (text: string) => findSignal(text, any)?.reason;
  it('is the rest of its paragraph', () => {
    expect(reason(`Intro.\n\n${halt}\nThe key\n  is missing.\n\nMore.`)).toBe('The key is missing.');
  });
  it('else the paragraph directly before', () => {
    expect(reason(`Intro.\n\nThe key\r\nis missing.\r\n\r\n${halt}\r\n`)).toBe('The key is missing.');
    expect(reason(`The key is missing.\n${halt}`)).toBe('The key is missing.');
  });
  it('does not hold other signals', () => expect(reason(`${halt}\n${done}`)).toBeNull());
  it('is null when there is none', () => expect(reason(halt)).toBeNull());
  it('is of the last HALT', () => expect(reason(`${halt}\nfirst\n\n${halt}\nsecond`)).toBe('second'));
  it('is bounded', () => expect(reason(`${halt}\n${'x'.repeat(5000)}`)).toHaveLength(2000));
  it('is null for other signals', () => expect(reason(`${done}\nall fine`)).toBeNull());
});

describe('unknown promises', () => {
  it('are named once each', () => {
    const text = `<promise>DONE</promise>\n<promise>DONE</promise>\nx <promise>NOT_ALONE</promise>\n<promise>task_done</promise>`;
    expect(readSignals(text, any)).toEqual({ signal: null, unknown: ['DONE', 'task_done'] });
  });
});

describe('quoting', () => {
  it('quotes every line that could be one, also in fences, and keeps all other bytes', () => {
    const text = `a\r\n${done}\r\n\`\`\`\n  <promise>FOO</promise>\n\`\`\`\nx ${done}\n`;
    expect(quoteSignals(text)).toBe(`a\r\n> ${done}\r\n\`\`\`\n>   <promise>FOO</promise>\n\`\`\`\nx ${done}\n`);
  });

  const piece = fc.constantFrom(
    done,
    halt,
    complete,
    '```',
    '~~~',
    '> ',
    ' ',
    '\t',
    '\r',
    '\n',
    '- ',
    'text',
    '<promise>',
  );
  const texts = fc.array(piece, { maxLength: 20 }).map(pieces => pieces.join(''));
  it('leaves no signal in any text, and twice is once', () => {
    fc.assert(
      fc.property(texts, text => {
        const quoted = quoteSignals(text);
        expect(findSignal(quoted, any)).toBeNull();
        expect(findSignal(quoted, last)).toBeNull();
        expect(quoteSignals(quoted)).toBe(quoted);
      }),
    );
  });

  it('is linear on long input', () => {
    const text = `${'`'.repeat(200_000)}\n${' '.repeat(200_000)}<promise>\n${'- '.repeat(100_000)}`;
    expect(findSignal(text, any)).toBeNull();
  });
});
