/**
 * The only statements that change `build.phase` and `build.epoch`. A build ends with its epoch: a builder that
 * finds that the epoch moved drops what it staged. The caller holds the slot of the segment alone. Must not write other tables.
 */
import type { Queryable } from '../postgres/pool.ts';

/** A build belongs to the session that opened it: the process id and the start of the backend. */
const OWNER = `(select a.pid || ' ' || a.backend_start from pg_catalog.pg_stat_activity a where a.pid = pg_backend_pid())`;

export interface NewBuild {
  readonly id: number;
  readonly version: number;
  readonly reason: string;
  /** Contacts to scan, about. */
  readonly total: number;
  readonly leaseSeconds: number;
  /** The oldest origin of the requests that the build took over, as text of an xid8. */
  readonly origin: string | null;
  /** The earliest `as_of` of the requests that stand for a change of rows. */
  readonly asOf: string | null;
}

/** Opens the build and returns its epoch. The requests of a build that died go on to this one. */
export async function beginBuild(client: Queryable, build: NewBuild): Promise<number | undefined> {
  const { rows } = await client.query<{ epoch: number }>(
    `insert into segmentd_internal.build as b (segment_id, epoch, version, reason, owner, lease_until, phase, done, total, started_at, finished_at, origin, as_of)
     values ($1, 1, $2, $3, ${OWNER}, clock_timestamp() + make_interval(secs => $7), 'staging', 0, $4, clock_timestamp(), null, $5::text::xid8, $6::timestamptz)
     on conflict (segment_id) do update set epoch = b.epoch + 1, version = excluded.version, reason = excluded.reason, owner = excluded.owner,
       lease_until = excluded.lease_until, phase = excluded.phase, done = 0, total = excluded.total, started_at = excluded.started_at, finished_at = null,
       origin = case when b.phase = 'staging' then least(b.origin, excluded.origin) else excluded.origin end,
       as_of = case when b.phase = 'staging' then least(b.as_of, excluded.as_of) else excluded.as_of end
     returning b.epoch`,
    [build.id, build.version, build.reason, build.total, build.origin, build.asOf, build.leaseSeconds],
  );
  return rows[0]?.epoch;
}

/** The flip wrote what the build staged. */
export async function endBuild(client: Queryable, id: number, epoch: number): Promise<void> {
  await client.query(
    `update segmentd_internal.build set phase = 'done', owner = null, done = total, finished_at = clock_timestamp() where segment_id = $1 and epoch = $2`,
    [id, epoch],
  );
}

const abandon = (phase: 'cancelled' | 'failed'): string =>
  `update segmentd_internal.build set epoch = epoch + 1, phase = '${phase}', owner = null, finished_at = clock_timestamp() where segment_id = $1`;
const CANCEL = abandon('cancelled');
const FAIL = abandon('failed');

/** Ends a build that is not wanted any more: it finds its epoch moved. */
export async function cancelBuild(client: Queryable, id: number): Promise<void> {
  await client.query(CANCEL, [id]);
}

/** Ends a build that cannot succeed: it finds its epoch moved. */
export async function failBuild(client: Queryable, id: number): Promise<void> {
  await client.query(FAIL, [id]);
}

/** Contacts that drains parked for a build that ended. Rows without an epoch stay: one may be the last trace of a deleted contact. */
export async function dropParked(client: Queryable, id: number): Promise<void> {
  await client.query('delete from segmentd_internal.recheck where segment_id = $1 and epoch is not null', [id]);
}
