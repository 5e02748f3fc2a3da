/**
 * segmentd's own tables, as Drizzle sees them (also exported as `segmentd/schema` for joins in the team's own code).
 * `contact_key` is a domain over the team's key type that exists before the migrations run; in TypeScript a key is always a string.
 * Instants are text with microseconds: a JavaScript Date would cut them to milliseconds.
 */
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, customType, index, integer, jsonb, pgSchema, primaryKey, smallint, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';

export const segmentd = pgSchema('segmentd');

const contactKey = customType<{ data: string; driverData: string }>({
  dataType: () => 'segmentd.contact_key',
  toDriver: (key) => key,
  fromDriver: (key) => String(key),
});
const instant = customType<{ data: string; driverData: string }>({ dataType: () => 'timestamptz' });
const xid8 = customType<{ data: string; driverData: string }>({ dataType: () => 'xid8' });
const snapshot = customType<{ data: string; driverData: string }>({ dataType: () => 'pg_snapshot' });

/** What is wanted: one row a segment. Callers write the first group of columns, the worker the rest. */
export const segment = segmentd.table(
  'segment',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    key: text().notNull().unique(),
    name: text(),
    description: text(),
    kind: text({ enum: ['dynamic', 'static', 'snapshot'] }).notNull().default('dynamic'),
    condition: jsonb(),
    timezone: text(),
    tags: text().array().notNull().default(sql`'{}'`),
    wantedState: text('wanted_state', { enum: ['live', 'paused', 'archived', 'deleted'] }).notNull().default('live'),
    state: text({ enum: ['building', 'live', 'held', 'paused', 'invalid', 'failed', 'archived', 'deleted'] }).notNull().default('building'),
    version: integer().notNull().default(1),
    liveVersion: integer('live_version'),
    error: jsonb(),
    frozenAt: instant('frozen_at'),
    /** The version that a person confirmed though it moves many (segment/guard.ts); written by callers. */
    confirmedVersion: integer('confirmed_version'),
    deletedAt: instant('deleted_at'),
    createdAt: instant('created_at').notNull().default(sql`clock_timestamp()`),
    updatedAt: instant('updated_at').notNull().default(sql`clock_timestamp()`),
    updatedBy: text('updated_by').notNull().default(sql`session_user`),
  },
  (t) => [
    check('segment_kind_known', sql`${t.kind} in ('dynamic', 'static', 'snapshot')`),
    check('segment_wanted_state_known', sql`${t.wantedState} in ('live', 'paused', 'archived', 'deleted')`),
    check('segment_state_known', sql`${t.state} in ('building', 'live', 'held', 'paused', 'invalid', 'failed', 'archived', 'deleted')`),
    check('segment_key_plain', sql`${t.key} ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$'`),
  ],
);

/** Every version that was ever wanted. `proposed` until the worker has judged it. */
export const segmentVersion = segmentd.table(
  'segment_version',
  {
    segmentId: integer('segment_id').notNull(),
    version: integer().notNull(),
    kind: text({ enum: ['dynamic', 'static', 'snapshot'] }).notNull().default('dynamic'),
    condition: jsonb(),
    timezone: text(),
    state: text({ enum: ['proposed', 'accepted', 'held', 'invalid', 'superseded'] }).notNull().default('proposed'),
    error: jsonb(),
    createdAt: instant('created_at').notNull().default(sql`clock_timestamp()`),
    createdBy: text('created_by').notNull().default(sql`session_user`),
  },
  (t) => [primaryKey({ columns: [t.segmentId, t.version] })],
);

/** One row: facts of this installation. `generation` rises with every change of a segment's state, version or plan. */
export const installation = segmentd.table('installation', {
  one: boolean().primaryKey().default(true),
  keyType: text('key_type').notNull(),
  doorbell: boolean().notNull().default(true),
  generation: bigint({ mode: 'bigint' }).notNull().default(sql`0`),
  freshAsOf: instant('fresh_as_of'),
  /** Events before this instant may have been pruned. */
  eventsSince: instant('events_since'),
});

/** One row: the highest instant that any sweep has used; evaluation never runs behind it. */
export const clock = segmentd.table('clock', {
  one: boolean().primaryKey().default(true),
  high: instant().notNull().default(sql`'-infinity'`),
});

