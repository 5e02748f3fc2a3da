/**
 * Carries out what callers want of a segment: pause, archive, delete, resume, and that a dynamic segment with members becomes static or a
 * snapshot. The worker holds the segment's slot alone, so that no drain or build is in between. Raising the epoch cancels a running build.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { render, param, sql } from '../compile/fragment.ts';
import { dependentParams, writeDifference } from '../membership/diff.ts';
import { takeSlot } from '../postgres/lock.ts';
import { LOCK_NOT_AVAILABLE, readingOf, sqlState } from '../base/error.ts';
import { statement } from '../postgres/sql-file.ts';
import { differingParts, type Fingerprint } from '../followed/fingerprint.ts';
import { planVersion } from '../followed/plan.ts';
import { bumpGeneration, type Registry } from '../followed/registry.ts';
import { requestRebuilds } from './request-rebuild.ts';
import { isAway, type SegmentKind, type SegmentState, type WantedState } from './state.ts';
import { inWorkerTransaction } from './worker-transaction.ts';
import { cancelBuild, dropParked } from './write-build.ts';
import { markAway, markBuilding, markTakenOver } from './write-segment.ts';
import { proposeReturned, recordFingerprint } from './write-version.ts';

interface Row {
  readonly id: number;
  readonly wanted_state: WantedState;
  readonly state: SegmentState;
}

/**
 * Segments that are not what their callers want: one that should be away and is not, one that should return, and one with members whose
 * wanted version is static or a snapshot. A segment that is wanted `live` may be in any state but an away one.
 */
const REQUESTED = `
  select s.id, s.wanted_state, s.state from segmentd.segment s
  where (
    s.wanted_state in ('paused', 'archived', 'deleted') and s.state not in (s.wanted_state, 'deleted')
    or s.wanted_state = 'live' and s.state in ('paused', 'archived', 'deleted')
    or s.wanted_state = 'live' and s.live_version <> s.version and exists (
      select from segmentd.segment_version v
      where v.segment_id = s.id and v.version = s.version and v.state = 'accepted' and v.kind <> 'dynamic'))`;

/** Rebuild requests of segments that are away. The build after a return covers them. */
const DROP_REQUESTS = `
  delete from segmentd_internal.rebuild_request d using (
    select r.id from segmentd_internal.rebuild_request r join segmentd.segment s on s.id = r.segment_id
    where s.state in ('paused', 'archived', 'deleted') limit 10000 for update of r skip locked
  ) as away where d.id = away.id`;

/** Milliseconds. Deleting ten million members takes minutes; the team waits for none of it. */
const TIMEOUTS = { lockTimeout: 500, statementTimeout: 600_000, idleTimeout: 30_000 } as const;

/** Returns how many requests were carried out. A segment whose slot or row is busy waits for the next call. */
export async function carryOutRequests(pool: Pool, registry: Registry): Promise<number> {
  await pool.query(DROP_REQUESTS);
  const { rows } = await pool.query<Row>(`${REQUESTED} order by s.id limit 100`);
  let done = 0;
  const failures: unknown[] = [];
  for (const { id } of rows) {
    try {
      if (await carryOut(pool, registry, id)) done += 1;
    } catch (error) {
      const code = sqlState(error);
      if (code === LOCK_NOT_AVAILABLE) continue;
      if (code === undefined || !['poison', 'caller', 'internal'].includes(readingOf(code))) throw error;
      // A request that fails does not keep the others waiting.
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return done;
}

async function carryOut(pool: Pool, registry: Registry, id: number): Promise<boolean> {
  return inWorkerTransaction(pool, TIMEOUTS, async (client) => {
    await client.query('select from segmentd.segment s where s.id = $1 for no key update nowait', [id]);
    await takeSlot(client, id);
    const { rows } = await client.query<Row>(`${REQUESTED} and s.id = $1`, [id]);
    const row = rows[0];
    if (!row) return false;
    // Before the first write: the registry keeps what it reads, and must not keep what may yet be rolled back.
    const { dependents, catalogue } = await registry.current(client);
    await cancelBuild(client, id);
    await dropParked(client, id);
    if (row.wanted_state === 'live' && !isAway(row.state)) {
      await takeOverMembers(client, catalogue, id);
    } else if (row.wanted_state === 'live') {
      await markBuilding(client, id);
      await requestRebuilds(client, [id], 'edit');
      // What a deleted segment reads may have been deleted too, and the tables may have changed.
      await proposeReturned(client, id, row.state === 'deleted');
    } else {
      if (row.wanted_state === 'deleted') {
        await client.query('delete from segmentd_internal.segment_edge where segment_id = $1', [id]);
        const at = await client.query<{ instant: string }>({ ...statement('instant') });
        await client.query(
          EMPTY.text,
          EMPTY.bind({ segment: id, at: at.rows[0]?.instant, ...dependentParams(dependents, [id]) }),
        );
      }
      await markAway(client, id, row.wanted_state);
      await client.query('delete from segmentd_internal.rebuild_request where segment_id = $1', [id]);
    }
    await bumpGeneration(client);
    return true;
  });
}

/**
 * The members stay, and no contact enters or leaves. A rebuild follows for contacts that callers added before, and for those that left while
 * the segment was frozen.
 */
async function takeOverMembers(client: Client, catalogue: Catalogue, id: number): Promise<void> {
  await takeOverFingerprint(client, catalogue, id);
  await client.query(
    `insert into segmentd_internal.rebuild_request (segment_id, reason)
     select s.id, 'manual' from segmentd.segment s where s.id = $1 and (s.frozen_at is not null or exists (
       select from segmentd.override w where w.segment_id = s.id and w.kind = 'member'
         and not exists (select from segmentd.membership m where m.segment_id = w.segment_id and m.contact_id = w.contact_id)))`,
    [id],
  );
  await client.query({ ...statement('override-take-over'), values: [id] });
  await markTakenOver(client, id);
  await client.query('delete from segmentd_internal.segment_edge where segment_id = $1', [id]);
}

/** The members are those of the live version. When that was built under the catalogue of now, so is the version that takes them over. */
async function takeOverFingerprint(client: Client, catalogue: Catalogue, id: number): Promise<void> {
  const { rows } = await client.query<{
    version: number;
    condition: unknown;
    timezone: string | null;
    kind: SegmentKind;
    fingerprint: Fingerprint | null;
    live: boolean;
  }>(
    `select v.version, v.condition, v.timezone, v.kind, v.fingerprint, v.version = s.live_version as live
     from segmentd.segment s join segmentd.segment_version v on v.segment_id = s.id and v.version in (s.version, s.live_version) where s.id = $1`,
    [id],
  );
  const planned = rows.map((row) => ({
    ...row,
    planned: planVersion(catalogue, {
      segmentId: id,
      version: row.version,
      condition: row.condition,
      timezone: row.timezone,
      kind: row.kind,
    }),
  }));
  const live = planned.find((row) => row.live);
  const wanted = planned.find((row) => !row.live);
  if (
    !live?.planned.ok ||
    !wanted?.planned.ok ||
    differingParts(live.fingerprint, live.planned.plan.fingerprint).length > 0
  )
    return;
  await recordFingerprint(client, { id, version: wanted.version }, wanted.planned.plan.fingerprint);
}

const EMPTY = render(
  writeDifference({
    rows: sql`select m.segment_id, m.contact_id, false as wanted, 'delete' as reason, coalesce(s.live_version, s.version) as version
      from segmentd.membership m join segmentd.segment s on s.id = m.segment_id where m.segment_id = ${param('segment', 'int')}`,
  }),
);
