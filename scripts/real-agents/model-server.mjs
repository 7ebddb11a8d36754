// A model server that answers by what a conversation holds so far: Anthropic Messages, OpenAI Responses and Chat Completions, on the loopback.
import { appendFileSync } from 'node:fs';
import http from 'node:http';
import zlib from 'node:zlib';

const usage = { in: 1200, cached: 1000, out: 42 };
let last = 0;
const id = kind => `${kind}_${String(++last).padStart(6, '0')}`;
const textOf = content =>
  typeof content === 'string'
    ? content
    : (content ?? []).map(part => part.text ?? (part.content === undefined ? '' : textOf(part.content))).join('\n');

/**
 * What each protocol says in its own words: `read` gives messages in the order of the conversation, `{ user }`, `{ call, name, input }`
 * or `{ result, of }`; `write` the events of an answer, `{ text }` or `{ tool, input }`.
 */
const protocols = {
  anthropic: {
    path: /\/messages(?:\?|$)/,
    tools: body => (body.tools ?? []).map(({ name, input_schema }) => ({ name, schema: input_schema })),
    read: body =>
      body.messages.flatMap(({ role, content }) =>
        (typeof content === 'string' ? [{ type: 'text', text: content }] : content).map(part => {
          if (part.type === 'tool_use') return { call: part.id, name: part.name, input: part.input };
          if (part.type === 'tool_result') return { result: textOf(part.content), of: part.tool_use_id };
          return role === 'user' ? { user: part.text ?? '' } : {};
        }),
      ),
    write: (answer, { model }) => {
      const content = answer.tool
        ? { type: 'tool_use', id: id('toolu'), name: answer.tool, input: answer.input }
        : { type: 'text', text: answer.text };
      const used = { input_tokens: usage.in - usage.cached, cache_read_input_tokens: usage.cached, output_tokens: 1 };
      const start = { id: id('msg'), type: 'message', role: 'assistant', model, content: [], stop_reason: null };
      const delta = answer.tool
        ? { type: 'input_json_delta', partial_json: JSON.stringify(answer.input) }
        : { type: 'text_delta', text: answer.text };
      const empty = answer.tool ? { input: {} } : { text: '' };
      const stop = { stop_reason: answer.tool ? 'tool_use' : 'end_turn', stop_sequence: null };
      return {
        whole: { ...start, content: [content], ...stop, usage: { ...used, output_tokens: usage.out } },
        events: [
          { type: 'message_start', message: { ...start, usage: used } },
          { type: 'content_block_start', index: 0, content_block: { ...content, ...empty } },
          { type: 'content_block_delta', index: 0, delta },
          { type: 'content_block_stop', index: 0 },
          { type: 'message_delta', delta: stop, usage: { output_tokens: usage.out } },
          { type: 'message_stop' },
        ],
      };
    },
  },
  responses: {
    path: /\/responses(?:\?|$)/,
    tools: body =>
      (body.tools ?? []).map(({ name, type, parameters }) => ({ name: name ?? type, schema: parameters ?? {} })),
    read: body =>
      (typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : body.input).map(item => {
        if (item.type === 'function_call')
          return { call: item.call_id, name: item.name, input: JSON.parse(item.arguments) };
        if (item.type === 'function_call_output') return { result: textOf(item.output), of: item.call_id };
        return item.role === 'user' ? { user: textOf(item.content) } : {};
      }),
    write: (answer, { model }) => {
      const item = answer.tool
        ? {
            type: 'function_call',
            id: id('fc'),
            call_id: id('call'),
            name: answer.tool,
            arguments: JSON.stringify(answer.input),
          }
        : {
            type: 'message',
            id: id('msg'),
            role: 'assistant',
            content: [{ type: 'output_text', text: answer.text, annotations: [] }],
          };
      const used = {
        input_tokens: usage.in,
        input_tokens_details: { cached_tokens: usage.cached },
        output_tokens: usage.out,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: usage.in + usage.out,
      };
      const response = { id: id('resp'), object: 'response', status: 'completed', model, output: [item], usage: used };
      const events = [
        { type: 'response.created', response: { ...response, status: 'in_progress', output: [], usage: null } },
        { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress' } },
        { type: 'response.output_item.done', output_index: 0, item: { ...item, status: 'completed' } },
        { type: 'response.completed', response },
      ];
      return { whole: response, events: events.map((event, k) => ({ ...event, sequence_number: k })) };
    },
  },
  chat: {
    path: /\/chat\/completions/,
    tools: body => (body.tools ?? []).map(tool => ({ name: tool.function.name, schema: tool.function.parameters })),
    read: body =>
      body.messages.flatMap(message => {
        if (message.role === 'tool') return [{ result: textOf(message.content), of: message.tool_call_id }];
        if (message.role === 'user') return [{ user: textOf(message.content) }];
        return (message.tool_calls ?? []).map(call => ({
          call: call.id,
          name: call.function.name,
          input: JSON.parse(call.function.arguments),
        }));
      }),
    write: (answer, { model }) => {
      const call = {
        index: 0,
        id: id('call'),
        type: 'function',
        function: { name: answer.tool, arguments: JSON.stringify(answer.input ?? {}) },
      };
      const message = answer.tool
        ? { role: 'assistant', content: null, tool_calls: [call] }
        : { role: 'assistant', content: answer.text };
      const finish = answer.tool ? 'tool_calls' : 'stop';
      const used = { prompt_tokens: usage.in, completion_tokens: usage.out, total_tokens: usage.in + usage.out };
      const chunk = { id: id('chatcmpl'), object: 'chat.completion.chunk', created: 1, model };
      return {
        whole: { ...chunk, choices: [{ index: 0, message, finish_reason: finish }], usage: used },
        events: [
          { ...chunk, choices: [{ index: 0, delta: message, finish_reason: null }] },
          { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: finish }] },
          { ...chunk, choices: [], usage: used },
        ],
        last: '[DONE]',
      };
    },
  },
};

