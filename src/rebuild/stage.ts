/**
 * B2: stages the differences between what the new versions want and what is stored, key range by key range, all builds
 * of the job in one scan. Each chunk is its own transaction of about half a second, so that the team's DDL never queues
 * long behind it, with its own instant, read after the barrier has committed.
 */
import { sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { list, render, sql, value, type Fragment } from '../compile/fragment.ts';
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
  let alive = builds;
  let low: string | undefined;
  let size = Math.ceil(FIRST_CHUNK / Math.ceil(builds.length / 10));
  let done = 0;
  while (alive.length > 0) {
    const high = await rangeEnd(client, options.catalogue, low, size, options.total);
    const started = performance.now();
    try {
      alive = await stageChunk(client, alive, { low, high: high?.key }, done + (high?.count ?? 0), options);
    } catch (error) {
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

async function stageChunk(client: Client, builds: readonly Build[], range: KeyRange, done: number, options: StageOptions): Promise<readonly Build[]> {
  return inTransaction(client, TIMEOUTS.chunk, async () => {
    const alive = await renew(client, builds, done);
    if (alive.length === 0) return [];
    const { rows } = await client.query<{ instant: string }>({ ...statement('instant') });
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

function stageQuery(builds: readonly Build[], range: KeyRange, options: StageOptions): Fragment {
  const difference = differenceInRange(options.catalogue, builds.map((build) => build.plan), range, options);
  const into = sql`insert into segmentd.stage (segment_id, epoch, round, contact_id, wanted)`;
  const [only, ...others] = builds;
  if (only && others.length === 0) {
    return sql`${into} select pair.segment_id, ${value(String(only.epoch), 'int')}, 0, pair.contact_id, pair.wanted from (${difference}) as pair`;
  }
  const ids = list(builds.map((build) => String(build.id)), 'int');
  const epochs = list(builds.map((build) => String(build.epoch)), 'int');
  return sql`${into}
    select building.segment_id, building.epoch, 0, pair.contact_id, pair.wanted
    from (${difference}) as pair
    join unnest(${ids}, ${epochs}) as building(segment_id, epoch) on building.segment_id = pair.segment_id`;
}

const DELETE_ENDED = `
  delete from segmentd.stage st where not exists (
    select from segmentd.build b where b.segment_id = st.segment_id and b.epoch = st.epoch and b.phase in ('staging', 'flipping'))`;

/** Rows of the stage of these builds, gone. Truncating is free where deleting half a million rows is not. */
export async function clearStage(client: Client, builds: readonly Build[]): Promise<void> {
  await inTransaction(client, TIMEOUTS.flip, async () => {
    await client.query('lock table segmentd.stage in access exclusive mode nowait');
    // Told apart by epoch too: another builder may be staging a later build of the very same segment.
    const { rowCount } = await client.query(
      `select from segmentd.build b
       where b.phase in ('staging', 'flipping')
         and not exists (select from unnest($1::int[], $2::int[]) as mine(segment_id, epoch) where mine.segment_id = b.segment_id and mine.epoch = b.epoch)
       limit 1`,
      [builds.map((build) => build.id), builds.map((build) => build.epoch)],
    );
    await client.query(rowCount === 0 ? 'truncate segmentd.stage' : DELETE_ENDED);
  });
}
