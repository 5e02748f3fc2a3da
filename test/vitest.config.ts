/**
 * How the tests run: real servers, no retries. The root is the project. Three processes keep two cores busy: a test waits for
 * Postgres about a third of its time.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const report = process.env['TEST_REPORT'];

/** Files of half a minute and more: what starts last should be short. */
const LONG =
  /test\/(race\/|override\/override-race|sweep\/(late|year|calendar|worker)|worker\/(wait|idle)|cli\/(process|unanswered|dev-consent|misfit)|readme|rebuild\/scan|recheck\/reach|publication\/fact|fault\/|fuzz\/editor|export\/killed-export|package\/pack|web\/.*browser|http\/(every-address|serve)|recipe\/(deployed|image|rolling-upgrade))/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const [long, short] = [true, false].map((wanted) =>
      sorted.filter(({ moduleId }) => LONG.test(moduleId) === wanted),
    );
    return [...(long ?? []), ...(short ?? [])];
  }
}

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**', 'node_modules/**'],
    globalSetup: ['test/support/server.ts'],
    pool: 'forks',
    maxWorkers: Number(process.env['TEST_WORKERS'] ?? 3),
    sequence: { sequencer: LongestFirst },
    // Only a hang: at eight processes a core a test of many verbs took 32 s.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    // A page draws after the event that a test waits for: what it shows is read until it fits.
    expect: { poll: { timeout: 30_000 } },
    // Copies of our code that were changed on purpose (test/support/edited-copy.ts) are TypeScript too.
    server: { deps: { inline: [/node_modules\/\.cache\/segmentd-mutant/] } },
    // .ci/run counts the tests of its legs.
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
