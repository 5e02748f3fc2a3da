/** The ranks and segments of the recipe on the sample shop: every buyer is in exactly one of the ten segments. */
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { loadShop } from '../../src/dev/shop/load-shop.ts';
import { SHOP_CONFIG, SHOP_RANKS } from '../../src/dev/shop/shop-table.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

const RECIPE = fileURLToPath(new URL('../../src/recipe/', import.meta.url));

let world: World;

beforeAll(async () => {
  const ranks = await readFile(join(RECIPE, 'rank/rfm.yaml'), 'utf8');
  const of = (text: string): unknown => parseConfig(`${SHOP_CONFIG}${text}`, 'the recipe').ranks;
  expect(of(ranks), 'the shop has the ranks of the recipe').toEqual(of(SHOP_RANKS));
  world = await createWorld({ tables: 'select 1', config: `${SHOP_CONFIG}${ranks}` });
  await loadShop(world.database.pool, { contacts: 300 });
  await world.ok('migrate');
  await world.ok('install');
  await cp(join(RECIPE, 'rfm'), join(world.folder, 'rfm'), { recursive: true });
}, 120_000);

afterAll(() => world.end());

test('each buyer is in one of the ten segments', { timeout: 120_000 }, async () => {
  await world.ok('apply', 'rfm');
  await world.ok('run', '--once');
  const rows = await world.database.query<{ key: string; members: number }>(
    'select s.key, s.members::int as members from segmentd.segment_status s order by s.key',
  );
  expect(rows.map(({ key }) => key)).toEqual([
    'about_to_sleep',
    'at_risk',
    'cannot_lose',
    'champions',
    'hibernating',
    'loyal_customers',
    'need_attention',
    'new_customers',
    'potential_loyalists',
    'promising',
  ]);
  const [buyers] = await world.database.query<{ count: number }>(
    `select count(distinct o.contact_id)::int as count from public.orders o where o.status = 'paid'`,
  );
  const [found] = await world.database.query<{ contacts: number; rows: number }>(
    'select count(distinct m.contact_id)::int as contacts, count(*)::int as rows from segmentd.membership m',
  );
  expect(found).toEqual({ contacts: buyers?.count, rows: buyers?.count });
  expect(rows.find(({ key }) => key === 'champions')?.members).toBeGreaterThan(0);
  await world.ok('verify');
});
