/** What was measured after each blow, printed once: the bound itself is the timeout of the wait. */
import { afterAll } from 'vitest';
import type { World } from '../support/world.ts';

export interface Recoveries {
  /** Waits until all is worked off again, at most `bound` milliseconds, and checks that nothing was lost. */
  recovered(world: World, bound: number): Promise<void>;
}

export function measureRecoveries(what: string): Recoveries {
  const took: number[] = [];
  afterAll(() => {
    if (took.length === 0) return;
    const sorted = took.toSorted((a, b) => a - b);
    const at = (share: number): string =>
      `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)} ms`;
    process.stdout.write(`${what}: ${took.length} recoveries, median ${at(0.5)}, worst ${at(1)}\n`);
  });
  return {
    async recovered(world, bound) {
      const started = performance.now();
      await world.quiet(bound);
      took.push(performance.now() - started);
      await world.exact();
    },
  };
}
