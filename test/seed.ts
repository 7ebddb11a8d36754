// Seeds of the property tests: one for every ordinary run, so that it says the same twice; a new one, printed, for a long run.
import fc from 'fast-check';

const long = process.env.SEQRUN_TEST_LONG === '1';
const seed = Number(process.env.SEQRUN_SEED ?? (long ? Date.now() % 2 ** 31 : 20_261_120));
if (long && process.env.SEQRUN_SEED === undefined) process.stderr.write(`property tests: SEQRUN_SEED=${seed}\n`);
fc.configureGlobal({ seed });
