/**
 * The past of a segment, from the event log: its size day by day, and who was in at an instant. Both count back from what
 * is true now, so they stay right when old events are pruned. Reads only; of deleted segments too.
 */
import { masked } from '../base/mask.ts';
import { Failure, noSegment, sqlState } from '../base/error.ts';
import type { Pool, Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';

export interface DayOfSegment {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  /** At the end of the day; today, now. */
  readonly members: number;
  readonly entered: number;
  readonly left: number;
}

async function pastId(client: Queryable, key: string): Promise<number> {
  const { rows } = await client.query<{ id: number }>({ ...statement('segment-past'), values: [key] });
  const row = rows[0];
  if (!row) throw noSegment(key);
  return row.id;
}

const MOST_DAYS = 36_500;

/**
 * Oldest day first, every day up to today.
 * @param days how many, 1 to 36,500; fewer come when the segment or the log is younger
 * @throws {Failure} `not-found`
 */
export async function readSizeHistory(client: Queryable, key: string, days: number): Promise<readonly DayOfSegment[]> {
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
    throw new Failure('usage', `The days must be a whole number from 1 to ${MOST_DAYS}.`);
  const id = await pastId(client, key);
  const { rows } = await client.query<{ day: string; members: string; entered: string; left: string }>({
    ...statement('segment-history'),
    values: [id, days],
  });
  return rows.map(({ day, members, entered, left }) => ({
    day,
    members: Number(members),
    entered: Number(entered),
    left: Number(left),
  }));
}

/** Fetched at once: memory stays constant. */
const BATCH = 10_000;
const TIMEOUTS = { lockTimeout: 5_000, idleTimeout: 600_000 } as const;

/**
 * Contact keys of those who were in at an instant, in order of the key, in pages.
 * @param time as Postgres reads it; without a zone it is UTC
 * @throws {Failure} `not-found`; `usage` for what is no time, lies ahead, or before the log begins
 */
export async function* readMembersAsOf(
  pool: Pool,
  key: string,
  time: string,
): AsyncGenerator<readonly string[], void, void> {
  await pastId(pool, key);
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
    throw outOfReach(error) ?? error;
  } finally {
    // Nothing was written; whoever stops early leaves the transaction open.
    await client.query('rollback').catch(() => {});
    client.release();
  }
}

/** How many there were. @throws {Failure} as `membersAsOf` */
export async function countMembersAsOf(pool: Pool, key: string, time: string): Promise<number> {
  await pastId(pool, key);
  const at = await instantOf(pool, time);
  try {
    return await inTransaction(pool, TIMEOUTS, async (client) => {
      await client.query(`set local work_mem = '64MB'; set local jit = off`);
      const { rows } = await client.query<{ members: string }>(
        'select count(*) as members from segmentd.members_as_of($1, $2::timestamptz)',
        [key, at],
      );
      return Number(rows[0]?.members ?? 0);
    });
  } catch (error) {
    throw outOfReach(error) ?? error;
  }
}

async function instantOf(pool: Pool, time: string): Promise<string> {
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
    if (row.ahead) throw new Failure('usage', `${time} lies ahead: who is in then is not known.`);
    return row.at;
  } catch (error) {
    // 22007 not of the format, 22008 out of range, 22023 no such zone
    if (['22007', '22008', '22023'].includes(sqlState(error) ?? '')) throw bad();
    throw error;
  }
}

/** 55000 is raised by segmentd.events_reach. */
function outOfReach(error: unknown): Failure | undefined {
  if (sqlState(error) !== '55000' || !(error instanceof Error)) return undefined;
  return new Failure(
    'usage',
    `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}: who was in before that is not known (--event-months).`,
  );
}
