// Ticks every task of every task file below the folders named, one by one, in memory: each must differ in exactly the byte of its box,
// and the file read again must have that task done and all others as they were. `node scripts/tick-all.mjs examples [folder …]`
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadSpecRoom } from './spec-room.mjs';

const { readSpec, flipBox } = await loadSpecRoom();
const filesIn = path =>
  statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true })
        .map(name => join(path, name))
        .filter(name => /tasks.*\.md$|\.tasks\.md$/i.test(name))
    : [path];
const folders = process.argv.slice(2);
if (folders.length === 0) {
  process.stderr.write('name at least one folder or file: node scripts/tick-all.mjs examples\n');
  process.exit(64);
}
const files = folders.flatMap(filesIn).filter(path => statSync(path).isFile());
const count = { tasks: 0, ticked: 0, done: 0, boxless: 0, refused: 0 };
const wrong = [];
for (const path of files) {
  const bytes = readFileSync(path);
  const spec = readSpec(bytes);
  for (const task of spec.tasks) {
    count.tasks++;
    const say = what => wrong.push(`${path}:${task.line}: ${task.id}: ${what}`);
    if (task.state === 'done') count.done++;
    if (!task.box) {
      count.boxless++;
      continue;
    }
    const flipped = flipBox(bytes, task, task.state === 'done' ? ' ' : 'x');
    if ('reason' in flipped) {
      count.refused++;
      if (task.box.offset >= 0) say(flipped.reason);
      continue;
    }
    const differing = [];
    if (flipped.bytes.length === bytes.length)
      for (let i = 0; i < bytes.length; i++) if (bytes[i] !== flipped.bytes[i]) differing.push(i);
    if (differing.length !== 1 || differing[0] !== task.box.offset)
      say(`${differing.length} bytes differ, at ${differing.slice(0, 3)}`);
    const after = readSpec(flipped.bytes).tasks;
    const wanted = task.state === 'done' ? 'pending' : 'done';
    for (const [i, one] of spec.tasks.entries()) {
      const now = after[i];
      const expected = one === task ? wanted : one.state;
      if (now?.id !== one.id || (one.box && now.state !== expected)) {
        say(`afterwards ${one.id} is ${now?.id} ${now?.state}, expected ${expected}`);
        break;
      }
    }
    count.ticked++;
  }
}
for (const line of wrong.slice(0, 40)) process.stdout.write(`${line}\n`);
process.stdout.write(
  `${files.length} files, ${count.tasks} tasks: ${count.ticked} ticked or opened by one byte, ${count.boxless} without box, ` +
    `${count.refused} left alone ([] or a mark of several bytes), ${wrong.length} wrong\n`,
);
process.exitCode = wrong.length > 0 ? 1 : 0;
