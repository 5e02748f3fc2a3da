/** A publication for all tables of the database, made before or after ours: whatever we delete and update passes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { doctor } from '../../src/audit/doctor.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { createWorld as createTeam } from '../cli/cli-world.ts';
import { until } from '../support/until.ts';
import { bought, payer, spanish, within } from '../support/world-meaning.ts';
import { installedCapture } from '../support/world-schema.ts';
import { startWorker } from '../support/world-worker.ts';
import { createWorld, type World } from '../support/world.ts';

const DATA = `
  insert into public.contacts select i, (array['ES', 'FR'])[i % 2 + 1], i, false, now() from generate_series(1, 50) i;
  insert into public.orders select i, i, 'paid', 1, now() from generate_series(1, 50) i`;
/** Postgres before 15 decides by wal_level alone whether the old row is written; what is allowed is the same everywhere. */
const PUBLISH = 'create publication everything for all tables';

test('with the publication there first, segments are built, changed and emptied as ever', async () => {
  const database = await createDatabase();
  await database.pool.query(PUBLISH);
  await migrate(database.pool, { keyType: 'bigint', published: true });
  const world = await createWorld({ database, capture: ({ pool }, catalogue) => installedCapture(pool, catalogue) });
  try {
    await flows(world);
  } finally {
    await world.end();
  }
});

test('with the publication made on a live installation it goes on', async () => {
  const world = await createWorld({ capture: ({ pool }, catalogue) => installedCapture(pool, catalogue) });
  try {
    await world.pool.query(PUBLISH);
    await flows(world);
  } finally {
    await world.end();
  }
});

async function flows(world: World): Promise<void> {
  await world.pool.query(DATA);
  await world.want({ spanish, payer, bought, inside: within('spanish') });
  const worker = await startWorker(world);
  try {
    await world.quiet();
    await world.pool.query(
      `update public.contacts set country = 'ES' where id < 10; delete from public.contacts where id > 45; update public.orders set status = 'open' where id < 5`,
    );
    await world.pool.query('truncate public.orders');
    await world.want({ payer: spanish });
    await world.quiet();
  } finally {
    await worker.stop();
  }
  await world.exact();
}

test('every table of ours that may be published has what updates and deletes need', async () => {
  const world = await createTeam();
  try {
    expect(await world.run('migrate')).toMatchObject({ code: 0 });
    expect(
      await world.database.query(
        `select from pg_class c where c.relnamespace = 'segmentd_queue'::regnamespace and c.relkind = 'r' limit 1`,
      ),
    ).toHaveLength(1);
    const rows = await world.database.query<{ name: string }>(
      `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('segmentd', 'segmentd_internal', 'segmentd_queue') and c.relkind in ('r', 'p') and c.relreplident <> 'f'
         and not exists (select from pg_index i where i.indrelid = c.oid and (i.indisreplident or c.relreplident = 'd' and i.indisprimary))`,
    );
    expect(rows.map(({ name }) => name)).toEqual([]);
  } finally {
    await world.end();
  }
});

let published: TestDatabase;
beforeAll(async () => {
  published = await createDatabase();
  await published.pool.query(`create table public.contacts (id bigint primary key); ${PUBLISH}`);
});
afterAll(() => published.drop());

test('migrate creates no table that would stop the subscriber of a publication for all tables, unless --published says so', async () => {
  await expect(migrate(published.pool, { keyType: 'bigint' })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(/everything.*subscriber.*--published/s) as string,
  });
  expect(await published.query(`select from pg_namespace where nspname = 'segmentd'`)).toEqual([]);
  const result = await migrate(published.pool, { keyType: 'bigint', published: true });
  expect(result.publications).toEqual(['everything']);
  // What is there already is only named.
  expect(await migrate(published.pool, { keyType: 'bigint' })).toMatchObject({
    migrations: 0,
    publications: ['everything'],
  });
});

test('doctor names the publication', async () => {
  const world = await createWorld({ capture: ({ pool }, catalogue) => installedCapture(pool, catalogue) });
  try {
    const about = async (): Promise<readonly string[]> =>
      (await doctor(world.pool, world.catalogue))
        .filter(({ sentence }) => sentence.includes('publication'))
        .map(({ sentence }) => sentence);
    expect(await about()).toEqual([]);
    await world.pool.query(PUBLISH);
    expect(await about()).toEqual([expect.stringContaining('everything')]);
  } finally {
    await world.end();
  }
});

test('another process names work that keeps failing within seconds, and no longer once the work succeeds', async () => {
  const world = await createWorld({ capture: ({ pool }, catalogue) => installedCapture(pool, catalogue) });
  const worker = await startWorker(world);
  try {
    await world.want({ spanish });
    await world.quiet();
    // What a database of before had: deletes are refused (55000) as long as the publication is there.
    await world.pool.query(`alter table segmentd_internal.change replica identity nothing; ${PUBLISH}`);
    await world.pool.query(`insert into public.contacts (id, country) values (1, 'ES')`);
    const failing = async (): Promise<readonly string[]> =>
      (await doctor(world.pool, world.catalogue))
        .filter(({ level, sentence }) => level === 'fail' && sentence.includes('55000'))
        .map(({ sentence }) => sentence);
    await until(async () => (await failing()).length > 0, { timeout: 10_000 });
    await world.pool.query('drop publication everything');
    await world.quiet();
    await until(async () => (await failing()).length === 0);
    await world.exact();
  } finally {
    await worker.stop();
    await world.end();
  }
});
