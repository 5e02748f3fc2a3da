/**
 * Accepts a server's clock that went back. Without that, segmentd's time stands still until the clock has caught up,
 * because no evaluation may use an instant earlier than one that a sweep has used. Waiting is right for seconds, not
 * for hours. Then the highest instant and all watermarks go back, and segments that were evaluated in the future are
 * rebuilt.
 */
import { lockClass, single } from '../postgres/advisory-lock.ts';
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';

const TIMEOUTS = { lockTimeout: 60_000, statementTimeout: 60_000, idleTimeout: 30_000 } as const;

/**
 * Returns how many segments will be rebuilt; does nothing when the clock is not behind. Waits for the sweeps and
 * barriers under way, which hold the clock shared.
 */
export async function acceptClock(pool: Pool): Promise<number> {
  return inTransaction(pool, TIMEOUTS, async (client) => {
    await client.query('select pg_advisory_xact_lock($1, $2)', [lockClass.single, single.clock]);
    await client.query(
      `update segmentd_internal.installation i set fresh_as_of = least(i.fresh_as_of, n.now), rows_as_of = least(i.rows_as_of, n.now), time_as_of = least(i.time_as_of, n.now)
       from clock_timestamp() as n(now) where greatest(i.fresh_as_of, i.rows_as_of, i.time_as_of) > n.now`,
    );
    await client.query(
      'update segmentd_internal.edge e set as_of = clock_timestamp() where e.as_of > clock_timestamp()',
    );
    const lowered = await client.query(
      `update segmentd_internal.clock set high = segmentd_internal.clock() where high > segmentd_internal.clock()`,
    );
    if (lowered.rowCount === 0) return 0;
    await client.query(
      'update segmentd_internal.edge e set watermark = c.high from segmentd_internal.clock c where e.watermark > c.high',
    );
    const asked = await client.query(
      `insert into segmentd_internal.rebuild_request (segment_id, reason)
       select distinct l.segment_id, 'time' from segmentd_internal.segment_edge l join segmentd.segment s on s.id = l.segment_id
       where segmentd_internal.is_followed(s.state)`,
    );
    await client.query({ ...statement('ring') });
    return asked.rowCount ?? 0;
  });
}
