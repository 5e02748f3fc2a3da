/** Ranges of a rebuild's scan: whatever the statistics say, they follow each other without a gap and reach every contact. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rangeEnd } from '../../src/rebuild/range.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

/** The contacts of each range, in order. */
async function walk(size: number, total: number): Promise<number[]> {
  const sizes: number[] = [];
  for (let low: string | undefined; ;) {
    const end = await rangeEnd(world.pool, world.catalogue, low, size, total);
    const { rows } = await world.pool.query<{ n: number }>(
      'select count(*)::int as n from public.contacts where ($1::bigint is null or id > $1) and ($2::bigint is null or id <= $2)',
      [low ?? null, end?.key ?? null],
    );
    sizes.push(rows[0]?.n ?? 0);
    if (!end) return sizes;
    expect(BigInt(end.key)).toBeGreaterThan(BigInt(low ?? -1));
    low = end.key;
  }
}
const sum = (sizes: readonly number[]): number => sizes.reduce((all, one) => all + one, 0);

test('ranges end at bounds of the statistics, whatever gaps the keys have', async () => {
  await world.begin(`insert into contacts (id) select n * n from generate_series(1, 10000) n`);
  await world.pool.query('analyze public.contacts');
  const sizes = await walk(1_000, 10_000);
  expect(sum(sizes)).toBe(10_000);
  // All but the tail are near to what was asked for.
  for (const size of sizes.slice(0, 9)) expect(Math.abs(size - 1_000)).toBeLessThan(200);
});

test('keys beyond old statistics are counted off', async () => {
  await world.pool.query('insert into public.contacts (id) select 200000000 + n from generate_series(1, 5000) n');
  const sizes = await walk(2_000, 10_000);
  expect(sum(sizes)).toBe(15_000);
  expect(Math.max(...sizes)).toBeLessThan(2_500);
});

test('ranges smaller than a share of the statistics are counted off, also without statistics', async () => {
  const small = await walk(50, 10_000);
  expect(sum(small)).toBe(15_000);
  expect(Math.max(...small)).toBe(50);
  await world.begin('insert into contacts (id) select n from generate_series(1, 250) n');
  await world.pool.query(`delete from pg_catalog.pg_statistic where starelid = 'public.contacts'::regclass`);
  expect(await walk(100, 250)).toEqual([100, 100, 50]);
});
