/**
 * How segmentd gives way to the team's DDL. Without it, a transaction of ours that holds one table of the team and
 * waits for another could deadlock with a migration of the team. Postgres then ends the session that has waited for
 * `deadlock_timeout`. The team's session starts that clock when it begins to wait for a table that we hold, so after
 * the first lock of our transaction. Two rules keep the deadlock detector from ever finding us in a cycle:
 *
 * Rule 1. Every wait for a lock is short: at most 50 ms, and at most a twentieth of the lowest `deadlock_timeout` that
 *   a role or database sets. A statement takes its locks one after the other when it begins, so it has given way long
 *   before.
 * Rule 2. A transaction that reads in several statements takes all its locks on the team's tables in its first one
 *   (`lockTables`). Later statements wait for no table. A short wait alone is not enough: it could begin 0.99 s after
 *   the first lock.
 *
 * A transaction that gives way (SQLSTATE 55P03) rolls back, which releases all its locks, and tries again (`retryLocked`).
 * `lock table … nowait` would not need rule 1, but it needs a right to the whole table, and the team may grant columns
 * only.
 */
import type { Table } from '../catalogue/catalogue.ts';
import { integer, join, keyword, render, sql, tableName } from '../compile/fragment.ts';
import type { Queryable } from './pool.ts';

/** The longest wait for one lock: milliseconds, and the divisor of `deadlock_timeout`. */
const LONGEST_WAIT = 50;
const SHARE = 20;

/**
 * Sets `lock_timeout` as rule 1 requires, for the transaction or for the session. A setting without a unit is in
 * milliseconds.
 */
function shortWait(scope: 'transaction' | 'session'): string {
  return `select pg_catalog.set_config('lock_timeout', greatest(1, least(${LONGEST_WAIT}, min(extract(epoch from d.wait::pg_catalog.interval)) * 1000 / ${SHARE}))::pg_catalog.int4::pg_catalog.text, ${scope === 'transaction'})
from (
  select pg_catalog.current_setting('deadlock_timeout')
  union all
  select case when o.option ~ '=\\d+$' then pg_catalog.substr(o.option, 18) || 'ms' else pg_catalog.substr(o.option, 18) end
  from pg_catalog.pg_db_role_setting s cross join lateral pg_catalog.unnest(s.setconfig) as o(option) where o.option like 'deadlock\\_timeout=%'
) as d(wait)`;
}

/** For a transaction. It is a query, so it must come after `set transaction`. */
export const SHORT_WAIT = shortWait('transaction');
/** For a session that a worker keeps open: it saves one statement in each drain. */
export const SHORT_WAIT_OF_SESSION = shortWait('session');

/** Takes the locks of a read on every table, in one statement. It needs the right to read one column of each. */
export async function lockTables(client: Queryable, tables: readonly Table[]): Promise<void> {
  const names = new Map(tables.map((table) => [JSON.stringify([table.schema, table.name]), table]));
  if (names.size === 0) return;
  const list = [...names.values()].map((table, index) => sql`${tableName(table)} as ${keyword(`t${index}`)}`);
  // This statement locks no partition. A later statement that reads a partition locks it, with the same short wait.
  await client.query(render(sql`select from ${join(list, sql`, `)} where false limit ${integer(0)}`).text);
}
