/**
 * B2: stages the differences between what the new versions want and what is stored, key range by key range, all builds
 * of the job in one scan. Each chunk is its own transaction of about half a second, so that the team's DDL never queues
 * long behind it, with its own instant, read after the barrier has committed.
 */
import { isOwnTimeout, QUERY_CANCELED, sqlState } from '../base/error.ts';
import { empty, list, render, sql, type Fragment } from '../compile/fragment.ts';
import { differenceInRange, type KeyRange } from '../membership/stored-difference.ts';
import { withConnection } from '../postgres/with-connection.ts';
import { retryLocked, type RetryOptions } from '../postgres/retry-locked.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { TIMEOUTS, TooSlow, type Build } from './build.ts';
import { Scan, type Chunk, type ScanOptions } from './scan.ts';

export interface StageOptions extends ScanOptions {
  readonly segmentId: (key: string) => number;
  /** Ends the scan between two chunks, with an `AbortError`. */
  readonly signal?: AbortSignal;
  /** Hears after each chunk how many contacts are done. */
  readonly onProgress: (done: number) => Promise<void>;
}

/**
 * Returns the builds whose epoch still stands. Other connections of the pool read along where the contacts are many.
 * When one fails all stop, and the error is thrown once none is at work: what became of its last chunk is not known, so
 * the whole scan is for nothing.
 */
