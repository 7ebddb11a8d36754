// How reading grows with the size of the file: `node scripts/growth.mjs`. Prints the time per task of each shape and size, beside the
// smallest of its shape; only ratios within a run say anything on a shared machine.
import { loadSpecRoom } from './spec-room.mjs';

const { readSpec, makePlan } = await loadSpecRoom();
const options = {
  granularity: 'group',
  includeOptional: false,
  lenientDeps: false,
  only: null,
  from: null,
  until: null,
};
const line = (indent, id) =>
  `${' '.repeat(indent)}- [ ] ${id} Make part ${id} of the thing\n${' '.repeat(indent)}  - look at it twice\n`;
const shapes = {
  flat: n => Array.from({ length: n }, (_, i) => line(0, `${i + 1}.`)).join(''),
  'groups of 20': n =>
    Array.from({ length: n }, (_, i) =>
      i % 20 === 0 ? line(0, `${i / 20 + 1}.`) : line(2, `${Math.floor(i / 20) + 1}.${i % 20}`),
    ).join(''),
  'sections of 20': n =>
    Array.from(
      { length: n },
      (_, i) =>
        `${i % 20 === 0 ? `\n## ${i / 20 + 1}. Section\n\n` : ''}${line(0, `${Math.floor(i / 20) + 1}.${(i % 20) + 1}`)}`,
    ).join(''),
};
const timeOf = text => {
  const bytes = Buffer.from(text);
  const times = [];
  for (let round = 0; round < 3; round++) {
    const begunMs = performance.now();
    const spec = readSpec(bytes);
    makePlan(spec, options);
    times.push(performance.now() - begunMs);
    if (spec.tasks.length === 0) throw new Error('no task was read');
  }
  return Math.min(...times);
};
const show = (what, ms, tasks, base) => {
  const each = (1000 * ms) / tasks;
  process.stdout.write(
    `${what.padEnd(34)} ${ms.toFixed(0).padStart(6)} ms  ${each.toFixed(1).padStart(7)} µs a task  ${base ? `${(each / base).toFixed(2)} x` : ''}\n`,
  );
  return each;
};
timeOf(shapes.flat(500));
let fastest = 0;
for (const [name, make] of Object.entries(shapes)) {
  let base = 0;
  for (const n of [1_000, 5_000, 20_000]) {
    const each = show(`${name}, ${n} tasks`, timeOf(make(n)), n, base);
    base ||= each;
    if (name === 'groups of 20') fastest = Math.max(fastest, base);
  }
}
show(
  'one group of 5,000',
  timeOf(line(0, '1.') + Array.from({ length: 5_000 }, (_, i) => line(2, `1.${i + 1}`)).join('')),
  5_000,
  fastest,
);
const deep = Array.from({ length: 1_000 }, (_, i) => `${'  '.repeat(i)}- [ ] ${i + 1}. deep\n`).join('');
const begunMs = performance.now();
const spec = readSpec(Buffer.from(deep));
process.stdout.write(
  `nested 1,000 deep: ${(performance.now() - begunMs).toFixed(0)} ms, ${spec.tasks.length} tasks, ${spec.diagnostics
    .map(one => one.code)
    .filter((code, i, all) => all.indexOf(code) === i)
    .join(', ')}\n`,
);
