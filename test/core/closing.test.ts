// The closing block: where it is found, what of it counts, and what it never does to a signal.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type Closing, readClosing } from '../../src/core/closing.ts';
import { closingWish } from '../../src/core/closing-wish.ts';
import { findSignal } from '../../src/core/signal.ts';

const runId = '0b6f1c1e-5a0e-4b57-9a44-3f1f5f0a7c11';
const done = '<promise>TASK_DONE</promise>';
const read = (text: string) => readClosing(text, { runId });
const block = (object: unknown) =>
  `\`\`\`seqrun\n${typeof object === 'string' ? object : JSON.stringify(object)}\n\`\`\``;
const summaryOf = (text: string) => read(text).closing?.summary ?? null;
const empty: Closing = {
  summary: null,
  achieved: [],
  evidence: [],
  remaining: [],
  changes: [],
  validation: null,
  needsFollowUp: null,
  recommendedAction: null,
  nextPrompt: null,
  followUp: [],
};

describe('a block is found', () => {
  const json = '{"summary": "x"}';
  it.each([
    ['alone', `\`\`\`seqrun\n${json}\n\`\`\``],
    ['between text', `Done.\n\n\`\`\`seqrun\n${json}\n\`\`\`\n\n${done}\n`],
    ['in tildes', `~~~seqrun\n${json}\n~~~`],
    ['in a longer fence', `\`\`\`\`\`seqrun\n${json}\n\`\`\`\`\``],
    ['three columns in', `   \`\`\`seqrun\n   ${json}\n   \`\`\``],
    ['with blanks around the word', `\`\`\`  seqrun \n${json}\n\`\`\``],
    ['with more words in the info string', `\`\`\`seqrun closing\n${json}\n\`\`\``],
    ['with CRLF', `a\r\n\`\`\`seqrun\r\n${json}\r\n\`\`\`\r\n`],
    ['over several lines', '```seqrun\n{\n\n  "summary":\n  "x"\n}\n```'],
    ['never closed', `\`\`\`seqrun\n${json}\n`],
    ['after another fence', `\`\`\`sh\nls\n\`\`\`\n\`\`\`seqrun\n${json}\n\`\`\``],
    ['the last one of two', `${block({ summary: 'old' })}\n${block({ summary: 'x' })}`],
  ])('%s', (_, text) => expect(read(text)).toEqual({ closing: { ...empty, summary: 'x' }, warnings: [] }));
});

describe('no block', () => {
  it.each([
    ['nothing', ''],
    ['plain text', 'seqrun\n{"summary": "x"}'],
    ['another info string', '```json\n{"summary": "x"}\n```'],
    ['a longer word', '```seqrunner\n{"summary": "x"}\n```'],
    ['a capital letter', '```Seqrun\n{"summary": "x"}\n```'],
    ['four columns in', '    ```seqrun\n    {"summary": "x"}\n    ```'],
    ['in a list item', '- ```seqrun\n  {"summary": "x"}\n  ```'],
    ['in a quotation', '> ```seqrun\n> {"summary": "x"}\n> ```'],
    ['as a sample in a longer fence', '````md\n```seqrun\n{"summary": "x"}\n```\n````'],
    ['as a sample in the other kind of fence', '~~~\n```seqrun\n{"summary": "x"}\n```\n~~~'],
    ['inline code', '```seqrun {"summary": "x"}```'],
  ])('%s', (_, text) => expect(read(text)).toEqual({ closing: null, warnings: [] }));
});

describe('a block does not count, and a warning says why', () => {
  it.each([
    ['a trailing comma', '{"summary": "x",}', 'no JSON'],
    ['a comment', '{"summary": "x"} // well', 'no JSON'],
    ['nothing', '', 'no JSON'],
    ['a list', '[{"summary": "x"}]', 'no JSON object'],
    ['null', 'null', 'no JSON object'],
    ['another version', '{"version": "2"}', 'version is "2"'],
    ['a version of another type', '{"version": ["1"]}', 'version is ["1"]'],
    ['a run id that is none', '{"run_id": "7"}', 'run_id "7"'],
    ['a run id that is no text', '{"run_id": 7}', 'run_id 7'],
    ['another run', '{"run_id": "0b6f1c1e-5a0e-4b57-9a44-3f1f5f0a7c12", "needs_follow_up": "yes"}', 'another run'],
    ['more than any honest block', `{"summary": "${'x'.repeat(200_000)}"}`, 'longer than'],
  ])('%s', (_, json, why) => {
    const reading = read(block(json));
    expect(reading).toEqual({ closing: null, warnings: [expect.stringContaining(why)] });
    expect(read(`${block({ summary: 'earlier' })}\n${block(json)}`).closing).toBeNull();
  });
});