/** Hash of each file of sql/object as it was last applied. */
export const objectFile = segmentd.table('object_file', {
  name: text().primaryKey(),
  hash: text().notNull(),
  appliedAt: instant('applied_at').notNull().default(sql`clock_timestamp()`),
});

/** What capture reports from: one (table, link column) pair. Ids are never reused. */
export const source = segmentd.table(
  'source',
  {
    id: smallint().primaryKey().generatedAlwaysAsIdentity(),
    key: text().notNull().unique(),
    schemaName: text('schema_name').notNull(),
    tableName: text('table_name').notNull(),
    linkColumn: text('link_column').notNull(),
    linkType: text('link_type').notNull(),
    kind: text({ enum: ['contact', 'direct', 'through'] }).notNull(),
    /** For `through`: the source in the middle and its column that the link equals. */
    viaSource: text('via_source'),
    viaColumn: text('via_column'),
    /** relfilenode, attnums, types, partitions, tgenabled as installed: what triggers cannot see (audit/drift). */
    fingerprint: jsonb(),
    installedAt: instant('installed_at'),
  },
);

/** Mask bit of a column: allotted once, never reused. Bit 62 is shared by all columns past the 62nd. */
export const sourceColumn = segmentd.table(
  'source_column',
  {
    sourceId: smallint('source_id').notNull(),
    columnName: text('column_name').notNull(),
    bit: smallint().notNull(),
  },
  (t) => [primaryKey({ columns: [t.sourceId, t.columnName] })],
);

/**
 * Outbox, append-only: written by the capture triggers, consumed by resolve (rows without contact) and drain.
 * No unique key (upserts made the team's transactions deadlock) and no sequence. `mask` null: everything may have changed.
 * `link` with contact null: a row of a second-hop table, to be resolved; both null: everything in this source.
 * `origin` is the transaction that first caused it, where that is not `xid` itself.
 */
export const change = segmentd.table(
  'change',
  {
    shard: smallint().notNull(),
    source: smallint().notNull(),
    contactId: contactKey('contact_id'),
    link: text(),
    mask: bigint({ mode: 'bigint' }),
    edge: integer(),
    xid: xid8().notNull().default(sql`pg_current_xact_id()`),
    origin: xid8(),
  },
  (t) => [
    // The only one: the team's writers pay for each, and a partial one costs them its predicate besides.
    index('change_shard_idx').on(t.shard, t.xid, t.contactId),
  ],
);

/**
 * An edge of time (temporal/edge.ts), shared by all segments whose conditions need it. Every row that crossed it at or
 * before `watermark` has been queued. Added by a build's barrier, moved by sweeps, removed when nothing is linked to it.
 */
export const edge = segmentd.table('edge', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  key: text().notNull().unique(),
  source: smallint().notNull(),
  definition: jsonb().notNull(),
  watermark: instant().notNull(),
  /** Milliseconds between looks where no index makes them cheap, as a sweeper found it. */
  every: integer(),
});

/** Which version of a segment uses an edge. Inserted by the barrier that builds it; other versions' go with the flip. */
export const segmentEdge = segmentd.table(
  'segment_edge',
  {
    segmentId: integer('segment_id').notNull(),
    version: integer().notNull(),
    edgeId: integer('edge_id').notNull().references(() => edge.id),
  },
  (t) => [primaryKey({ columns: [t.segmentId, t.version, t.edgeId] }), index('segment_edge_edge_idx').on(t.edgeId)],
);

/** The one queue of (segment, contact, reason). With `epoch`: parked for that build. */
export const recheck = segmentd.table(
  'recheck',
  {
    shard: smallint().notNull(),
    segmentId: integer('segment_id').notNull(),
    contactId: contactKey('contact_id').notNull(),
    reason: text().notNull(),
    epoch: integer(),
    origin: xid8().notNull().default(sql`pg_current_xact_id()`),
  },
  (t) => [
    index('recheck_shard_idx').on(t.shard, t.segmentId).where(sql`${t.epoch} is null`),
    index('recheck_parked_idx').on(t.segmentId, t.epoch).where(sql`${t.epoch} is not null`),
  ],
);