/** The conversation of a request: what was asked last, each tool call since then with its result, the tools, and all of the request as text. */
const conversationOf = (protocol, body) => {
  const messages = protocol.read(body);
  const asked = messages.map(message => message.user).filter(text => text !== undefined);
  const results = new Map(messages.filter(({ of }) => of !== undefined).map(({ of, result }) => [of, result]));
  const calls = messages
    .filter(({ call }) => call !== undefined)
    .map(({ call, name, input }) => ({ name, input, result: results.get(call) ?? null }));
  return { asked, calls, tools: protocol.tools(body), text: JSON.stringify(body) };
};

const bodyOf = async request => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const raw = Buffer.concat(chunks);
  const unpack = { gzip: zlib.gunzipSync, br: zlib.brotliDecompressSync, zstd: zlib.zstdDecompressSync }[
    request.headers['content-encoding']
  ];
  try {
    return JSON.parse((unpack === undefined ? raw : unpack(raw)).toString('utf8'));
  } catch {
    return null;
  }
};

/**
 * Listens on 127.0.0.1. `answer(conversation)` gives `{ text }` or `{ tool, input }` for each question that brings tools along; others
 * (titles, summaries) get a word. Everything asked and answered stands in the file `log`.
 */
export const startModel = ({ port, answer, log }) => {
  const server = http.createServer(async (request, response) => {
    const json = (status, value) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    const body = await bodyOf(request);
    const found = Object.entries(protocols).find(([, { path }]) => path.test(request.url));
    if (/count_tokens/.test(request.url)) return json(200, { input_tokens: 100 });
    if (request.method !== 'POST' || body === null || found === undefined)
      // 426: Codex asks for a web socket first.
      return json(request.headers.upgrade ? 426 : 404, { error: { message: 'not here' } });
    const [name, protocol] = found;
    const conversation = conversationOf(protocol, body);
    let said = { text: 'ok' };
    try {
      if (conversation.tools.length > 0) said = answer(conversation);
    } catch (error) {
      said = { text: `the script of the model failed: ${error.stack}` };
    }
    appendFileSync(log, `${JSON.stringify({ protocol: name, body, said })}\n`);
    const { whole, events, last: end } = protocol.write(said, body);
    if (!body.stream) return json(200, whole);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    for (const event of events)
      response.write(`${event.type ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`);
    response.end(end === undefined ? '' : `data: ${end}\n\n`);
  });
  return new Promise(resolve => server.listen(port, '127.0.0.1', () => resolve(server)));
};
