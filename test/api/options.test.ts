// The options and the table of flags say the same; what is wrong with options is said as the command line would.
import { expect, expectTypeOf, it } from 'vitest';
import type { RunOptions } from '../../src/api/options.ts';
import type { FLAGS } from '../../src/cli/flags.ts';
import { optionsText } from './options-text.ts';

it('types each flag as the config file takes it (npx vitest run test/api/options.test.ts -u writes the file anew)', async () => {
  await expect(optionsText()).toMatchFileSnapshot('../../src/api/options.ts');
});

type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

it('has no key that is no flag', () => {
  expectTypeOf<Exclude<keyof RunOptions, Camel<keyof typeof FLAGS>>>().toEqualTypeOf<'env' | 'cwd' | 'signal'>();
});
