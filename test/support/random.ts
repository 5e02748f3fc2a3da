/** A seeded generator of random choices: the same seed gives the same run on every machine. */

export interface Random {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** `count` different entries, or all. */
  some<T>(list: readonly T[], count: number): T[];
}

/** mulberry32: 32 bits of state, good enough to choose with. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(list: readonly T[]): T => {
    const found = list[below(list.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  };
  return {
    below,
    chance: (probability) => next() < probability,
    pick,
    some(list, count) {
      const rest = [...list];
      return Array.from({ length: Math.min(count, rest.length) }, () => rest.splice(below(rest.length), 1)).flat();
    },
  };
}

/** Seed of this run: FUZZ_SEED, or the one that CI always runs. */
export function seed(): number {
  return Number(process.env['FUZZ_SEED'] ?? 20240426);
}
