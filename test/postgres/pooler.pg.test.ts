/** A pooler that shares connections by the transaction is told at once, not by what goes wrong later. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd } from '../../src/index.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { sharesBackends } from '../../src/postgres/pooler.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

const SHARED = /^Connections are shared by the transaction here/;
let database: TestDatabase;
let pooled: string;
beforeAll(async () => {
  database = await createDatabase({ template: 'migrated' });
  // Looked up on the search path when it is put before pg_catalog: all sessions seem to have one process, as behind a pooler.
  await database.query(`create table public.contacts (id bigint primary key); create schema lie;
    create function lie.pg_backend_pid() returns integer language sql as 'select 7'`);
  const url = new URL(database.url);
  url.searchParams.set('options', '-c search_path=lie,pg_catalog');
  pooled = url.href;
});
afterAll(() => database.drop());

test.each([
  ['sessions of their own', () => database.url, 2, false],
  ['shared ones', () => pooled, 2, true],
  ['a pool of one, which cannot tell', () => pooled, 1, false],
])('%s', async (_, url, max, shared) => {
  const pool = await openPool(url(), { max });
  try {
    expect(await sharesBackends(pool)).toBe(shared);
  } finally {
    await pool.end();
  }
});

test('a worker refuses to start there, and doctor says so', async () => {
  await using segmentd = createSegmentd({ databaseUrl: pooled, config: { contacts: { table: 'public.contacts' }, timezone: 'UTC', timestamps: 'UTC' } });
  await using worker = segmentd.worker();
  await expect(worker.start()).rejects.toMatchObject({ code: 'incompatible', message: expect.stringMatching(SHARED) });
  expect(await segmentd.doctor()).toContainEqual({ level: 'fail', sentence: expect.stringMatching(SHARED), mend: 'point DATABASE_URL at Postgres itself, or at session pooling' });
});
