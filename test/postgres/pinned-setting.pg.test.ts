/** Settings of the database or the role, made for the team's own sessions, do not stop ours. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { createSegmentd } from '../../src/index.ts';
import { asAdmin, createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let major: number;
beforeAll(async () => {
  database = await createDatabase();
  const [row] = await database.query<{ n: string }>(`select current_setting('server_version_num') as n`);
  major = Math.floor(Number(row?.n) / 10_000);
  await database.query('create table public.contacts (id bigint primary key)');
});
afterAll(() => database.drop());

async function set(name: string, value: string): Promise<void> {
  await asAdmin((client) => client.query(`alter database ${database.name} set ${name} = '${value}'`));
}

test('a database that is read only by default is not written to: hosts make it so when the disk is full', async () => {
  await set('default_transaction_read_only', 'on');
  await using segmentd = createSegmentd({
    databaseUrl: database.url,
    config: { contacts: { table: 'public.contacts' }, timezone: 'UTC', timestamps: 'UTC' },
  });
  await expect(segmentd.admin.migrate()).rejects.toMatchObject({ code: '25006' });
  expect(await database.query(`select from pg_namespace where nspname like 'segmentd%'`)).toEqual([]);
  await asAdmin((client) => client.query(`alter database ${database.name} reset default_transaction_read_only`));
});

test('a transaction or an idle session may take longer than the team lets its own', async () => {
  const limits = ['idle_session_timeout', ...(major < 17 ? [] : ['transaction_timeout'])];
  for (const limit of limits) await set(limit, '200ms');
  const pool = await openPool(database.url, { max: 1 });
  try {
    const { rows: first } = await pool.query('select pg_backend_pid() as pid');
    await inTransaction(pool, {}, (client) => client.query('select pg_sleep(0.4)'));
    await pause(400);
    expect((await pool.query('select pg_backend_pid() as pid')).rows).toEqual(first);
    for (const limit of limits) expect((await pool.query(`show ${limit}`)).rows).toEqual([{ [limit]: '0' }]);
  } finally {
    await pool.end();
    await asAdmin(async (client) => {
      for (const limit of limits) await client.query(`alter database ${database.name} reset ${limit}`);
    });
  }
});

test('a migration takes its time', async () => {
  const slow = await createDatabase();
  try {
    await slow.query(`create function public.linger() returns event_trigger language plpgsql as $$ begin
        if exists (select from pg_event_trigger_ddl_commands() where object_identity = 'segmentd_internal.installation') then perform pg_sleep(1); end if;
      end $$`);
    await slow.query('create event trigger linger on ddl_command_end execute function public.linger()');
    await slow.query(`alter database ${slow.name} set statement_timeout = '500ms'`);
    const pool = await openPool(slow.url, { max: 1 });
    try {
      expect((await migrate(pool, { keyType: 'bigint' })).migrations).toBeGreaterThan(0);
    } finally {
      await pool.end();
    }
  } finally {
    await slow.drop();
  }
});

test('and so does an index', async () => {
  await database.query('create table public.orders (id bigint primary key, contact_id bigint)');
  const config = {
    contacts: { table: 'public.contacts' },
    relations: { orders: { table: 'public.orders', contact: 'contact_id' } },
    timezone: 'UTC',
    timestamps: 'UTC',
  };
  await using early = createSegmentd({ databaseUrl: database.url, config });
  await early.admin.migrate();
  await database.query(
    `create function public.linger() returns event_trigger language plpgsql as $$ begin perform pg_sleep(1); end $$`,
  );
  await database.query(
    `create event trigger linger on ddl_command_end when tag in ('CREATE INDEX') execute function public.linger()`,
  );
  await set('statement_timeout', '500ms');
  await using segmentd = createSegmentd({ databaseUrl: database.url, config });
  expect((await segmentd.admin.install({ indexes: true })).changes).toContain(
    'created an index on public.orders (contact_id)',
  );
});
