// Where the tests are and how many run side by side. Long campaigns run only with SEQRUN_TEST_LONG=1.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/own-tmp.ts'],
    setupFiles: ['test/seed.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Whole runs mostly wait for processes: two cores carry four of them.
    maxWorkers: 4,
  },
});
