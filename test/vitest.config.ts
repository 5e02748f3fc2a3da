/** How the tests run: real servers, two processes (the machine's cores), no retries. The root is the project. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const report = process.env['TEST_REPORT'];

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**', 'node_modules/**'],
    globalSetup: ['test/support/server.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Only a hang: at eight processes a core a test of many verbs took 32 s.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    // Copies of our code that were changed on purpose (test/race/mutant.ts) are TypeScript too.
    server: { deps: { inline: [/node_modules\/\.cache\/segmentd-mutant/] } },
    // .ci/run counts the tests of its legs.
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
