/**
 * Whether an export reads by range or at once, and the transaction of the latter: decided here and nowhere else.
 *
 * | columns | destination | `consistent` | reads |
 * | --- | --- | --- | --- |
 * | any | any | true | at once |
 * | only of the membership | file | false | at once |
 * | only of the membership | stream | false | by range |
 * | also of the team's tables | any | false | by range |
 *
 * While an export reads at once, vacuum waits for its end, and so does DDL on the tables that it reads. A file is
 * written as fast as it is read, and columns of the membership read no table of the team. The reader of a stream may be
 * slow.
 */
import { lockTables, SHORT_WAIT } from '../postgres/give-way.ts';
import type { Client, Pool, Queryable } from '../postgres/pool.ts';
import { retryLocked } from '../postgres/retry-locked.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { Destination } from './destination.ts';
import type { OutputColumns } from './output-column.ts';
import { LOCKED_TABLE, readAtOnce, readByRange, type RowsToRead } from './read-rows.ts';

export interface Reader {
  /** Sees the snapshot of the rows when these are read at once. */
  readonly client: Queryable;
  read(rows: RowsToRead): AsyncIterable<Buffer>;
}

const ENDLESS = { statementTimeout: 0, idleTimeout: 0 } as const;

/** Calls `work` once, with the reader that the request needs. */
export async function withReader<T>(
  pool: Pool,
  columns: OutputColumns,
  options: { readonly to: Destination; readonly consistent?: boolean },
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  if (!readsAtOnce(columns, options)) return work({ client: pool, read: (rows) => readByRange(pool, rows) });
  return inOneSnapshot(pool, columns, (client) => work({ client, read: (rows) => readAtOnce(client, rows) }));
}

function readsAtOnce(
  { readsContacts }: OutputColumns,
  { to, consistent }: { readonly to: Destination; readonly consistent?: boolean },
): boolean {
  return consistent === true || (!readsContacts && !('stream' in to));
}

/** Waits for tables that the team has locked before it takes the snapshot that counts. */
async function inOneSnapshot<T>(
  pool: Pool,
  { tables }: OutputColumns,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const once = () =>
    inTransaction(pool, ENDLESS, async (client) => {
      await client.query(`set transaction isolation level repeatable read, read only; ${SHORT_WAIT}`);
      await lockTables(client, tables);
      // What has begun to write must not begin again: an error of `work` is no reason to retry.
      return work(client).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
    });
  const outcome = await retryLocked(once, LOCKED_TABLE);
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}
