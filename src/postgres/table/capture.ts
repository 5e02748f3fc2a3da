/** Facts of the installation, what capture reports from, and its outbox. */
import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, jsonb, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { contactKey, instant, segmentd, xid8 } from './column.ts';

/** One row: facts of this installation. `generation` rises with every change of a segment's state, version or plan. */
export const installation = segmentd.table('installation', {
  one: boolean().primaryKey().default(true),
  keyType: text('key_type').notNull(),
  doorbell: boolean().notNull().default(true),
  generation: bigint({ mode: 'bigint' })
    .notNull()
    .default(sql`0`),
  /** The earlier of the next two and of every edge's own `as_of`. */
  freshAsOf: instant('fresh_as_of'),
  /** Changes committed before this instant are in membership. */
  rowsAsOf: instant('rows_as_of'),
  /** Crossings before this instant are in membership, of all edges but those with an `as_of` of their own. */
  timeAsOf: instant('time_as_of'),
  /** Events before this instant may have been pruned. */
  eventsSince: instant('events_since'),
});

/** The catalogue that counts, one row a publication; the newest counts. Written by `install` alone. */
export const catalogue = segmentd.table('catalogue', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  /** The config without `settings` (catalogue/published-config.ts). */
  config: jsonb().notNull(),
  publishedAt: instant('published_at')
    .notNull()
    .default(sql`clock_timestamp()`),
  publishedBy: text('published_by')
    .notNull()
    .default(sql`session_user`),
});

/** Hash of each file of sql/object as it was last applied. */
export const objectFile = segmentd.table('object_file', {
  name: text().primaryKey(),
  hash: text().notNull(),
  appliedAt: instant('applied_at')
    .notNull()
    .default(sql`clock_timestamp()`),
});

/** What capture reports from: one (table, link column) pair. Ids are never reused. */
export const source = segmentd.table('source', {
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
});

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
 * Outbox, append-only: written by the capture triggers, consumed by resolve (rows without contact) and drain. No unique
 * key (upserts made the team's transactions deadlock) and no sequence. `mask` null: everything may have changed. `link`
 * with contact null: a row of a second-hop table, to be resolved; both null: everything in this source. `origin` is the
 * transaction that first caused it, where that is not `xid` itself.
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
    xid: xid8()
      .notNull()
      .default(sql`pg_current_xact_id()`),
    origin: xid8(),
  },
  (t) => [
    // The only one: the team's writers pay for each, and a partial one costs them its predicate besides.
    index('change_shard_idx').on(t.shard, t.xid, t.contactId),
  ],
);

/**
 * Keys of contacts that the team changed, append-only: written by the capture triggers, removed by who moves what was
 * decided of the old key. All pairs of one statement have one id, so that a swap moves at once. No unique key, as with
 * `change`.
 */
export const keyChange = segmentd.table(
  'key_change',
  {
    id: bigint({ mode: 'bigint' }).notNull().generatedByDefaultAsIdentity(),
    oldKey: contactKey('old_key').notNull(),
    newKey: contactKey('new_key').notNull(),
    at: instant().notNull(),
  },
  (t) => [
    index('key_change_id_idx').on(t.id),
    index('key_change_old_idx').on(t.oldKey),
    index('key_change_new_idx').on(t.newKey),
  ],
);

/**
 * Rights to read the team's tables that `install` has granted, or found. One of them that a role lacks later was taken
 * away by the team, and is not granted again. An empty `columnName` is the right to use the schema, and then so is
 * `tableName`.
 */
export const columnGrant = segmentd.table(
  'column_grant',
  {
    role: text().notNull(),
    schemaName: text('schema_name').notNull(),
    tableName: text('table_name').notNull(),
    columnName: text('column_name').notNull(),
    /** False: somebody else had granted it. */
    ours: boolean().notNull(),
    grantedAt: instant('granted_at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [primaryKey({ columns: [t.role, t.schemaName, t.tableName, t.columnName] })],
);
