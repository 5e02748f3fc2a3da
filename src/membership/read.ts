/**
 * The read side of membership: pages of members, the segments of a contact, sizes, and how fresh it all is. Reads only
 * what is committed, through any connection; never waits for the worker.
 */
import { masked } from '../base/mask.ts';
import { Failure, noSegment, sqlState } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface Member {
  /** The contact's key, as text whatever its type. */
  readonly contactId: string;
  /** ISO 8601 with microseconds, UTC. */
  readonly enteredAt: string;
}

export interface SegmentOfContact {
  readonly key: string;
  readonly name: string | null;
  readonly enteredAt: string;
}

export interface SegmentStatus {
  readonly key: string;
  readonly state: string;
  /** Exact. */
  readonly members: number;
  /** The earlier of the next two: everything before it is visible in membership, also of the segments it reads; null before the first drain. */
  readonly freshAsOf: string | null;
  /** Changes committed before this instant are visible. */
  readonly rowsAsOf: string | null;
  /** Windows that ran out before this instant are visible: an earlier one where their field has no usable index. */
  readonly timeAsOf: string | null;
  readonly version: number;
  readonly liveVersion: number | null;
  /** Of the running build, 0 to 1; null when none runs. */
  readonly progress: number | null;
  readonly error: unknown;
  /** Segments that it reads, directly or through others, and that stand still: `freshAsOf` is no later than their members. */
  readonly stale: readonly string[];
  /** Why a rebuild is owed, such as `its catalogue changed: fields.total`; empty when none is. */
  readonly owed: readonly string[];
}

export interface Backlog {
  /** Everything before this instant is visible in membership, of all segments. */
  readonly freshAsOf: string | null;
  /** Seconds between `freshAsOf` and the database's clock. */
  readonly lag: number | null;
  /** Changes committed before this instant are visible. */
  readonly rowsAsOf: string | null;
  readonly rowsLag: number | null;
  /** Windows that ran out before this instant are visible, but for fields without a usable index (`Timeliness.asOf`). */
  readonly timeAsOf: string | null;
  readonly timeLag: number | null;
  /** The server is a hot standby: all of this is as of what it has replayed. */
  readonly standby: boolean;
  /** Rows of the outbox not yet consumed, and of the recheck queue; counted up to 100,000. */
  readonly changes: number;
  readonly rechecks: number;
  /** Segments that wait for a rebuild or are in one. */
  readonly rebuilds: number;
  /** Whether any table of the team is captured. */
  readonly installed: boolean;
}

export const PAGE = 1_000;

/** @throws {Failure} `not-found` */
async function segmentId(client: Queryable, key: string): Promise<number> {
  const { rows } = await client.query<{ id: number }>({ ...statement('segment-id'), values: [key] });
  const row = rows[0];
  if (!row) throw noSegment(key);
  return row.id;
}

/**
 * A page of members in order of the contact's key.
 * @param options.after the last `contactId` of the page before
 * @param options.limit most rows; default 1,000
 * @throws {Failure} `not-found`; `usage` when `after` cannot be a contact's key
 */
export async function readMembers(
  client: Queryable,
  key: string,
  options: { readonly limit?: number; readonly after?: string } = {},
): Promise<readonly Member[]> {
  const id = await segmentId(client, key);
  return page(client, id, options.after ?? null, options.limit ?? PAGE);
}

/** All members, a page a query: memory stays constant; changes between two pages may or may not show. */
export async function* readMemberPages(
  client: Queryable,
  key: string,
  options: { readonly limit?: number; readonly after?: string } = {},
): AsyncGenerator<readonly Member[], void, void> {
  const id = await segmentId(client, key);
  let after = options.after ?? null;
  for (let left = options.limit ?? Infinity; left > 0;) {
    const rows = await page(client, id, after, Math.min(left, PAGE));
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.contactId;
    left -= rows.length;
  }
}

async function page(client: Queryable, id: number, after: string | null, limit: number): Promise<readonly Member[]> {
  const { rows } = await keyed(after, () =>
    client.query<{ contact_id: string; entered_at: string }>({
      ...statement('member-page'),
      values: [id, after, limit],
    }),
  );
  return rows.map((row) => ({ contactId: row.contact_id, enteredAt: row.entered_at }));
}

