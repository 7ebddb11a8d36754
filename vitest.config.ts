// Where the tests are and how many run side by side. Long campaigns run only with SEQRUN_TEST_LONG=1.
import { defineConfig } from 'vitest/config';

/** They touch nothing that outlives a test, so their files may share a process: that spares a third of their time. */
const shared = ['core', 'spec', 'agents', 'engine', 'adapters', 'cli'].map(room => `test/${room}/**/*.test.ts`);

export default defineConfig({
  test: {
    globalSetup: ['test/own-tmp.ts'],
    setupFiles: ['test/seed.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Whole runs mostly wait for processes: two cores carry four of them.
    maxWorkers: 4,
    projects: [
      { extends: true, test: { name: 'shared', include: shared, isolate: false } },
      { extends: true, test: { name: 'whole', include: ['test/**/*.test.ts'], exclude: shared } },
    ],
  },
});
