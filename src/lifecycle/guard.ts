/**
 * The guard of edits: a version that would move more members than a person may have meant is held until it is confirmed,
 * `segment.confirmed_version` being the number up to which somebody did. A held segment goes on following its live
 * version in every respect; only `state` and `error` tell. Written by the flip that refuses to happen, never by callers.
 */
import type { Client, Queryable } from '../postgres/pool.ts';
import { bumpGeneration } from '../followed/registry.ts';

/** An edit is held when it moves more than both. */
export interface GuardLimits {
  /** Percent of the members before the edit. */
  readonly percent: number;
  readonly members: number;
}

export const GUARD_LIMITS: GuardLimits = { percent: 30, members: 1_000 };

/** What an edit would do, or has. */
export interface Movement {
  readonly entering: number;
  readonly leaving: number;
  /** Before the edit. */
  readonly members: number;
}

export function exceeds({ entering, leaving, members }: Movement, limits: GuardLimits): boolean {
  const moved = entering + leaving;
  return moved > limits.members && moved * 100 > limits.percent * members;
}

/** "1,200 would enter and 30 leave, of 2,000 members now". */
export function movementText({ entering, leaving, members }: Movement): string {
  const count = (number: number): string => number.toLocaleString('en-US');
  return `${count(entering)} would enter and ${count(leaving)} leave, of ${count(members)} members now`;
}

/**
 * Whether the guard lets a built version go live; asked in the flip, with the segment's row and slot held.
 * @param moved counts what the flip would write; asked only when it matters
 */
export async function guardFlip(
  client: Queryable,
  build: { readonly id: number; readonly version: number },
  limits: GuardLimits,
  moved: () => Promise<Pick<Movement, 'entering' | 'leaving'>>,
): Promise<Movement | undefined> {
  const { rows } = await client.query<{ confirmed: boolean; members: string }>(
    `select coalesce(s.confirmed_version >= $2, false) as confirmed,
       (select coalesce(sum(c.members), 0) from segmentd.member_count c where c.segment_id = s.id) as members
     from segmentd.segment s where s.id = $1`,
    [build.id, build.version],
  );
  const row = rows[0];
  if (!row || row.confirmed) return undefined;
  const movement = { ...(await moved()), members: Number(row.members) };
  return exceeds(movement, limits) ? movement : undefined;
}

/** In place of the flip, in its transaction: the build ends, the live version goes on. */
export async function holdVersion(
  client: Client,
  build: { readonly id: number; readonly version: number },
  movement: Movement,
): Promise<void> {
  const error = {
    code: 'held',
    version: build.version,
    ...movement,
    message: `${movementText(movement)}; it waits to be confirmed.`,
  };
  await client.query(`select set_config('segmentd.worker', 'on', true)`);
  // Another version is wanted by now: that one is validated instead.
  await client.query(
    `update segmentd.segment_version v set state = case when s.version = $2 then 'held' else 'superseded' end, error = $3
     from segmentd.segment s where s.id = $1 and v.segment_id = s.id and v.version = $2`,
    [build.id, build.version, JSON.stringify(error)],
  );
  // A live version that was frozen while this one was built has missed changes: it is built again.
  await client.query(
    `with held as (
       update segmentd.segment set error = case when version = $2 then $3::jsonb else error end,
         state = case when frozen_at is not null then state when version = $2 then 'held' else 'live' end
       where id = $1 returning frozen_at
     )
     insert into segmentd.rebuild_request (segment_id, reason) select $1, 'repair' from held where held.frozen_at is not null`,
    [build.id, build.version, JSON.stringify(error)],
  );
  await client.query(
    `update segmentd.build set epoch = epoch + 1, phase = 'cancelled', owner = null, finished_at = clock_timestamp() where segment_id = $1`,
    [build.id],
  );
  await client.query('delete from segmentd.recheck where segment_id = $1 and epoch is not null', [build.id]);
  await bumpGeneration(client);
}

/** Where held versions that were confirmed are looked for, beside those that are proposed. */
export const CONFIRMED = `v.state = 'held' and s.confirmed_version >= v.version`;

/** Lets through what was confirmed; returns how many. Part of the transaction that accepts versions. */
export async function releaseConfirmed(client: Client): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `select s.id from segmentd.segment_version v join segmentd.segment s on s.id = v.segment_id and s.version = v.version
     where ${CONFIRMED} order by s.id for no key update of s skip locked`,
  );
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return 0;
  await client.query(
    `update segmentd.segment_version v set state = 'accepted', error = null
     from segmentd.segment s where s.id = v.segment_id and s.version = v.version and v.state = 'held' and s.id = any ($1::int[])`,
    [ids],
  );
  await client.query(
    `update segmentd.segment set error = null,
       state = case state when 'held' then 'live' when 'failed' then 'building' when 'invalid' then 'building' else state end
     where id = any ($1::int[])`,
    [ids],
  );
  return ids.length;
}
