/**
 * B1: from the commit of the barrier on, every drain that evaluates a contact of the segment parks it for this epoch.
 * So the chunks that follow may read at leisure. The barrier holds the slot alone, waits for it holding nothing else,
 * and takes one segment at a time.
 */
import { LOCK_NOT_AVAILABLE, sqlState } from '../base/error.ts';
import { raiseClock } from '../postgres/clock.ts';
import type { Reason } from '../membership/reason.ts';
import { takeSlot } from '../postgres/lock.ts';
import type { Client } from '../postgres/pool.ts';
import { AT_ONCE, retryLocked } from '../postgres/retry-locked.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { openEdges } from '../followed/edge-link.ts';
import { bumpGeneration } from '../followed/registry.ts';
import { isBuildable, type SegmentState, type WantedState } from '../lifecycle/state.ts';
import { beginBuild, dropParked } from '../lifecycle/write-build.ts';
import { markBuilding } from '../lifecycle/write-segment.ts';
import { LEASE_SECONDS, TIMEOUTS, type Build, type Owed } from './build.ts';

/** The oldest origin of the requests that the build takes over: a `wait` for one of them then waits for this build. */
const TAKE_REQUESTS = `
  with taken as (delete from segmentd_internal.rebuild_request r where r.segment_id = $1 returning r.origin, r.reason, r.as_of)
  select t.origin::text as origin, (select min(o.as_of) from taken o where o.reason = any ($2::text[]))::text as as_of
  from taken t order by t.origin limit 1`;

/** Reasons that stand for a change of rows; not an edit, and not a request by a caller. */
const HAPPENED: readonly Reason[] = ['delete', 'manual', 'contact', 'related', 'segment', 'time'];

/** Opens the build, or returns undefined when the segment is busy or no longer wants this version. */
export async function openBuild(client: Client, owed: Owed, total: number): Promise<Build | undefined> {
  try {
    // Committed by itself: the new edges' watermark is then behind every instant that the build or a drain will read.
    if (owed.plan.edges.length > 0) await raiseClock(client);
    return await inTransaction(client, TIMEOUTS.barrier, async () => {
      // The row first and without waiting: callers hold it as long as their transaction lasts.
      const { rows } = await client.query<{
        version: number;
        live_version: number | null;
        wanted_state: WantedState;
        state: SegmentState;
      }>(
        'select s.version, s.live_version, s.wanted_state, s.state from segmentd.segment s where s.id = $1 for no key update nowait',
        [owed.id],
      );
      const row = rows[0];
      const wanted = row && (row.version === owed.plan.version || row.live_version === owed.plan.version);
      if (!row || !wanted || row.wanted_state !== 'live' || !isBuildable(row.state)) return undefined;
      await takeSlot(client, owed.id);
      const taken = await client.query<{ origin: string; as_of: string | null }>(TAKE_REQUESTS, [owed.id, HAPPENED]);
      await dropParked(client, owed.id);
      const epoch = await beginBuild(client, {
        id: owed.id,
        version: owed.plan.version,
        reason: owed.reason,
        total,
        leaseSeconds: LEASE_SECONDS,
        origin: taken.rows[0]?.origin ?? null,
        asOf: taken.rows[0]?.as_of ?? null,
      });
      await markBuilding(client, owed.id);
      await openEdges(client, owed.plan);
      await bumpGeneration(client);
      return epoch === undefined ? undefined : { ...owed, epoch };
    });
  } catch (error) {
    if (sqlState(error) === LOCK_NOT_AVAILABLE) return undefined;
    throw error;
  }
}

/**
 * Waits out the drains of referenced segments that began before this build could be seen as their dependent: one
 * exclusive slot at a time, released at once.
 */
export async function passReferences(
  client: Client,
  idOfKey: ReadonlyMap<string, number>,
  builds: readonly Build[],
  signal?: AbortSignal,
): Promise<void> {
  const ids = new Set(builds.flatMap((build) => [...build.plan.references.segments].map((key) => idOfKey.get(key))));
  for (const id of ids) {
    if (id === undefined) continue;
    signal?.throwIfAborted();
    await retryLocked(() => inTransaction(client, TIMEOUTS.barrier, () => takeSlot(client, id)), {
      patience: Infinity,
      pause: AT_ONCE,
      ...(signal ? { signal } : {}),
    });
  }
}
