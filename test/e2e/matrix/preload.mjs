// Loaded into a seqrun under test (NODE_OPTIONS=--import …): holds that process at one call of node:fs until a file says go.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** See `moments.ts`. */
const { steps, reached, go, launch } = JSON.parse(process.env.SEQRUN_TEST_HOLD);
// Children of seqrun are not meant.
delete process.env.NODE_OPTIONS;
delete process.env.SEQRUN_TEST_HOLD;

const { existsSync, readlinkSync, writeFileSync, writeSync } = fs;
let step = 0;

const holdStill = () => {
  writeFileSync(reached, String(process.pid));
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(go)) Atomics.wait(nothing, 0, 0, 5);
};

/** When the call is the one that is waited for: at which side of it to hold, else null. */
const match = (call, path, text) => {
  const wanted = steps[step];
  if (wanted?.call !== call || !new RegExp(wanted.path).test(path) || !new RegExp(wanted.text).test(text)) return null;
  step++;
  return step === steps.length ? wanted.when : null;
};

const around = (name, describe, half) => {
  const real = fs[name];
  fs[name] = (...args) => {
    const when = match(name, ...describe(args));
    if (when === 'before') holdStill();
    if (when === 'half') return half(args);
    const result = real(...args);
    if (when === 'after') holdStill();
    return result;
  };
};

around(
  'writeSync',
  ([fd, data]) => [readlinkSync(`/proc/self/fd/${fd}`), String(Buffer.from(data))],
  ([fd, data]) => {
    const middle = Math.trunc(data.length / 2);
    const first = writeSync(fd, data, 0, middle, null);
    holdStill();
    return first + writeSync(fd, data, first, data.length - first, null);
  },
);
around('renameSync', ([, to]) => [String(to), '']);

if (launch) {
  const pause = `echo $$ >'${reached}'\nuntil [ -e '${go}' ]; do sleep 0.02; done\n`;
  const whole = fs.writeFileSync;
  fs.writeFileSync = (path, text, ...rest) => {
    if (!/\/2-2-agent\/launch\.sh$/.test(String(path))) return whole(path, text, ...rest);
    const claim = /^if \[ "\$owned" = owned \].*\nset \+C\n/m;
    if (!claim.test(text)) throw new Error('launch.sh has no claim as this test knows it');
    return whole(
      path,
      text.replace(claim, line => (launch === 'before' ? pause + line : line + pause)),
      ...rest,
    );
  };
}
syncBuiltinESMExports();
