/**
 * Postgres snapshots as cursors over the event log (`pg_snapshot` as text: `xmin:xmax:xip,…`). An event is new to a cursor
 * when its transaction is not visible in it; that is asked by number, so that a long transaction of the team's, which holds
 * xmin back for hours, makes nobody read the log of those hours again and again.
 */
import { join, sql, value, type Fragment } from '../compile/fragment.ts';
import type { Queryable } from '../postgres/pool.ts';

/** Everything is new to it. */
export const BEGINNING = '1:1:';

/**
 * Transactions that the snapshot does not see: begun after it, or under way in it. Constants rather than a subquery, for
 * whose numbers Postgres would guess every row of the log.
 */
export function unseenBy(snapshot: string, xid: Fragment): Fragment {
  const [, next = '', underWay = ''] = snapshot.split(':');
  const each = underWay === '' ? [] : underWay.split(',');
  const parts = [sql`${xid} >= ${value(next, 'xid8')}`, ...each.map((one) => sql`${xid} = ${value(one, 'xid8')}`)];
  return sql`(${join(parts, sql` or `)})`;
}

export function seenBy(snapshot: string, xid: Fragment): Fragment {
  return sql`pg_visible_in_snapshot(${xid}, ${value(snapshot, 'pg_snapshot')})`;
}

/**
 * A restored dump brings events whose transactions have numbers of another server; one that is still to come here would
 * make them new a second time. They get the number of a transaction that everybody sees.
 */
export async function forgetForeign(client: Queryable): Promise<void> {
  await client.query(
    `update segmentd.membership_event e set xid = '3' where e.xid >= pg_snapshot_xmax(pg_current_snapshot())`,
  );
}
