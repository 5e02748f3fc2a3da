/**
 * B2: stages the differences between what the new versions want and what is stored, key range by key range, all builds
 * of the job in one scan. Each chunk is its own transaction of about half a second, so that the team's DDL never queues
 * long behind it, with its own instant, read after the barrier has committed.
 */
import { LOCK_NOT_AVAILABLE, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { empty, list, render, sql, type Fragment } from '../compile/fragment.ts';
import { differenceInRange, type KeyRange } from '../membership/compare.ts';
import type { Client } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { LEASE, TIMEOUTS, type Build } from './build.ts';
import { rangeEnd } from './range.ts';

/** Milliseconds a chunk should take, and contacts in the first one, of a build that shares the scan with nine others at most. */
const CHUNK_TARGET_MS = 400;
const FIRST_CHUNK = 50_000;
const SMALLEST_CHUNK = 200;
const QUERY_CANCELED = '57014';

/** Another builder of the segment flips and holds the row of the build; afterwards the epoch tells whose it is. */
class RowHeld extends Error {}

export interface StageOptions {
  readonly catalogue: Catalogue;
  readonly segmentId: (key: string) => number;
  /** Contacts there are, about. */
  readonly total: number;
  /** Hears after each chunk how many contacts are done. */
  readonly onProgress: (done: number) => Promise<void>;
}

/** Returns the builds whose epoch still stands. */
export async function stage(client: Client, builds: readonly Build[], options: StageOptions): Promise<readonly Build[]> {
  const byHand = await manyByHand(client, builds, options.total);
  let alive = builds;
  let low: string | undefined;
  let size = Math.ceil(FIRST_CHUNK / Math.ceil(builds.length / 10));
  let done = 0;
  while (alive.length > 0) {
    const high = await rangeEnd(client, options.catalogue, low, size, options.total);
    const started = performance.now();
    try {
      alive = await stageChunk(client, alive, { low, high: high?.key }, done + (high?.count ?? 0), byHand, options);
    } catch (error) {
      if (error instanceof RowHeld) continue;
      const slow = sqlState(error) === QUERY_CANCELED;
      if (!slow || size <= SMALLEST_CHUNK) throw error;
      size = Math.max(SMALLEST_CHUNK, Math.floor(size / 8));
      continue;
    }
    done += high?.count ?? size;
    await options.onProgress(done);
    if (high === undefined) break;
    const factor = CHUNK_TARGET_MS / Math.max(1, performance.now() - started);
    size = Math.max(SMALLEST_CHUNK, Math.round(size * Math.min(8, Math.max(0.25, factor))));
    low = high.key;
  }
  return alive;
}

/** At least so many of a hundred contacts were added by hand to the one segment that is built. */
const MANY_PERCENT = 5;

/**
 * A million keys that were just imported are in no statistics yet: the planner takes a chunk's for a few and looks up each
 * contact by itself (*m* 2.0 us of CPU a key instead of 0.9 by a join).
 */
async function manyByHand(client: Client, builds: readonly Build[], total: number): Promise<boolean> {
  const [only, ...others] = builds;
  if (only === undefined || others.length > 0 || only.plan.kind !== 'static') return false;
  const many = Math.ceil((total * MANY_PERCENT) / 100);
  const { rows } = await client.query<{ wishes: number }>('select count(*)::int as wishes from (select from segmentd.wish w where w.segment_id = $1 limit $2) as w', [only.id, many]);
  return many > 0 && rows[0]?.wishes === many;
}

async function stageChunk(client: Client, builds: readonly Build[], range: KeyRange, done: number, byHand: boolean, options: StageOptions): Promise<readonly Build[]> {
  return inTransaction(client, TIMEOUTS.chunk, async () => {
    const alive = await renew(client, builds, done).catch((error: unknown) => {
      throw sqlState(error) === LOCK_NOT_AVAILABLE ? new RowHeld() : error;
    });
    if (alive.length === 0) return [];
    const { rows } = await client.query<{ instant: string }>({ ...statement('instant') });
    if (byHand) await client.query('set local enable_nestloop = off');
    const { text, bind } = render(stageQuery(alive, range, options));
    await client.query(text, bind({ now: rows[0]?.instant, low: range.low, high: range.high }));
    return alive;
  });
}

/** The epoch fence and the lease in one: a build that is not ours any more is dropped. */
async function renew(client: Client, builds: readonly Build[], done: number): Promise<readonly Build[]> {
  const { rows } = await client.query<{ segment_id: number }>(
    `update segmentd.build b set lease_until = clock_timestamp() + interval '${LEASE}', done = $3
     from unnest($1::int[], $2::int[]) as mine(segment_id, epoch)
     where b.segment_id = mine.segment_id and b.epoch = mine.epoch returning b.segment_id`,
    [builds.map((build) => build.id), builds.map((build) => build.epoch), done],
  );
  const mine = new Set(rows.map((row) => row.segment_id));
  return builds.filter((build) => mine.has(build.id));
}

/**
 * One array a segment and side; a segment without differences gets no row. In order of the contacts, as the flip then writes
 * them: sorting there all at once went to disk (*m* 0.6 us of CPU a member).
 */
function stageQuery(builds: readonly Build[], range: KeyRange, options: StageOptions): Fragment {
  const difference = differenceInRange(options.catalogue, builds.map((build) => build.plan), range, options);
  const ids = list(builds.map((build) => String(build.id)), 'int');
  const epochs = list(builds.map((build) => String(build.epoch)), 'int');
  // One segment needs no grouping, which would sort by what is the same everywhere.
  const alone = builds.length === 1;
  return sql`insert into segmentd.stage_chunk (segment_id, epoch, wanted, size, contacts)
    select building.segment_id, building.epoch, side.wanted, cardinality(side.contacts), side.contacts
    from (
      select ${alone ? sql`min(pair.segment_id) as segment_id` : sql`pair.segment_id`},
        array_agg(pair.contact_id order by pair.contact_id) filter (where pair.wanted) as come,
        array_agg(pair.contact_id order by pair.contact_id) filter (where not pair.wanted) as gone
      from (${difference}) as pair${alone ? empty : sql` group by pair.segment_id`}
    ) as found
    join unnest(${ids}, ${epochs}) as building(segment_id, epoch) on building.segment_id = found.segment_id
    cross join lateral (values (true, found.come), (false, found.gone)) as side(wanted, contacts)
    where side.contacts is not null`;
}

/** Rows of the stage of these builds, gone. Truncating is free where deleting half a million rows is not. */
export async function clearStage(client: Client, builds: readonly Build[]): Promise<void> {
  await inTransaction(client, TIMEOUTS.flip, async () => {
    await client.query('lock table segmentd.stage_chunk, segmentd.stage in access exclusive mode nowait');
    // Told apart by epoch too: another builder may be staging a later build of the very same segment.
    const { rowCount } = await client.query(
      `select from segmentd.build b
       where b.phase in ('staging', 'flipping')
         and not exists (select from unnest($1::int[], $2::int[]) as mine(segment_id, epoch) where mine.segment_id = b.segment_id and mine.epoch = b.epoch)
       limit 1`,
      [builds.map((build) => build.id), builds.map((build) => build.epoch)],
    );
    if (rowCount === 0) await client.query('truncate segmentd.stage_chunk, segmentd.stage');
    else for (const table of ['stage_chunk', 'stage'] as const) await client.query(deleteEnded(table));
  });
}

function deleteEnded(table: 'stage_chunk' | 'stage'): string {
  return `delete from segmentd.${table} st where not exists (
    select from segmentd.build b where b.segment_id = st.segment_id and b.epoch = st.epoch and b.phase in ('staging', 'flipping'))`;
}
