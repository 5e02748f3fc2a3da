/**
 * How segmentd gives way to the team's DDL. A transaction of ours that holds one of the team's tables and waits for another
 * can close a circle with a migration of the team. Postgres then ends whichever session has waited for `deadlock_timeout`.
 * The team's session starts that clock when it begins to wait for a table of ours, so after our first lock of the transaction.
 * Two rules keep it from ever finding us in a circle:
 *
 * 1. Every wait for a lock is short: 50 ms, and at most a twentieth of the lowest `deadlock_timeout` that this database's
 *    roles have. One statement takes its locks one after the other when it begins, so it has given way long before.
 * 2. A transaction that reads in several statements takes all the locks of the team's tables in its first one (`lockTables`).
 *    What comes later waits for no table. A short wait alone is not enough: it could begin 0.99 s after the first lock.
 *
 * Whoever gives way (SQLSTATE 55P03) rolls back, which frees all it holds, and tries again (`retryLocked`).
 * `lock table … nowait` would do without rule 1, but it needs the right to the whole table, and columns may be granted alone.
 */
import type { Table } from '../catalogue/catalogue.ts';
import { integer, join, keyword, render, sql, tableName } from '../compile/fragment.ts';
import type { Queryable } from './pool.ts';

/** Milliseconds, and the part of `deadlock_timeout`, that one lock is waited for. */
const LONGEST_WAIT = 50;
const SHARE = 20;

/** Sets `lock_timeout` as rule 1 says, for the transaction or for the session. A setting without a unit is in milliseconds. */
function shortWait(scope: 'transaction' | 'session'): string {
  return `select pg_catalog.set_config('lock_timeout', greatest(1, least(${LONGEST_WAIT}, min(extract(epoch from d.wait::pg_catalog.interval)) * 1000 / ${SHARE}))::pg_catalog.int4::pg_catalog.text, ${scope === 'transaction'})
from (
  select pg_catalog.current_setting('deadlock_timeout')
  union all
  select case when o.option ~ '=\\d+$' then pg_catalog.substr(o.option, 18) || 'ms' else pg_catalog.substr(o.option, 18) end
  from pg_catalog.pg_db_role_setting s cross join lateral pg_catalog.unnest(s.setconfig) as o(option) where o.option like 'deadlock\\_timeout=%'
) as d(wait)`;
}

/** For a transaction. A query, so it comes after `set transaction`. */
export const SHORT_WAIT = shortWait('transaction');
/** For a session that a worker keeps: cheaper than one more statement in each drain. */
export const SHORT_WAIT_OF_SESSION = shortWait('session');

/** Takes what a read of each table takes, all in one statement. Needs no right to more than one column. */
export async function lockTables(client: Queryable, tables: readonly Table[]): Promise<void> {
  const names = new Map(tables.map((table) => [JSON.stringify([table.schema, table.name]), table]));
  if (names.size === 0) return;
  const list = [...names.values()].map((table, index) => sql`${tableName(table)} as ${keyword(`t${index}`)}`);
  // The planner looks at no partition for this; each statement that reads one takes it, and that wait is as short.
  await client.query(render(sql`select from ${join(list, sql`, `)} where false limit ${integer(0)}`).text);
}
