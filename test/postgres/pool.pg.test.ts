/** What a connection prints, and the one sentence for each way of not getting one. */
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Failure } from '../../src/base/error.ts';
import { openPool, refuseOldServer, type Pool } from '../../src/postgres/pool.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase();
  await database.query(`alter database ${database.name} set timezone = 'America/Havana'`);
  await database.query(`alter database ${database.name} set datestyle = 'German'`);
  pool = await openPool(database.url, { max: 2 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('values keep every digit, whatever the database is set to', async () => {
  const { rows } = await pool.query(`select
    timestamptz '2026-02-03 04:05:06.123456+00' as instant, date '2026-02-03' as day, timestamp '2026-02-03 04:05:06.000001' as local,
    9007199254740993::int8 as big, 1.10::numeric as exact, array[1.10, 2]::numeric[] as exacts,
    array[timestamptz '2026-02-03 04:05:06.123456+00'] as instants, interval '1 day 2 hours' as span, 3::int as small, true as flag`);
  expect(rows[0]).toEqual({
    instant: '2026-02-03 04:05:06.123456+00',
    day: '2026-02-03',
    local: '2026-02-03 04:05:06.000001',
    big: '9007199254740993',
    exact: '1.10',
    exacts: ['1.10', '2'],
    instants: '{"2026-02-03 04:05:06.123456+00"}',
    span: '1 day 02:00:00',
    small: 3,
    flag: true,
  });
});

async function refusal(url: string): Promise<Failure> {
  try {
    await (await openPool(url, { max: 1, connectTimeout: 2_000 })).end();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it connected');
}

test('each way of not connecting is one sentence that names the place and no password', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await new Promise((resolve) => server.close(resolve));

  const absent = new URL(database.url);
  absent.pathname = '/no_such_database';
  const wrong = new URL(database.url);
  wrong.username = 'absent_user';
  wrong.password = 'secret';
  for (const [url, said] of [
    [`postgres://me:secret@127.0.0.1:${port}/x`, /^Nothing answers at 127\.0\.0\.1:\d+/],
    ['postgres://me:secret@no-such-host.invalid/x', /host of no-such-host\.invalid:5432 cannot be found/],
    [wrong.href, /refuses the user "absent_user": wrong password/],
    [absent.href, /has no database "no_such_database"/],
  ] as const) {
    const failure = await refusal(url);
    expect(failure.message).toMatch(said);
    expect(failure.message).not.toContain('secret');
    expect([failure.code, failure.exitCode]).toEqual(['unreachable', 1]);
  }
  expect((await refusal('postgres://u:p@[::1/x')).code).toBe('usage');
});

test('a server that is too old is refused', () => {
  expect(() => refuseOldServer({ number: '140000', version: '14.0' })).not.toThrow();
  expect(() => refuseOldServer({ number: '130012', version: '13.12' })).toThrow(
    new Failure('incompatible', 'This server is Postgres 13.12; segmentd needs Postgres 14 or newer.'),
  );
});
