/**
 * The members of a segment at an instant of the past, from present members and the event log. Deleted segments are
 * readable too. Only reads.
 */
import { Failure, sqlState } from '../base/error.ts';
import { masked } from '../base/mask.ts';
import type { Pool, Queryable } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { pastSegmentIdOf } from './segment-id.ts';

/** Rows of one fetch; memory stays constant. */
const BATCH = 10_000;
const TIMEOUTS = { lockTimeout: 5_000, idleTimeout: 600_000 } as const;

/**
 * Contact keys of the members at an instant, in order of the key, in pages.
 * @param time in a form that Postgres reads; without a zone it is UTC
 * @throws {Failure} `not-found`; `usage` for a text that is no time, a time in the future, or a time before the log
 *   begins
 */
export async function* readMembersAsOf(
  pool: Pool,
  key: string,
  time: string,
): AsyncGenerator<readonly string[], void, void> {
  await pastSegmentIdOf(pool, key);
  const at = await instantOf(pool, time);
  const client = await pool.connect();
  try {
    await client.query(
      `begin isolation level read committed; set local work_mem = '64MB'; set local jit = off; set local cursor_tuple_fraction = 1`,
    );
    await client.query(
      `declare past no scroll cursor for select m.contact_id::text as contact_id from segmentd.members_as_of($1, $2::timestamptz) as m order by m.contact_id`,
      [key, at],
    );
    for (;;) {
      const { rows } = await client.query<{ contact_id: string }>(`fetch ${BATCH} from past`);
      if (rows.length > 0) yield rows.map((row) => row.contact_id);
      if (rows.length < BATCH) return;
    }
  } catch (error) {
    throw beforeLog(error) ?? error;
  } finally {
    // The transaction wrote nothing. It is still open when the reader stops early.
    await client.query('rollback').catch(() => {});
    client.release();
  }
}

/** The number of members at an instant. @throws {Failure} as `readMembersAsOf` */
export async function countMembersAsOf(pool: Pool, key: string, time: string): Promise<number> {
  await pastSegmentIdOf(pool, key);
  const at = await instantOf(pool, time);
  return inTransaction(pool, TIMEOUTS, (client) => sizeAt(client, key, at));
}

/** The same at an instant that `instantOf` returned. @throws {Failure} `usage` when the history does not reach back so far */
export async function sizeAt(client: Queryable, key: string, at: string): Promise<number> {
  try {
    const { rows } = await client.query<{ members: string }>(
      'select segmentd.size_at($1, $2::timestamptz) as members',
      [key, at],
    );
    return Number(rows[0]?.members ?? 0);
  } catch (error) {
    throw beforeLog(error) ?? error;
  }
}

/** The instant that a text names. @throws {Failure} `usage` for what is no time, or lies ahead */
export async function instantOf(pool: Pool, time: string): Promise<string> {
  const bad = () =>
    new Failure(
      'usage',
      `${JSON.stringify(masked(time))} is not a time; write 2026-01-31, or 2026-01-31T12:00:00Z (UTC where no zone is given).`,
    );
  if (time.trim() === '' || time.includes('\0')) throw bad();
  try {
    const { rows } = await inTransaction(pool, TIMEOUTS, async (client) => {
      await client.query(`set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'`);
      return client.query<{ at: string; ahead: boolean }>(
        'select t.at::text as at, t.at > segmentd.instant() as ahead from (select $1::timestamptz as at) t',
        [time],
      );
    });
    const row = rows[0];
    if (!row) throw bad();
    if (row.ahead) throw new Failure('usage', `${time} is in the future: its members are not known yet.`);
    return row.at;
  } catch (error) {
    // Class 22, data exception: the text is the only value of the statement.
    if (sqlState(error)?.startsWith('22') === true) throw bad();
    throw error;
  }
}

/** segmentd_internal.events_reach raises 55000 when the log does not reach back so far. */
export function beforeLog(error: unknown): Failure | undefined {
  if (sqlState(error) !== '55000' || !(error instanceof Error)) return undefined;
  return new Failure(
    'usage',
    `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}: the members before that are not known (see --event-months).`,
  );
}
