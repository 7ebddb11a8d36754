// Where the process of seqrun begins and ends, once `--help` and `--version` are out of the way.
import { crashFailure } from './crash.ts';
import { failureLines } from './errors.ts';
import { main } from './main.ts';
import { cleanLines } from './text.ts';

const argv = process.argv.slice(2);

// A promise nobody waited for: Node would exit with 1, which means "iterations used up".
process.on('uncaughtException', error => {
  const lines = failureLines(crashFailure(error, argv, process.env, Date.now()));
  try {
    process.stderr.write(`${lines.flatMap(cleanLines).join('\n')}\n`);
  } finally {
    process.exit(70);
  }
});

process.exit(await main(argv, process.env, { stdout: process.stdout, stderr: process.stderr, cwd: process.cwd() }));
