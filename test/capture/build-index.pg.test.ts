/** Indexes on the team's tables: what each would cost, what a failed build leaves, and that nothing of the team is dropped. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import pg from 'pg';
import { doctor } from '../../src/audit/doctor.ts';
import type { IndexProgress } from '../../src/capture/build-index.ts';
import { neededIndexes, type IndexNeed } from '../../src/capture/index-need.ts';
import { install } from '../../src/capture/install.ts';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

const TABLES = `
  create table contacts (id text primary key, email text);
  create table orders (id bigint primary key, contact_id text, placed_at timestamptz);
  create table visits (contact_id text, at timestamptz) partition by range (at);
  create table visits_1 partition of visits for values from ('2020-01-01') to ('2021-01-01');
  create table visits_2 partition of visits default;
  insert into contacts select n, 'e' from generate_series(1, 50) n;
  insert into orders select n, (n % 50)::text, now() from generate_series(1, 20000) n;
  insert into visits select (n % 50)::text, '2020-06-01' from generate_series(1, 700) n;
  insert into visits select (n % 50)::text, '2022-06-01' from generate_series(1, 300) n;
  analyze`;
const CONFIG = `
contacts: { table: contacts }
relations: { orders: { table: orders, contact: contact_id, time: placed_at }, visits: { table: visits, contact: contact_id } }`;

let database: TestDatabase;
let pool: Pool;
let catalogue: Catalogue;
beforeEach(async () => {
  database = await createDatabase({ template: 'migrated', keyType: 'text' });
  pool = await openPool(database.url, { max: 4 });
  await database.query(TABLES);
  catalogue = await resolveCatalogue(pool, parseConfig(CONFIG, 'c'));
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

const brief = ({ table, column, purpose, rows }: IndexNeed) => `${purpose} ${table.name} (${column}) ${rows}`;

/** Names of the indexes on orders beside its key, with whether each is valid. */
const onOrders = () =>
  database.query<{ name: string; valid: boolean }>(
    `select indexrelid::regclass::text as name, indisvalid as valid from pg_index where indrelid = 'orders'::regclass and not indisprimary order by 1`,
  );

const makeInvalid = (name: string) =>
  database.query(`update pg_index set indisvalid = false where indexrelid = '${name}'::regclass`);

test('each missing index comes with the size of its table, partitions included, and an estimate of its own', async () => {
  const needs = await neededIndexes(pool, catalogue);
  expect(needs.map(brief)).toEqual(['link orders (contact_id) 20000', 'link visits (contact_id) 1000']);
  const [size] = await database.query<{ bytes: string }>(`select pg_relation_size('orders') as bytes`);
  expect(needs[0]?.tableBytes).toBe(Number(size?.bytes));
  expect(needs[1]?.tableBytes).toBeGreaterThan(0);

  const seen: IndexProgress[] = [];
  await install(pool, catalogue, { indexes: true, onIndexProgress: (progress) => seen.push(progress) });
  expect(await neededIndexes(pool, catalogue)).toEqual([]);
  expect(
    seen
      .filter(({ fraction }) => fraction === 0 || fraction === 1)
      .map(({ number, total, fraction }) => [number, total, fraction]),
  ).toEqual([
    [1, 2, 0],
    [1, 2, 1],
    [2, 2, 0],
    [2, 2, 1],
  ]);
  const [built] = await onOrders();
  const [is] = await database.query<{ bytes: string }>(`select pg_relation_size('${built?.name}') as bytes`);
  // Deduplication of equal values makes an index smaller, not larger.
  expect(needs[0]?.indexBytes).toBeGreaterThan(Number(is?.bytes) * 0.8);
  expect(needs[0]?.indexBytes).toBeLessThan(Number(is?.bytes) * 6);
});

test('a time column that no segment uses in a window gets no index', async () => {
  await install(pool, catalogue, { indexes: true });
  expect(await onOrders()).toHaveLength(1);
});

