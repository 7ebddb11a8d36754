// Plants one fault at a time into a copy of src/, plays histories over it, and tells which checker caught it. Each must be caught.
// npm run sim:faults [-- --only 'part of a name' --seeds N]
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { bundleSim, cacheFolder } from './sim-bundle.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: { only: { type: 'string' }, seeds: { type: 'string', default: '3000' } },
});
const faults = JSON.parse(await readFile(join(root, 'test', 'sim', 'planted-faults.json'), 'utf8'));
const chosen = faults.filter(({ name }) => values.only === undefined || name.includes(values.only));
const run = promisify(execFile);

/** Which checker caught it and with which seed, or null. */
const plant = async ({ name, file, from, to }) => {
  const folder = await mkdtemp(join(cacheFolder, 'fault-'));
  try {
    await cp(join(root, 'src'), join(folder, 'src'), { recursive: true });
    const path = join(folder, file);
    const text = await readFile(path, 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${name}: ${file} does not hold exactly once: ${from}`);
    await writeFile(
      path,
      text.replace(from, () => to),
    );
    const bundle = await bundleSim(folder, `fault-${process.pid}-${faults.findIndex(one => one.name === name)}`);
    try {
      const { stdout } = await run(process.execPath, [join(root, 'scripts', 'hunt.mjs'), bundle, values.seeds]);
      return JSON.parse(stdout);
    } finally {
      await rm(bundle, { force: true });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const queue = [...chosen];
let missed = 0;
const begunMs = performance.now();
const worker = async () => {
  for (let fault = queue.shift(); fault !== undefined; fault = queue.shift()) {
    const found = await plant(fault);
    if (found === null) missed++;
    console.log(found ? `caught  ${fault.name}: ${found.checker} (${found.where})` : `MISSED  ${fault.name}`);
  }
};
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
console.log(
  `${chosen.length - missed} of ${chosen.length} caught in ${Math.round((performance.now() - begunMs) / 1000)} s`,
);
process.exit(missed > 0 ? 1 : 0);