test('version 1 and this run may be named, as text or number, in any case of letters', () => {
  for (const object of [
    { version: '1' },
    { version: 1 },
    { version: null, run_id: null },
    { runId },
    { run_id: runId.toUpperCase() },
  ])
    expect(read(block({ ...object, summary: 'x' }))).toMatchObject({ closing: { summary: 'x' }, warnings: [] });
});

test('every field is read, in snake_case and in camelCase; unknown ones are ignored', () => {
  const full: Closing = {
    summary: 'Hours are shown.\n\nIn two places.',
    achieved: ['a', 'b'],
    evidence: ['npm test: 12 passed'],
    remaining: ['c'],
    changes: ['src/hours.ts'],
    validation: 'by hand',
    needsFollowUp: true,
    recommendedAction: 'requeue_same_task',
    nextPrompt: 'Do c.',
    followUp: ['d'],
  };
  const { needsFollowUp, recommendedAction, nextPrompt, followUp, ...rest } = full;
  const snake = { ...rest, needs_follow_up: needsFollowUp, recommended_action: recommendedAction };
  const more = { next_prompt: nextPrompt, follow_up: followUp, mood: 'fine', toString: 1 };
  expect(read(block({ ...snake, ...more }))).toEqual({ closing: full, warnings: [] });
  expect(read(block(full))).toEqual({ closing: full, warnings: [] });
  expect(read(block({ ...full, needs_follow_up: 'no', recommended_action: 'in_review' })).closing).toMatchObject({
    needsFollowUp: false,
    recommendedAction: 'in_review',
  });
});

test('one value makes a list; what is no text is kept as JSON; what says nothing is left out', () => {
  const { closing, warnings } = read(
    block({
      achieved: 'all of\n  it',
      evidence: ['', ' ', null, 3, true, { command: 'npm test', result: 'ok' }],
      remaining: 'None.',
      changes: ['...', 'N/A', '-', 'nothing is left in src/'],
      validation: ['types', 'lint'],
      summary: '…',
    }),
  );
  expect(closing).toEqual({
    ...empty,
    achieved: ['all of it'],
    evidence: ['3', 'true', '{"command":"npm test","result":"ok"}'],
    changes: ['nothing is left in src/'],
    validation: '["types","lint"]',
  });
  expect(warnings).toEqual([]);
});

test('follow-up is yes, no or not said; an unknown action is not said; both warn', () => {
  const said = (value: unknown) => read(block({ needs_follow_up: value, remaining: [] }));
  for (const yes of [true, 'yes', ' YES ', 'true']) expect(said(yes).closing?.needsFollowUp).toBe(true);
  for (const no of [false, 'no', 'No', 'false']) expect(said(no).closing?.needsFollowUp).toBe(false);
  for (const other of ['maybe', 1, [], {}])
    expect(said(other)).toMatchObject({
      closing: { needsFollowUp: null },
      warnings: [expect.stringContaining('neither yes nor no')],
    });
  expect(said(null).warnings).toEqual([]);
  for (const action of ['done', 'IN_REVIEW', 7, ['in_review']])
    expect(read(block({ recommended_action: action }))).toMatchObject({
      closing: { recommendedAction: null },
      warnings: [expect.stringContaining('is none of in_review, requeue_same_task')],
    });
});

test('texts and lists are cut, and nothing in them acts on a terminal or turns the direction of writing', () => {
  const { closing, warnings } = read(
    block({
      summary: '😀'.repeat(3000),
      next_prompt: `${' '.repeat(9000)}x`,
      remaining: Array(80).fill('y'.repeat(900)),
    }),
  );
  expect(closing!.summary).toHaveLength(3999);
  expect(closing!.summary).not.toMatch(/\p{Cs}/u);
  expect(closing!.remaining).toHaveLength(50);
  expect(closing!.remaining[0]).toBe(`${'y'.repeat(499)}…`);
  expect(warnings[0]).toContain('first 50 entries of remaining');
  const bad = '\u001b[31mred\u001b[0m \u202eabc\u2066 \u009b2Jx\u0007\u0000\ud800 a\u2028b\r\nc';
  expect(read(block({ summary: bad, achieved: [bad] })).closing).toMatchObject({
    summary: 'red abc x\ufffd a\nb\nc',
    achieved: ['red abc x\ufffd a b c'],
  });
  const deep = `{"remaining": [${'['.repeat(90_000)}${']'.repeat(90_000)}]}`;
  expect(read(block(deep)).closing?.remaining).toHaveLength(1);
});

describe('block and signal leave each other alone', () => {
  const closing = block({ summary: 'x', remaining: [done] });
  it.each([
    ['a block before the signal', `${closing}\n\n${done}`, 'TASK_DONE', 'TASK_DONE'],
    // Whose whole output stands for the final message ends with the signal: so the prompt asks for the block before it.
    ['a block after the signal', `${done}\n\n${closing}`, 'TASK_DONE', null],
    ['a signal only inside the block', `\`\`\`seqrun\n{"summary":\n${done}\n}\n\`\`\``, null, null],
    ['a signal below a block that is never closed', `\`\`\`seqrun\n{"summary": "x"}\n${done}`, null, null],
  ])('%s', (_, text, stream, lastLine) => {
    expect(findSignal(text, { lastLineOnly: false })?.kind ?? null).toBe(stream);
    expect(findSignal(text, { lastLineOnly: true })?.kind ?? null).toBe(lastLine);
  });
});

