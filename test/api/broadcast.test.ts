// Readers of one stream: each from its beginning, none in the way of another.
import { expect, it } from 'vitest';
import { createBroadcast } from '../../src/api/broadcast.ts';

const rest = async <Value>(values: AsyncIterable<Value>): Promise<Value[]> => {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
};

it('gives each reader what was sent since it began, also after the end', async () => {
  const broadcast = createBroadcast<number>();
  broadcast.send(0);
  const early = broadcast.read();
  broadcast.send(1);
  const late = broadcast.read();
  broadcast.send(2);
  broadcast.close();
  expect(await rest(early)).toEqual([1, 2]);
  expect(await rest(late)).toEqual([2]);
  expect(await rest(broadcast.read())).toEqual([]);
});

it('wakes a reader that waits, and lets one go that leaves', async () => {
  const broadcast = createBroadcast<string>();
  const [waits, leaves] = [broadcast.read(), broadcast.read()];
  const [next, last] = [waits.next(), leaves.next()];
  await leaves.return?.();
  expect(await last).toEqual({ value: undefined, done: true });
  broadcast.send('a');
  expect(await next).toEqual({ value: 'a', done: false });
  expect(await leaves.next()).toEqual({ value: undefined, done: true });
  const end = waits.next();
  broadcast.close();
  expect((await end).done).toBe(true);
});
