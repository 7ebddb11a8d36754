// Shares a campaign of histories among processes. What it adds up to does not depend on how many there are.
import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const worker = join(dirname(fileURLToPath(import.meta.url)), 'sim-worker.mjs');

/**
 * Hands the shares to `jobs` processes in turn and calls back with each answer, in the order of the shares; `false` ends it there:
 * what later shares have found by then counts for nothing.
 */
export const playShares = (shares, { bundle, jobs, onAnswer }) =>
  new Promise((resolve, reject) => {
    const answers = new Map();
    const workers = [];
    let given = 0;
    let taken = 0;
    const end = settle => {
      for (const one of workers) {
        one.removeAllListeners('exit');
        one.kill();
      }
      settle();
    };
    const take = () => {
      for (; answers.has(taken); taken++) {
        const answer = answers.get(taken);
        answers.delete(taken);
        if (!onAnswer(answer)) return end(resolve);
      }
      if (taken === shares.length) end(resolve);
    };
    for (let k = 0; k < Math.min(jobs, shares.length); k++) {
      const one = fork(worker, [bundle]);
      workers.push(one);
      let own = null;
      one.on('message', answer => {
        if (own !== null) answers.set(own, answer);
        own = given < shares.length ? given++ : null;
        if (own !== null) one.send(shares[own]);
        take();
      });
      one.on('exit', code => end(() => reject(new Error(`a process of the campaign ended with ${code}`))));
    }
    if (shares.length === 0) resolve();
  });
