/** Segments whose conditions together hold more values than one statement has parameters (65,535) are kept like any others. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Meaning } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ tables: 'alter table contacts add local_at timestamp' });
});
afterAll(() => world.end());

/** 149 prefixes that each one contact has, and one that all have. */
function prefixes(segment: number): Meaning {
  const own = Array.from({ length: 149 }, (_, index) => `${segment}-${index}.`);
  return {
    condition: { or: [...own, 'PT'].map((prefix) => ({ starts_with: [{ var: 'country' }, prefix] })) },
    sql: `c.country ~ '^(PT|${segment}-([0-9]|[1-9][0-9]|1[0-4][0-8])\\.)'`,
  };
}

test('a re-check of 450 segments with 67,000 texts', async () => {
  const segments = Object.fromEntries(Array.from({ length: 450 }, (_, index) => [`s${index}`, prefixes(index)]));
  await world.begin(
    `insert into contacts (id, country) values (1, 'ES'), (2, 'PT'), (3, '7-149.'), (4, '7-148.')`,
    segments,
  );
  await world.pool.query(
    `update contacts set country = 'PT' where id = 1; update contacts set country = '449-0.' where id = 2`,
  );
  await world.settle();
  expect(await world.members('s449')).toEqual(['1', '2']);
  expect(await world.members('s7')).toEqual(['1', '4']);
  await world.exact();
});

test('eight segments, built together and re-checked, with 10,000 local times each', async () => {
  await world.begin(`insert into contacts (id, local_at) values (1, '2024-01-01 00:00:03'), (2, null)`);
  const listed = (segment: number): Meaning => ({
    condition: {
      in: [
        { var: 'local_at' },
        Array.from({ length: 10_000 }, (_, n) =>
          new Date(Date.UTC(2024, 0, 1, 0, 0, n * 8 + segment)).toISOString().replace('.000', ''),
        ),
      ],
    },
    sql: `extract(epoch from c.local_at)::bigint % 8 = ${segment} and c.local_at between '2024-01-01' and '2024-01-01 22:13:19'`,
  });
  await world.want(Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`t${index}`, listed(index)])));
  await world.settle();
  expect(await world.members('t3')).toEqual(['1']);
  await world.pool.query(`update contacts set local_at = '2024-01-01 12:00:05' where id = 2`);
  await world.settle();
  expect(await world.members('t5')).toEqual(['2']);
  await world.exact();
});
