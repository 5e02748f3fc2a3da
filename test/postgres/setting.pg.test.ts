/** Settings of the database or the role, made for the team's own sessions, do not stop ours. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { createSegmentd } from '../../src/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

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
  await database.query(`alter database ${database.name} set ${name} = '${value}'`);
}

test('transactions that are read only by default: migrate and install write all the same', async () => {
  await set('default_transaction_read_only', 'on');
  await using segmentd = createSegmentd({ databaseUrl: database.url, config: { contacts: { table: 'public.contacts' }, timezone: 'UTC', timestamps: 'UTC' } });
  expect((await segmentd.migrate()).migrations).toBeGreaterThan(0);
  expect((await segmentd.install()).changes).toContain('installed capture on public.contacts (id)');
  await segmentd.create({ key: 'all', condition: true });
  await using worker = segmentd.worker();
  await worker.once();
  expect(await segmentd.show('all')).toMatchObject({ state: 'live' });
});

test('a transaction or an idle session may take longer than the team lets its own', async ({ skip }) => {
  skip(major < 17, 'transaction_timeout came with Postgres 17');
  await set('transaction_timeout', '200ms');
  await set('idle_session_timeout', '200ms');
  const pool = await openPool(database.url, { max: 1 });
  try {
    const { rows: first } = await pool.query('select pg_backend_pid() as pid');
    await inTransaction(pool, {}, (client) => client.query('select pg_sleep(0.4)'));
    expect((await pool.query(`select pg_backend_pid() as pid, current_setting('transaction_timeout') as longest, current_setting('idle_session_timeout') as idle`)).rows).toEqual([{ ...first[0], longest: '0', idle: '0' }]);
  } finally {
    await pool.end();
    await database.query(`alter database ${database.name} reset transaction_timeout; alter database ${database.name} reset idle_session_timeout`).catch(() => undefined);
  }
});

test('a migration takes its time', async () => {
  const slow = await createDatabase();
  try {
    await slow.query(`create function public.linger() returns event_trigger language plpgsql as $$ begin
        if exists (select from pg_event_trigger_ddl_commands() where object_identity = 'segmentd.installation') then perform pg_sleep(1); end if;
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
