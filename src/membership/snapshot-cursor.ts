/**
 * Postgres snapshots as cursors over the event log (`pg_snapshot` as text: `xmin:xmax:xip,…`). An event is new to a
 * cursor when the snapshot does not see its transaction. The condition compares numbers of transactions: a long
 * transaction of the team holds xmin back for hours, and a condition on xmin would make every reader read the log of
 * these hours again.
 */
import { join, sql, value, type Fragment } from '../compile/fragment.ts';
import type { Queryable } from '../postgres/pool.ts';

/** The cursor to which every event is new. */
export const BEGINNING = '1:1:';

/**
 * True for transactions that the snapshot does not see: begun after it, or under way in it. The numbers are constants:
 * with a subquery Postgres would expect every row of the log to pass.
 */
export function unseenBy(snapshot: string, xid: Fragment): Fragment {
  const [, next = '', underWay = ''] = snapshot.split(':');
  const each = underWay === '' ? [] : underWay.split(',');
  const parts = [sql`${xid} >= ${value(next, 'xid8')}`, ...each.map((one) => sql`${xid} = ${value(one, 'xid8')}`)];
  return sql`(${join(parts, sql` or `)})`;
}

/** True for transactions that the snapshot sees. */
export function seenBy(snapshot: string, xid: Fragment): Fragment {
  return sql`pg_visible_in_snapshot(${xid}, ${value(snapshot, 'pg_snapshot')})`;
}

/**
 * Makes the events of a restored dump old. Their transactions have numbers of another server; when this server reaches
 * such a number, the events would be new a second time. They get a number that every snapshot sees.
 */
export async function ageForeignEvents(client: Queryable): Promise<void> {
  await client.query(
    `update segmentd.membership_event e set xid = '3' where e.xid >= pg_snapshot_xmax(pg_current_snapshot())`,
  );
}
