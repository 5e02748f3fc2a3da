/**
 * The only statements that change the worker's columns of `segmentd.segment`: `state`, `live_version`, `frozen_at`, `error`, and when
 * a segment is tried again. Each changes the state as transition.ts allows. The caller is a worker and holds the row.
 * Must not write other tables.
 */
import type { Queryable } from '../postgres/pool.ts';
import type { SegmentState } from './state.ts';

/** When a rejected or failed segment is tried again. */
export interface Retry {
  /** Print of the catalogue under which it happened (followed/fingerprint.ts): under another one it is tried at once. Null: not known. */
  readonly under: string | null;
  /** Whether trying again under the same catalogue may help. */
  readonly mayPass: boolean;
}

/**
 * An error of class 42 may come from a table that was renamed or hidden for a moment, so that segment is tried again by time
 * alone: after 5 s for the first six times, then after twice as long each time, up to an hour and a half.
 */
const retryAt = (under: string, mayPass: string): string => `validated_under = ${under},
  retry_at = case when ${mayPass} then clock_timestamp() + interval '5 seconds' * power(2, greatest(0, least(retries, 15) - 5)) end`;

/** Their wanted versions were accepted. A frozen segment is built again, a held one goes on until the new version is built. */
export async function markAccepted(client: Queryable, ids: readonly number[]): Promise<void> {
  await client.query(
    `update segmentd.segment set error = null,
       state = case when state in ('invalid', 'failed') then 'building' when state = 'held' then 'live' else state end
     where id = any ($1::int[])`,
    [ids],
  );
}

/** Its wanted version was rejected: a live version goes on, without one the segment is invalid. Returns the state that it has now. */
export async function markRejected(
  client: Queryable,
  id: number,
  error: string,
  under: string,
): Promise<SegmentState | undefined> {
  const { rows } = await client.query<{ state: SegmentState }>(
    `update segmentd.segment set error = $2, state = case when live_version is null then 'invalid' when state = 'held' then 'live' else state end,
       validated_under = $3, retry_at = null where id = $1
     returning state`,
    [id, error, under],
  );
  return rows[0]?.state;
}

/**
 * Its wanted version passed the check and cannot be built: the live version goes on.
 * @returns whether the segment is frozen: its live version then missed changes while the other was built
 */
export async function markUnbuildable(client: Queryable, id: number, error: string, retry: Retry): Promise<boolean> {
  const { rows } = await client.query<{ frozen: boolean }>(
    `update segmentd.segment set error = $2, state = case when frozen_at is null then 'live' else state end, ${retryAt('$3', '$4')}
     where id = $1 and segmentd_internal.is_followed(state) returning frozen_at is not null as frozen`,
    [id, error, retry.under, retry.mayPass],
  );
  return rows[0]?.frozen === true;
}

/**
 * The guard holds a built version: the live version goes on. When a later version is wanted by now, that one is validated instead.
 * @returns whether the segment is frozen: its live version then missed changes while the other was built
 */
export async function markHeld(client: Queryable, id: number, version: number, error: string): Promise<boolean> {
  const { rows } = await client.query<{ frozen: boolean }>(
    `update segmentd.segment set error = case when version = $2 then $3::jsonb else error end,
       state = case when frozen_at is not null then state when version = $2 then 'held' else 'live' end
     where id = $1 returning frozen_at is not null as frozen`,
    [id, version, error],
  );
  return rows[0]?.frozen === true;
}

/** Its live version or its build fails: the members stay as they are from now on. `keepsState`: a build of another version goes on. */
export async function markFrozen(
  client: Queryable,
  id: number,
  state: 'invalid' | 'failed',
  error: string,
  retry: Retry & { readonly keepsState: boolean },
): Promise<void> {
  await client.query(
    `update segmentd.segment set state = case when $4 then state else $2 end, error = $3, frozen_at = coalesce(frozen_at, segmentd.instant()),
       ${retryAt('$5', '$6')}
     where id = $1 and (segmentd_internal.is_followed(state) or state = 'invalid')`,
    [id, state, error, retry.keepsState, retry.under, retry.mayPass],
  );
}

/** A frozen segment fits again: it stays frozen until its build is done. Returns false when it was not frozen any more. */
export async function markUnfrozen(client: Queryable, id: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `update segmentd.segment set state = 'building', error = null, retry_at = null, retries = least(retries + 1, 1000)
     where id = $1 and state in ('invalid', 'failed')`,
    [id],
  );
  return rowCount !== 0;
}

/** Its rejected version is validated once more. */
export async function countRetry(client: Queryable, id: number): Promise<void> {
  await client.query('update segmentd.segment set retry_at = null, retries = least(retries + 1, 1000) where id = $1', [
    id,
  ]);
}

/** A build begins, or the segment returns and waits for one. */
export async function markBuilding(client: Queryable, id: number): Promise<void> {
  await client.query(`update segmentd.segment set state = 'building' where id = $1`, [id]);
}

/** The members come from this version. Rebuilt while another version is held, the segment stays held. */
export async function markLive(client: Queryable, id: number, version: number): Promise<void> {
  await client.query(
    `update segmentd.segment s set state = case when w.state = 'held' then 'held' else 'live' end, live_version = $2, frozen_at = null,
       error = case when s.version = $2 then null when w.state = 'held' then w.error else s.error end, retries = case when s.version = $2 then 0 else s.retries end
     from segmentd.segment_version w where s.id = $1 and w.segment_id = s.id and w.version = s.version`,
    [id, version],
  );
}

/** A segment with members becomes static or a snapshot: the members are those of the wanted version now. */
export async function markTakenOver(client: Queryable, id: number): Promise<void> {
  await client.query(
    `update segmentd.segment set state = 'live', live_version = version, frozen_at = null, error = null where id = $1`,
    [id],
  );
}

/** A caller put it away. A deleted segment has no live version: nothing follows it, and its return is a first build. */
export async function markAway(client: Queryable, id: number, state: 'paused' | 'archived' | 'deleted'): Promise<void> {
  await client.query(
    `update segmentd.segment set state = $2, frozen_at = coalesce(frozen_at, segmentd.instant()),
       deleted_at = case when $2 = 'deleted' then segmentd_internal.clock() end, live_version = case when $2 <> 'deleted' then live_version end
     where id = $1`,
    [id, state],
  );
}
