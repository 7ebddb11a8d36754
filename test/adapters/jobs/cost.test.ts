// What a start costs beside the bare mechanism. Long runs only: times mean little on a busy machine.
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { endedOf, rig, transports, watchAll } from './rig.ts';

const units = 50;
const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1]!;

test.skipIf(!process.env.SEQRUN_TEST_LONG).each(transports)('ms per unit over %s', async transport => {
  const world = rig(transport);
  const agent = 'echo "{}"; echo OK';
  const run = (argv: string[]) =>
    new Promise(resolve => {
      const child = spawn(argv[0]!, argv.slice(1), { env: world.env, stdio: ['ignore', 'pipe', 'pipe'] });
      child.stdout.resume();
      child.on('close', resolve);
    });
  if (transport === 'tmux') world.tmux('new-session', '-d', '-s', 'bare', 'sleep', '1000');
  const [bare, ours]: [number[], number[]] = [[], []];
  for (let unit = 1; unit <= units; unit++) {
    const begunMs = performance.now();
    if (transport === 'tmux') {
      const signal = `${world.command.join(' ')} wait-for -S d${unit}`;
      await run([...world.command, 'new-window', '-d', '-P', '-t', 'bare:', 'sh', '-c', `${agent}; ${signal}`]);
      await run([...world.command, 'wait-for', `d${unit}`]);
    } else await run(['sh', '-c', agent]);
    bare.push(performance.now() - begunMs);
    const job = await world.job(agent, { label: String(unit) });
    const oursMs = performance.now();
    await world.jobs.launch(job);
    expect(endedOf(await world.jobs.watch(job, watchAll)).exit?.code).toBe(0);
    ours.push(performance.now() - oursMs);
  }
  world.close();
  console.log(
    `${transport}: bare ${median(bare).toFixed(1)} ms, a start ${median(ours).toFixed(1)} ms (median of ${units})`,
  );
});
