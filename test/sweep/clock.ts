/**
 * A clock that tests set. It is kept in a sequence, because only a sequence is what every snapshot in Postgres sees as
 * it is now, like the time.
 */
import type pg from 'pg';

export const TEST_CLOCK = `
  create sequence segmentd_internal.test_clock minvalue 0;
  grant select on sequence segmentd_internal.test_clock to public;
  create or replace function segmentd_internal.clock() returns timestamptz language sql volatile
  return timestamptz 'epoch' + (select c.last_value from segmentd_internal.test_clock c) * interval '1 microsecond';`;

/** Any instant that Postgres reads, since 1970. */
export async function setClock(pool: pg.Pool, at: string): Promise<void> {
  await pool.query(
    `select setval('segmentd_internal.test_clock', (extract(epoch from $1::timestamptz) * 1000000)::bigint)`,
    [at],
  );
}