export async function stage(
  pool: Pool,
  client: Client,
  builds: readonly Build[],
  options: StageOptions,
): Promise<readonly Build[]> {
  const manyOverrides = await hasManyOverrides(client, builds, options.total);
  const scan = new Scan(builds, options);
  const first = await retryLocked(() => scan.next(client), {
    patience: APART_MS,
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (first === undefined) return scan.alive;
  const read = (reader: Client, dealt?: Chunk): Promise<void> =>
    readChunks(reader, scan, dealt, manyOverrides, options);
  const own = read(client, first);
  const others = Array.from({ length: scan.worthSharing ? options.connections - 1 : 0 }, () =>
    alongside(pool, own, read),
  );
  for (const outcome of await Promise.allSettled([own, ...others]))
    if (outcome.status === 'rejected') throw outcome.reason;
  return scan.alive;
}

/** Reads on another connection, as soon as there is one; while the pool has none the scan takes longer, no more. */
async function alongside(pool: Pool, own: Promise<void>, read: (reader: Client) => Promise<void>): Promise<void> {
  let reading = false;
  const other = withConnection(pool, async (reader) => {
    reading = true;
    await read(reader);
  }).catch((error: unknown) => {
    if (reading) throw error;
  });
  await Promise.race([other, own.catch(() => undefined)]);
  if (reading) await other;
}

/**
 * Milliseconds that builds which share a scan wait for a table that the team has locked: not all of them may read it.
 * Less than a lease.
 */
const APART_MS = 1_000;
const PATIENCE_MS = 3_000;

async function readChunks(
  client: Client,
  scan: Scan,
  first: Chunk | undefined,
  manyOverrides: boolean,
  options: StageOptions,
): Promise<void> {
  try {
    const patience = scan.alive.length > 1 ? APART_MS : PATIENCE_MS;
    const free: RetryOptions = { patience, ...(options.signal ? { signal: options.signal } : {}) };
    const next = (): Promise<Chunk | undefined> => retryLocked(() => scan.next(client), free);
    for (let chunk = first ?? (await next()); chunk !== undefined; chunk = await next()) {
      options.signal?.throwIfAborted();
      let started = performance.now();
      try {
        await retryLocked(() => {
          started = performance.now();
          return stageChunk(client, chunk, manyOverrides, options);
        }, free);
      } catch (error) {
        if (sqlState(error) !== QUERY_CANCELED) throw error;
        options.signal?.throwIfAborted();
        if (!isOwnTimeout(error, performance.now() - started, TIMEOUTS.chunk.statementTimeout)) scan.again(chunk);
        else if (!scan.tooSlow(chunk)) throw new TooSlow('a chunk took too long', { cause: error });
        continue;
      }
      await options.onProgress(scan.staged(chunk, performance.now() - started));
    }
  } catch (error) {
    scan.stop();
    throw error;
  }
}

/** Of a hundred contacts, at least so many are overrides of the one segment that is built. */
const MANY_PERCENT = 5;

/**
 * A million keys that were just imported are in no statistics yet: the planner takes a chunk's for a few and looks up
 * each contact by itself (*m* 2.0 us of CPU a key instead of 0.9 by a join).
 */
async function hasManyOverrides(client: Client, builds: readonly Build[], total: number): Promise<boolean> {
  const [only, ...others] = builds;
  if (only === undefined || others.length > 0 || only.plan.kind !== 'static') return false;
  const many = Math.ceil((total * MANY_PERCENT) / 100);
  const { rows } = await client.query<{ overrides: number }>(
    'select count(*)::int as overrides from (select from segmentd.override w where w.segment_id = $1 limit $2) as w',
    [only.id, many],
  );
  return many > 0 && rows[0]?.overrides === many;
}

async function stageChunk(
  client: Client,
  { builds, range }: Chunk,
  manyOverrides: boolean,
  options: StageOptions,
): Promise<void> {
  await inTransaction(client, TIMEOUTS.chunk, async () => {
    const { rows } = await client.query<{ instant: string }>({ ...statement('instant') });
    if (manyOverrides) await client.query('set local enable_nestloop = off');
    const { text, bind } = render(stageQuery(builds, range, options));
    await client.query(text, bind({ now: rows[0]?.instant, low: range.low, high: range.high }));
  });
}

/**
 * One array a segment and side; a segment without differences gets no row. In order of the contacts, as the flip then
 * writes them: sorting there all at once went to disk (*m* 0.6 us of CPU a member).
 */
function stageQuery(builds: readonly Build[], range: KeyRange, options: StageOptions): Fragment {
  const difference = differenceInRange(
    options.catalogue,
    builds.map((build) => build.plan),
    range,
    options,
  );
  const ids = list(
    builds.map((build) => String(build.id)),
    'int',
  );
  const epochs = list(
    builds.map((build) => String(build.epoch)),
    'int',
  );
  // One segment needs no grouping, which would sort by what is the same everywhere.
  const alone = builds.length === 1;
  return sql`insert into segmentd_internal.stage_chunk (segment_id, epoch, wanted, size, contacts)
    select building.segment_id, building.epoch, side.wanted, cardinality(side.contacts), side.contacts
    from (
      select ${alone ? sql`min(pair.segment_id) as segment_id` : sql`pair.segment_id`},
        array_agg(pair.contact_id order by pair.contact_id) filter (where pair.wanted) as entering,
        array_agg(pair.contact_id order by pair.contact_id) filter (where not pair.wanted) as leaving
      from (${difference}) as pair${alone ? empty : sql` group by pair.segment_id`}
    ) as found
    join unnest(${ids}, ${epochs}) as building(segment_id, epoch) on building.segment_id = found.segment_id
    cross join lateral (values (true, found.entering), (false, found.leaving)) as side(wanted, contacts)
    where side.contacts is not null`;
}

/** Removes the rows that these builds staged. Truncating is free where deleting half a million rows is not. */
export async function clearStage(client: Client, builds: readonly Build[]): Promise<void> {
  await inTransaction(client, TIMEOUTS.flip, async () => {
    await client.query(
      'lock table segmentd_internal.stage_chunk, segmentd_internal.stage in access exclusive mode nowait',
    );
    // By epoch too: another builder may be staging a later build of the very same segment.
    const { rowCount } = await client.query(
      `select from segmentd_internal.build b
       where b.phase = 'staging'
         and not exists (select from unnest($1::int[], $2::int[]) as mine(segment_id, epoch) where mine.segment_id = b.segment_id and mine.epoch = b.epoch)
       limit 1`,
      [builds.map((build) => build.id), builds.map((build) => build.epoch)],
    );
    if (rowCount === 0) await client.query('truncate segmentd_internal.stage_chunk, segmentd_internal.stage');
    else for (const table of ['stage_chunk', 'stage'] as const) await client.query(deleteEnded(table));
  });
}

function deleteEnded(table: 'stage_chunk' | 'stage'): string {
  return `delete from segmentd_internal.${table} st where not exists (
    select from segmentd_internal.build b where b.segment_id = st.segment_id and b.epoch = st.epoch and b.phase = 'staging')`;
}
