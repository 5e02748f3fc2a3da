/** What was measured after each blow, printed once. */
import { afterAll } from 'vitest';
import type { World } from '../support/world.ts';

/** Longer than any machine pauses: what is not back then does not come back by itself. */
const HANG = 60_000;

export interface Recoveries {
  /**
   * Waits until all is worked off again, and checks that nothing was lost. It must take at most `bound` milliseconds but
   * for one recovery in twenty: a machine that many share stands still for seconds, a lock that nobody lets go recurs.
   */
  recovered(world: World, bound: number): Promise<void>;
}

export function measureRecoveries(what: string): Recoveries {
  const took: number[] = [];
  afterAll(() => {
    if (took.length === 0) return;
    const sorted = took.toSorted((a, b) => a - b);
    const at = (share: number): string => `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)} ms`;
    process.stdout.write(`${what}: ${took.length} recoveries, median ${at(0.5)}, worst ${at(1)}\n`);
  });
  return {
    async recovered(world, bound) {
      const started = performance.now();
      await world.quiet(HANG);
      took.push(performance.now() - started);
      await world.exact();
      const late = took.filter((ms) => ms > bound);
      if (late.length > 1 + took.length / 20) throw new Error(`${what}: ${late.length} of ${took.length} recoveries took longer than ${bound} ms: ${late.map(Math.round).join(', ')}`);
    },
  };
}
