/** Tables of work: rechecks, requests to rebuild, builds and their stage, work that keeps failing. */
import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, smallint, text } from 'drizzle-orm/pg-core';
import { BUILD_PHASES } from '../../lifecycle/state.ts';
import { contactKey, instant, internal, xid8 } from './column.ts';

/** The one queue of (segment, contact, reason). A row with `epoch` is parked for that build. */
export const recheck = internal.table(
  'recheck',
  {
    shard: smallint().notNull(),
    segmentId: integer('segment_id').notNull(),
    contactId: contactKey('contact_id').notNull(),
    reason: text().notNull(),
    epoch: integer(),
    origin: xid8()
      .notNull()
      .default(sql`pg_current_xact_id()`),
  },
  (t) => [
    index('recheck_shard_idx')
      .on(t.shard, t.segmentId)
      .where(sql`${t.epoch} is null`),
    index('recheck_parked_idx')
      .on(t.segmentId, t.epoch)
      .where(sql`${t.epoch} is not null`),
  ],
);

/** Requests to rebuild a segment without a new version. Append-only; a barrier deletes the requests that it saw. */
export const rebuildRequest = internal.table('rebuild_request', {
  id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  segmentId: integer('segment_id').notNull(),
  reason: text().notNull(),
  /** What changed, in words, when the reason does not say enough. */
  detail: text(),
  requestedAt: instant('requested_at')
    .notNull()
    .default(sql`clock_timestamp()`),
  /** The transaction that caused it. */
  origin: xid8()
    .notNull()
    .default(sql`pg_current_xact_id()`),
  /** `installation.rows_as_of` at the time of the request: the changes behind it committed later. A trigger sets it. */
  asOf: instant('as_of'),
});

/** A running build; never on the segment's own row, which callers lock. The row stays: its epoch only rises. */
export const build = internal.table('build', {
  segmentId: integer('segment_id').primaryKey(),
  epoch: integer().notNull().default(0),
  version: integer(),
  reason: text(),
  owner: text(),
  leaseUntil: instant('lease_until'),
  phase: text({ enum: BUILD_PHASES }),
  done: bigint({ mode: 'number' }).notNull().default(0),
  total: bigint({ mode: 'number' }).notNull().default(0),
  startedAt: instant('started_at'),
  finishedAt: instant('finished_at'),
  /**
   * The oldest origin among the requests that the build took over; null when it took none. The next build inherits
   * those of a build that died.
   */
  origin: xid8(),
  /** The earliest `as_of` among those requests; null when none has one. */
  asOf: instant('as_of'),
});

/**
 * Differences that a chunk of a build's scan found, one array a segment and side: a row each cost more than finding it
 * (*m* 1.5 us of CPU a difference). Made UNLOGGED by its migration, like the next: a build never outlives its session.
 */
export const stageChunk = internal.table(
  'stage_chunk',
  {
    segmentId: integer('segment_id').notNull(),
    epoch: integer().notNull(),
    wanted: boolean().notNull(),
    /** Number of `contacts`, so that a count need not unpack them. */
    size: integer().notNull(),
    contacts: contactKey().array().notNull(),
  },
  (t) => [index('stage_chunk_build_idx').on(t.segmentId, t.epoch)],
);

/** Verdicts on contacts that were parked during the scan of a build, and evaluated again. */
export const stage = internal.table(
  'stage',
  {
    segmentId: integer('segment_id').notNull(),
    epoch: integer().notNull(),
    /** From 1. A later round overrules an earlier one, and each round overrules the scan. */
    round: smallint().notNull(),
    contactId: contactKey('contact_id').notNull(),
    wanted: boolean().notNull(),
  },
  (t) => [index('stage_build_idx').on(t.segmentId, t.epoch, t.round)],
);

/**
 * Work of a worker that keeps failing. A row that is not written again is over: its flow works again, or no worker
 * runs.
 */
export const trouble = internal.table('trouble', {
  /** The flow, as the worker's `error` event names it. */
  work: text().primaryKey(),
  sqlstate: text(),
  since: instant().notNull(),
  lastAt: instant('last_at').notNull(),
  failures: integer().notNull(),
});