/** @throws {Failure} `usage` when `contact` cannot be a contact's key */
export async function readSegmentsOfContact(client: Queryable, contact: string): Promise<readonly SegmentOfContact[]> {
  const { rows } = await keyed(contact, () =>
    client.query<{ key: string; name: string | null; entered_at: string }>({
      ...statement('contact-segment'),
      values: [contact],
    }),
  );
  return rows.map((row) => ({ key: row.key, name: row.name, enteredAt: row.entered_at }));
}

/** The view `segment_status`. @throws {Failure} `not-found` when a key is given */
export async function readSegmentStatus(client: Queryable, key?: string): Promise<readonly SegmentStatus[]> {
  const { rows } = await client.query<{
    key: string;
    state: string;
    members: string;
    fresh_as_of: string | null;
    rows_as_of: string | null;
    time_as_of: string | null;
    version: number;
    live_version: number | null;
    progress: string | number | null;
    error: unknown;
    stale: string[];
    owed: string[];
  }>({ ...statement('segment-status'), values: [key ?? null] });
  if (key !== undefined && rows.length === 0) throw noSegment(key);
  return rows.map((row) => ({
    key: row.key,
    state: row.state,
    members: Number(row.members),
    freshAsOf: row.fresh_as_of,
    rowsAsOf: row.rows_as_of,
    timeAsOf: row.time_as_of,
    version: row.version,
    liveVersion: row.live_version,
    progress: row.progress === null ? null : Number(row.progress),
    error: row.error,
    stale: row.stale,
    owed: row.owed,
  }));
}

interface BacklogRow {
  readonly fresh_as_of: string | null;
  readonly lag: number | null;
  readonly rows_as_of: string | null;
  readonly rows_lag: number | null;
  readonly time_as_of: string | null;
  readonly time_lag: number | null;
  readonly standby: boolean;
  readonly changes: string;
  readonly rechecks: string;
  readonly rebuilds: string;
  readonly installed: boolean;
}

export async function readBacklog(client: Queryable): Promise<Backlog> {
  const { rows } = await client.query<BacklogRow>(statement('backlog'));
  const row = rows[0];
  return {
    freshAsOf: row?.fresh_as_of ?? null,
    lag: row?.lag ?? null,
    rowsAsOf: row?.rows_as_of ?? null,
    rowsLag: row?.rows_lag ?? null,
    timeAsOf: row?.time_as_of ?? null,
    timeLag: row?.time_lag ?? null,
    standby: row?.standby ?? false,
    changes: Number(row?.changes ?? 0),
    rechecks: Number(row?.rechecks ?? 0),
    rebuilds: Number(row?.rebuilds ?? 0),
    installed: row?.installed ?? false,
  };
}

/** How promptly a segment hears that a field's time has come. */
export interface Timeliness {
  readonly key: string;
  /** `schema.table`, as written in SQL without quotes. */
  readonly table: string;
  readonly column: string;
  readonly path: readonly string[] | null;
  /** Only whole days matter: at local midnights. */
  readonly daily: boolean;
  /** Milliseconds between looks where no index makes them cheap; null: at every poll of a worker. */
  readonly every: number | null;
  /** Of such a field: windows that ran out before this instant are visible; null where it follows the others. */
  readonly asOf: string | null;
}

/** One for each segment and field that its windows, periods or ages are about. */
export async function readTimeliness(client: Queryable, key?: string): Promise<readonly Timeliness[]> {
  const { rows } = await client.query<{
    key: string;
    schema_name: string;
    table_name: string;
    column_name: string;
    path: string[] | null;
    daily: boolean;
    every: number | null;
    as_of: string | null;
  }>({
    ...statement('edge-timeliness'),
    values: [key ?? null],
  });
  return rows.map((row) => ({
    key: row.key,
    table: `${row.schema_name}.${row.table_name}`,
    column: row.column_name,
    path: row.path,
    daily: row.daily,
    every: row.every,
    asOf: row.as_of,
  }));
}

/** Contact keys have the type of the team's column: a text that is none of it is the caller's mistake, not ours. */
async function keyed<T>(key: string | null, query: () => Promise<T>): Promise<T> {
  const bad = () => new Failure('usage', `${JSON.stringify(masked(key ?? ''))} cannot be the key of a contact here.`);
  if (key?.includes('\0')) throw bad();
  try {
    return await query();
  } catch (error) {
    // 22P02 not of the type, 22003 out of its range
    if (key !== null && ['22P02', '22003'].includes(sqlState(error) ?? '')) throw bad();
    throw error;
  }
}
