/** Tables of exports and of the feed: deltas, schedules, runs, consumers. */
import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, jsonb, primaryKey, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';
import { actor, contactKey, instant, internal, snapshot } from './column.ts';

/**
 * A delta export by name. Its finished files reach up to `snapshot`, and the file that is being written up to
 * `pending_…`. The pending file is written again, the same, until it is finished; only then the cursor moves.
 */
export const exportDelta = internal.table(
  'export_delta',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    segmentId: integer('segment_id').notNull(),
    name: text().notNull(),
    /** Of the last finished file; the first is 1. */
    number: integer().notNull().default(0),
    snapshot: snapshot(),
    asOf: instant('as_of'),
    pendingSnapshot: snapshot('pending_snapshot'),
    /** The segment as it was then. */
    pending: jsonb(),
    /** Of the last finished file. */
    manifest: jsonb(),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [unique('export_delta_name_unique').on(t.segmentId, t.name)],
);

/**
 * Contacts that entered and left, for the pending delta. The first delta of a name has none: it is the whole
 * membership.
 */
export const exportChange = internal.table(
  'export_change',
  {
    deltaId: integer('delta_id').notNull(),
    contactId: contactKey('contact_id').notNull(),
    change: text({ enum: ['entered', 'left', 'entered_left', 'left_entered'] }).notNull(),
    at: instant().notNull(),
    reason: text().notNull(),
    version: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.deltaId, t.contactId] })],
);

/** Scheduled exports. */
export const schedule = internal.table(
  'schedule',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    segmentId: integer('segment_id').notNull(),
    cron: text().notNull(),
    timezone: text().notNull(),
    format: text({ enum: ['csv', 'ndjson', 'parquet'] })
      .notNull()
      .default('csv'),
    columns: text().array(),
    gzip: boolean().notNull().default(false),
    /** Below the worker's export folder. */
    folder: text().notNull().default(''),
    delta: text(),
    passing: boolean().notNull().default(false),
    formulas: boolean().notNull().default(false),
    consistent: boolean().notNull().default(false),
    fresh: boolean().notNull().default(false),
    /** Null until a worker has read the schedule. */
    nextAt: instant('next_at'),
    /** Why it cannot run at all. */
    error: text(),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    createdBy: text('created_by')
      .notNull()
      .default(sql`session_user`),
    actor: actor(),
  },
  (t) => [index('schedule_segment_idx').on(t.segmentId)],
);

/** Every export to a file or a stream, requested or scheduled, with its outcome. */
export const exportRun = internal.table(
  'export_run',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    segmentId: integer('segment_id').notNull(),
    scheduleId: integer('schedule_id'),
    /** The instant that the schedule names; null when a person asked. */
    dueAt: instant('due_at'),
    state: text({ enum: ['waiting', 'running', 'done', 'failed'] }).notNull(),
    attempt: integer().notNull().default(0),
    /** Not tried before this. */
    waitUntil: instant('wait_until'),
    owner: text(),
    leaseUntil: instant('lease_until'),
    /** Absolute path; null for a stream. */
    file: text(),
    manifest: jsonb(),
    /** What a download asks for (export/download.ts); null for every other export. */
    request: jsonb(),
    /** Rows so far, and about how many there are; null until the first row. */
    written: bigint({ mode: 'number' }),
    total: bigint({ mode: 'number' }),
    bytes: bigint({ mode: 'number' }),
    error: text(),
    requestedAt: instant('requested_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
    /** Null: the run is older than this column. */
    createdBy: text('created_by').default(sql`session_user`),
    actor: actor(),
  },
  (t) => [
    index('export_run_open_idx')
      .on(t.id)
      .where(sql`${t.state} in ('waiting', 'running')`),
    index('export_run_segment_idx').on(t.segmentId, t.id),
    uniqueIndex('export_run_due_unique').on(t.scheduleId, t.dueAt),
  ],
);

/**
 * A consumer of the feed. Every event that is visible in `snapshot` was delivered, and of the window after it the
 * events up to `position`.
 */
export const feedConsumer = internal.table('feed_consumer', {
  name: text().primaryKey(),
  snapshot: snapshot().notNull(),
  asOf: instant('as_of').notNull(),
  windowSnapshot: snapshot('window_snapshot'),
  windowAsOf: instant('window_as_of'),
  position: bigint({ mode: 'bigint' }),
  lastPosition: bigint('last_position', { mode: 'bigint' }),
  createdAt: instant('created_at')
    .notNull()
    .default(sql`clock_timestamp()`),
  readAt: instant('read_at'),
});