/** An intent to rebuild without a new version. Append-only; a barrier deletes those it saw. */
export const rebuildRequest = segmentd.table('rebuild_request', {
  id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  segmentId: integer('segment_id').notNull(),
  reason: text().notNull(),
  requestedAt: instant('requested_at').notNull().default(sql`clock_timestamp()`),
});

/** A running build; never on the segment's own row, which callers lock. The row stays: its epoch only rises. */
export const build = segmentd.table('build', {
  segmentId: integer('segment_id').primaryKey(),
  epoch: integer().notNull().default(0),
  version: integer(),
  reason: text(),
  owner: text(),
  leaseUntil: instant('lease_until'),
  phase: text({ enum: ['waiting', 'staging', 'flipping', 'done', 'cancelled', 'failed'] }),
  done: bigint({ mode: 'number' }).notNull().default(0),
  total: bigint({ mode: 'number' }).notNull().default(0),
  startedAt: instant('started_at'),
  finishedAt: instant('finished_at'),
});

/** Differences found by a build, not yet flipped. Made UNLOGGED by its migration: a build never outlives its session. */
export const stage = segmentd.table(
  'stage',
  {
    segmentId: integer('segment_id').notNull(),
    epoch: integer().notNull(),
    /** 0 for the scan; parked contacts evaluated again come in later rounds and outrank earlier ones. */
    round: smallint().notNull(),
    contactId: contactKey('contact_id').notNull(),
    wanted: boolean().notNull(),
  },
  (t) => [index('stage_build_idx').on(t.segmentId, t.epoch, t.round)],
);