test('a build that fails says why, leaves no invalid index, and keeps those that were finished', async () => {
  // A value that no entry of a btree can hold.
  await database.query(
    `insert into visits select string_agg(md5(n::text), ''), '2022-01-01' from generate_series(1, 1000) n`,
  );
  const failing = install(pool, catalogue, { indexes: true });
  await expect(failing).rejects.toMatchObject({
    code: 'failed',
    message: expect.stringMatching(
      /^The index on public\.visits_2 \(contact_id\) could not be created: .*SQLSTATE 54000\)\. The invalid index that the build left is dropped\. .*again\.$/,
    ) as string,
  });
  expect(await onOrders()).toMatchObject([{ valid: true }]);
  expect(await database.query(`select from pg_index where not indisvalid`)).toEqual([]);
  expect((await neededIndexes(pool, catalogue)).map(brief)).toEqual([
    expect.stringContaining('link visits (contact_id)'),
  ]);
  await database.query(`delete from visits where length(contact_id) > 100`);
  expect((await install(pool, catalogue, { indexes: true })).changes).toContain(
    'created an index on public.visits (contact_id)',
  );
});

test('an invalid index of ours is replaced; one of the team is named and stays', async () => {
  await install(pool, catalogue, { indexes: true });
  const [own] = await onOrders();
  await database.query('create index of_the_team on orders (contact_id)');
  await makeInvalid(own?.name ?? '');
  await makeInvalid('of_the_team');
  const [need] = await neededIndexes(pool, catalogue);
  expect(need?.invalid).toEqual(
    expect.arrayContaining([
      { schema: 'public', name: own?.name, building: false, own: true },
      { schema: 'public', name: 'of_the_team', building: false, own: false },
    ]),
  );
  const sentence = (await doctor(pool, catalogue)).find(({ fix }) => fix?.includes('"orders"'))?.sentence;
  expect(sentence).toMatch(/public\.orders has no index on contact_id.*public\.of_the_team.*invalid/);
  await install(pool, catalogue, { indexes: true });
  expect(await onOrders()).toEqual([
    { name: 'of_the_team', valid: false },
    { name: own?.name, valid: true },
  ]);
});

test('an index that another session is building now is named as such', async () => {
  const [writer, builder] = [new pg.Client(database.url), new pg.Client(database.url)];
  await writer.connect();
  await builder.connect();
  try {
    await writer.query(`begin; update orders set placed_at = now() where id = 1`);
    const building = builder.query('create index concurrently of_the_team on orders (contact_id)');
    await until(async () => (await neededIndexes(pool, catalogue))[0]?.invalid[0]?.building === true);
    expect((await neededIndexes(pool, catalogue))[0]?.invalid).toEqual([
      { schema: 'public', name: 'of_the_team', building: true, own: false },
    ]);
    await writer.query('commit');
    await building;
    expect((await neededIndexes(pool, catalogue)).map(brief)).toEqual(['link visits (contact_id) 1000']);
  } finally {
    await writer.end();
    await builder.end();
  }
});

test('many missing indexes are all listed, with what to do instead of every command', async () => {
  const names = Array.from({ length: 5 }, (_, at) => `table_${at}`);
  for (const name of names) await database.query(`create table ${name} (contact_id text)`);
  const config = `contacts: { table: contacts }\nrelations: { ${names.map((name) => `${name}: { table: ${name}, contact: contact_id }`).join(', ')} }`;
  const many = await resolveCatalogue(pool, parseConfig(config, 'c'));
  await expect(install(pool, many)).rejects.toMatchObject({
    code: 'usage',
    message: `There is no index on ${names.map((name) => `public.${name} (contact_id)`).join(', ')}, so every change would scan the table. \`segmentd install --indexes\` says the size of each and creates them without blocking writers, \`segmentd install --print\` prints the commands, relations can be taken out of the config file, and --slow accepts the scans.`,
  });
});
