/** One transaction: its level, its settings, its end. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlState } from '../../src/base/error.ts';
import type { Statement } from '../../src/compile/fragment.ts';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import { PreparedStatements } from '../../src/postgres/prepared.ts';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase();
  await database.query(`alter database ${database.name} set default_transaction_isolation = 'serializable'`);
  await database.query('create table public.t (x int)');
  pool = await openPool(database.url, { max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('is read committed whatever the default, with settings that end with it', async () => {
  const inside = await inTransaction(
    pool,
    { lockTimeout: 123, statementTimeout: 4_000, idleTimeout: 5_000 },
    async (client) => {
      const { rows } = await client.query<
        Record<string, string>
      >(`select current_setting('transaction_isolation') as level, current_setting('lock_timeout') as lock,
      current_setting('statement_timeout') as statement, current_setting('idle_in_transaction_session_timeout') as idle`);
      return rows[0];
    },
  );
  expect(inside).toEqual({ level: 'read committed', lock: '123ms', statement: '4s', idle: '5s' });
  expect((await pool.query(`select current_setting('lock_timeout') as lock`)).rows).toEqual([{ lock: '0' }]);
});

test('commits what was done, rolls back what threw, and gives the connection back', async () => {
  await inTransaction(pool, {}, (client) => client.query('insert into public.t values (1)'));
  await expect(
    inTransaction(pool, {}, async (client) => {
      await client.query('insert into public.t values (2)');
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect((await pool.query('select x from public.t')).rows).toEqual([{ x: 1 }]);
});

test('an error of Postgres comes through as it is', async () => {
  const error = await inTransaction(pool, {}, (client) => client.query('select 1 / 0')).catch(
    (caught: unknown) => caught,
  );
  expect(sqlState(error)).toBe('22012');
});

test('a connection that was cut is thrown away, and the next one works', async () => {
  const cut = inTransaction(pool, {}, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    await database.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await client.query('select 1');
  });
  await expect(cut).rejects.toThrow();
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('an error that was hidden inside is no commit', async () => {
  const hidden = inTransaction(pool, {}, async (client) => {
    await client.query('insert into public.t values (3)');
    await client.query('select 1 / 0').catch(() => {});
  });
  await expect(hidden).rejects.toThrow('rolled back at its commit');
  expect((await pool.query('select x from public.t where x = 3')).rows).toEqual([]);
});

test('a statement that was never parsed is forgotten without a word to Postgres, in a transaction too', async () => {
  const statement = (text: string): Statement => ({ text, bind: () => [] });
  await inTransaction(pool, {}, async (client) => {
    const prepared = new PreparedStatements(client);
    await client.query('savepoint broken');
    await expect(prepared.run('broken', () => statement('select from nowhere'), {})).rejects.toMatchObject({
      code: '42P01',
    });
    await client.query('rollback to savepoint broken');
    // More than are kept: the broken one is the oldest.
    for (let n = 0; n < 40; n += 1)
      expect((await prepared.run<{ n: number }>(`${n}`, () => statement(`select ${n} as n`), {})).rows).toEqual([
        { n },
      ]);
  });
});