/** The result. */
export const membership = segmentd.table(
  'membership',
  {
    segmentId: integer('segment_id').notNull(),
    contactId: contactKey('contact_id').notNull(),
    enteredAt: instant('entered_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.segmentId, t.contactId] }), index('membership_contact_idx').on(t.contactId, t.segmentId)],
);

/**
 * One row per membership row really inserted or deleted. Partitioned by month of `at` (sql/object/event-month.sql), so that
 * what is too old goes at once; *m* an insert costs 3 % more CPU than into a plain table.
 */
export const membershipEvent = segmentd.table(
  'membership_event',
  {
    id: bigint({ mode: 'bigint' }).generatedAlwaysAsIdentity(),
    segmentId: integer('segment_id').notNull(),
    contactId: contactKey('contact_id').notNull(),
    kind: text({ enum: ['entered', 'left'] }).notNull(),
    reason: text({ enum: ['contact', 'related', 'time', 'edit', 'segment', 'manual', 'delete', 'repair'] }).notNull(),
    version: integer().notNull(),
    at: instant().notNull(),
    xid: xid8().notNull().default(sql`pg_current_xact_id()`),
  },
  (t) => [
    primaryKey({ columns: [t.id, t.contactId, t.at] }),
    index('membership_event_segment_idx').on(t.segmentId, t.at, t.contactId),
    index('membership_event_xid_idx').on(t.xid),
  ],
);

/** Exact size, kept per shard so that drains of different shards never meet on a row. */
export const memberCount = segmentd.table(
  'member_count',
  {
    segmentId: integer('segment_id').notNull(),
    shard: smallint().notNull(),
    members: bigint({ mode: 'bigint' }).notNull().default(sql`0`),
  },
  (t) => [primaryKey({ columns: [t.segmentId, t.shard] })],
);

/**
 * What somebody decided by hand of one contact in one segment: `member` of a static segment or a snapshot, `include` or
 * `exclude` over the condition of a dynamic one. Written by callers; triggers (sql/object/wish-trigger.sql) queue the recheck.
 */
export const wish = segmentd.table(
  'wish',
  {
    segmentId: integer('segment_id').notNull(),
    contactId: contactKey('contact_id').notNull(),
    kind: text({ enum: ['member', 'include', 'exclude'] }).notNull(),
    note: text(),
    createdBy: text('created_by').notNull().default(sql`session_user`),
    createdAt: instant('created_at').notNull().default(sql`clock_timestamp()`),
    expiresAt: instant('expires_at'),
  },
  (t) => [
    primaryKey({ columns: [t.segmentId, t.contactId] }),
    index('wish_contact_idx').on(t.contactId),
    index('wish_expiry_idx').on(t.expiresAt).where(sql`${t.expiresAt} is not null`),
    check('wish_kind_known', sql`${t.kind} in ('member', 'include', 'exclude')`),
  ],
);

/** One row: how far the rolling audit has come. Written by whoever holds the lock of the audit. */
export const audit = segmentd.table('audit', {
  one: boolean().primaryKey().default(true),
  /** Last contact compared in the pass under way; null at its start. */
  position: contactKey(),
  startedAt: instant('started_at'),
  checked: bigint({ mode: 'number' }).notNull().default(0),
  /** Of the last pass that came to the end: when, and how many contacts it compared. */
  finishedAt: instant('finished_at'),
  total: bigint({ mode: 'number' }),
  nextAt: instant('next_at').notNull().default(sql`'-infinity'`),
  /** Contacts that are compared in one step. */
  chunk: integer().notNull().default(1000),
  /** Found and repaired in all passes, and when last. */
  differences: bigint({ mode: 'number' }).notNull().default(0),
  differedAt: instant('differed_at'),
  /** When all segments were verified last, and how many differences that found. */
  verifiedAt: instant('verified_at'),
  verifyDifferences: bigint('verify_differences', { mode: 'number' }),
});

/**
 * A delta export by name: up to where its finished files tell (`snapshot`), and up to where the one that is being written
 * does (`pending_…`). What is pending is written again, the same, until it is finished; only then the cursor moves.
 */
export const exportDelta = segmentd.table(
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
    /** The segment as it was met then. */
    pending: jsonb(),
    /** Of the last finished file. */
    manifest: jsonb(),
    createdAt: instant('created_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [unique('export_delta_name_unique').on(t.segmentId, t.name)],
);

/** Who entered and left, in the delta that is pending. The first delta of a name has none: it is the whole membership. */
export const exportChange = segmentd.table(
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

/** Exports that a cron expression asks for. */
export const schedule = segmentd.table(
  'schedule',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    segmentId: integer('segment_id').notNull(),
    cron: text().notNull(),
    timezone: text().notNull(),
    format: text({ enum: ['csv', 'ndjson', 'parquet'] }).notNull().default('csv'),
    columns: text().array(),
    gzip: boolean().notNull().default(false),
    /** Below the worker's export folder. */
    folder: text().notNull().default(''),
    delta: text(),
    passing: boolean().notNull().default(false),
    formulas: boolean().notNull().default(false),
    consistent: boolean().notNull().default(false),
    fresh: boolean().notNull().default(false),
    /** Null: the worker has not looked at it yet. */
    nextAt: instant('next_at'),
    /** Why it cannot run at all. */
    error: text(),
    createdAt: instant('created_at').notNull().default(sql`clock_timestamp()`),
    createdBy: text('created_by').notNull().default(sql`session_user`),
  },
  (t) => [index('schedule_segment_idx').on(t.segmentId)],
);

/** Every export to a file or stream, asked for or scheduled: what became of it. */
export const exportRun = segmentd.table(
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
    error: text(),
    requestedAt: instant('requested_at').notNull().default(sql`clock_timestamp()`),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
  },
  (t) => [
    index('export_run_open_idx').on(t.id).where(sql`${t.state} in ('waiting', 'running')`),
    index('export_run_segment_idx').on(t.segmentId, t.id),
    uniqueIndex('export_run_due_unique').on(t.scheduleId, t.dueAt),
  ],
);

/** A reader of the event log. Everything visible in `snapshot` was delivered; of the window after it, events up to `position`. */
export const feedConsumer = segmentd.table('feed_consumer', {
  name: text().primaryKey(),
  snapshot: snapshot().notNull(),
  asOf: instant('as_of').notNull(),
  windowSnapshot: snapshot('window_snapshot'),
  windowAsOf: instant('window_as_of'),
  position: bigint({ mode: 'bigint' }),
  lastPosition: bigint('last_position', { mode: 'bigint' }),
  createdAt: instant('created_at').notNull().default(sql`clock_timestamp()`),
  readAt: instant('read_at'),
});
