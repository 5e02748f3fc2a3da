/**
 * Freezes a segment that cannot be kept: its members stay as they are, the reason is written, the others go on. `failed`
 * after an error of Postgres, `invalid` after the team's tables changed under it.
 */
import type { Issue } from '../condition/issue.ts';
import { takeSlot } from '../postgres/lock.ts';
import type { Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { bumpGeneration } from '../followed/registry.ts';

/** What is told of a failure: never a value of a row. */
export type FreezeReason =
  | {
      readonly state: 'failed';
      readonly error: { readonly code: 'failed'; readonly sqlstate: string; readonly message: string };
    }
  | { readonly state: 'invalid'; readonly error: { readonly code: 'drift'; readonly issues: readonly Issue[] } };

const TIMEOUTS = { lockTimeout: 2_000, statementTimeout: 60_000, idleTimeout: 30_000 } as const;

/**
 * What a refusal or failure happened under is kept: the worker tries again when the catalogue or Postgres is another. An error
 * of class 42 may come from a table that was renamed or hidden for a moment, so that segment is tried again by time alone:
 * after 5 s for the first six times, then after twice as long each time, up to an hour and a half.
 */
const JUDGED = (under: string, tries: string): string => `validated_under = ${under},
  retry_at = case when ${tries} then clock_timestamp() + interval '5 seconds' * power(2, greatest(0, least(retries, 15) - 5)) end`;

/** Whether trying again under the same catalogue may help. */
function mayPass(error: FreezeReason['error']): boolean {
  return error.code === 'failed' && error.sqlstate.startsWith('42');
}

/**
 * @param under print of the catalogue under which it failed (followed/fingerprint.ts); null: not known, and it is tried again at once.
 * @param cause `live`: the live version failed in a drain, and a build of another version may go on; `build`: the build failed.
 */
export async function freezeSegment(
  pool: Pool,
  id: number,
  reason: FreezeReason,
  cause: 'live' | 'build',
  under: string | null = null,
): Promise<void> {
  await inTransaction(pool, TIMEOUTS, async (client) => {
    await client.query(`select set_config('segmentd.worker', 'on', true)`);
    await takeSlot(client, id);
    const { rows } = await client.query<{ elsewhere: boolean }>(
      `select b.phase in ('staging', 'flipping') and b.version is distinct from s.live_version as elsewhere
       from segmentd.build b join segmentd.segment s on s.id = b.segment_id where b.segment_id = $1`,
      [id],
    );
    const goesOn = cause === 'live' && rows[0]?.elsewhere === true;
    await client.query(
      `update segmentd.segment set state = case when $4 then state else $2 end, error = $3, frozen_at = coalesce(frozen_at, segmentd.instant()),
         ${JUDGED('$5', '$6')}
       where id = $1 and state in ('live', 'building', 'held', 'invalid')`,
      [id, reason.state, JSON.stringify(reason.error), goesOn, under, mayPass(reason.error)],
    );
    if (!goesOn) {
      await client.query(CANCEL_BUILD, [id]);
      // What is queued stays: it may be the last trace of a deleted contact, who leaves every segment in every state.
      await client.query('delete from segmentd.recheck where segment_id = $1 and epoch is not null', [id]);
    }
    await bumpGeneration(client);
  });
}

const CANCEL_BUILD = `
  update segmentd.build set epoch = epoch + 1, phase = 'failed', owner = null, finished_at = clock_timestamp()
  where segment_id = $1`;

/** The edit cannot be built though it passed the check: the live version goes on, `error` describes the wanted one. */
export async function refuseVersion(
  pool: Pool,
  id: number,
  version: number,
  error: FreezeReason['error'],
  under: string | null = null,
): Promise<void> {
  await inTransaction(pool, TIMEOUTS, async (client) => {
    await client.query(`select set_config('segmentd.worker', 'on', true)`);
    await takeSlot(client, id);
    const described = JSON.stringify({ version, ...error });
    await client.query(
      `update segmentd.segment_version set state = 'invalid', error = $3 where segment_id = $1 and version = $2`,
      [id, version, described],
    );
    // A live version that was frozen while this one was built has missed changes: it is built again, or fails for good.
    await client.query(
      `with refused as (
         update segmentd.segment set error = $2, state = case when frozen_at is null then 'live' else state end, ${JUDGED('$3', '$4')}
         where id = $1 and state in ('live', 'building', 'held') returning frozen_at
       )
       insert into segmentd.rebuild_request (segment_id, reason) select $1, 'repair' from refused where refused.frozen_at is not null`,
      [id, described, under, mayPass(error)],
    );
    await client.query(CANCEL_BUILD, [id]);
    await client.query('delete from segmentd.recheck where segment_id = $1 and epoch is not null', [id]);
    await bumpGeneration(client);
  });
}