test('an agent that repeats the example from its prompt has said nothing', () => {
  const template = readFileSync(new URL('../../templates/closing.md', import.meta.url), 'utf8');
  const { closing } = read(template);
  expect(closing).toEqual(empty);
  expect(closingWish(closing!)).toEqual({ kind: 'none' });
  expect(findSignal(`${template}\n${done}`, { lastLineOnly: true })?.kind).toBe('TASK_DONE');
});

describe('whatever the message is', () => {
  const odd = [
    '```seqrun',
    '```',
    '~~~seqrun',
    '~~~',
    '````',
    '- ```',
    '    ```',
    ' ```seqrun x',
    '{',
    '}',
    '{}',
    done,
    '',
  ];
  const lines = fc.array(fc.oneof(fc.constantFrom(...odd), fc.string({ unit: 'binary', maxLength: 12 })), {
    maxLength: 14,
  });
  const within = (text: string | null, max: number) => {
    expect((text ?? '').length).toBeLessThanOrEqual(max);
    expect(text ?? '').not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
  };

  test('reading never throws, and what is read is bounded and clean', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: 'binary', maxLength: 9000 }),
      fc.array(fc.string(), { maxLength: 60 }),
    );
    const names = [
      'version',
      'run_id',
      'needsFollowUp',
      'needs_follow_up',
      'recommended_action',
      'next_prompt',
      'follow_up',
    ];
    const object = fc.dictionary(fc.constantFrom(...Object.keys(empty), ...names), value, { maxKeys: 6 });
    fc.assert(
      fc.property(lines, object, (soup, fields) => {
        read(soup.join('\n'));
        const { closing, warnings } = read(block(fields));
        for (const warning of warnings) within(warning, 300);
        if (closing === null) return;
        for (const [name, field] of Object.entries(closing)) {
          if (typeof field === 'string') within(field, 4000);
          if (!Array.isArray(field)) continue;
          expect(field.length, name).toBeLessThanOrEqual(50);
          for (const line of field) within(line, 500);
        }
        const wish = closingWish(closing);
        if (wish.kind === 'follow_up') within(wish.text, 4000);
        if (wish.kind === 'person') within(wish.reason, 2000);
      }),
    );
  });

  test('text without such a block gives nothing', () => {
    fc.assert(
      fc.property(lines, soup => {
        const text = soup.join('\n').replaceAll('seqrun', 'other');
        expect(read(text)).toEqual({ closing: null, warnings: [] });
      }),
    );
  });

  test('a well-formed block comes back as it was, wherever it stands outside fences', () => {
    const word = fc
      .stringMatching(/^[a-zé`*#<>"\\😀][ -~é]{0,40}[a-zé`]$/u)
      .filter(text => !/^none$|^nothing$| {2}/.test(text));
    const list = fc.array(word, { maxLength: 5 });
    const maybe = fc.option(word);
    const closing: fc.Arbitrary<Closing> = fc.record({
      summary: maybe,
      achieved: list,
      evidence: list,
      remaining: list,
      changes: list,
      validation: maybe,
      needsFollowUp: fc.option(fc.boolean()),
      recommendedAction: fc.constantFrom(null, 'in_review', 'requeue_same_task', 'split_into_subtasks', 'prompt_user'),
      nextPrompt: maybe,
      followUp: list,
    });
    fc.assert(
      fc.property(
        closing,
        fc.array(word.filter(text => !/^```/.test(text))),
        fc.constantFrom(0, 2),
        (given, prose, indent) => {
          const json = JSON.stringify({ version: '1', run_id: runId, ...given }, null, indent);
          expect(read(`${prose.join('\n')}\n${block(json)}\n${done}`).closing).toEqual(given);
        },
      ),
    );
  });

  test('where a block is seen, the signal reader sees a fence', () => {
    fc.assert(
      fc.property(lines, soup => {
        const open = soup.join('\n').replaceAll(done, '');
        const text = `${open}\n\`\`\`seqrun\n{"summary": "the last"}\n`;
        const seen = summaryOf(text) === 'the last';
        const halt = '<promise>HALT</promise>';
        // Outside fences a promise in the block's place counts; so do both readers agree on what stands outside.
        const outside = findSignal(`${open}\n${halt}`, { lastLineOnly: false })?.kind === 'HALT';
        expect(seen).toBe(outside);
      }),
      { numRuns: 300 },
    );
  });
});
