/** Tables of the installation and of capture: sources, the outbox, changed keys, noted rights. */
import { sql } from 'drizzle-orm';
import { bigint, boolean, date, index, integer, jsonb, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { contactKey, instant, internal, xid8 } from './column.ts';

/** One row: facts of this installation. `generation` rises with every change of a segment's state, version or plan. */
export const installation = internal.table('installation', {
  one: boolean().primaryKey().default(true),
  keyType: text('key_type').notNull(),
  doorbell: boolean().notNull().default(true),
  generation: bigint({ mode: 'bigint' })
    .notNull()
    .default(sql`0`),
  /** The earlier of the next two and of every edge's own `as_of`. */
  freshAsOf: instant('fresh_as_of'),
  /** Membership shows changes that committed before this instant. */
  rowsAsOf: instant('rows_as_of'),
  /** Membership shows crossings before this instant, except those of edges with their own `as_of`. */
  timeAsOf: instant('time_as_of'),
  /** Events before this instant may have been pruned. */
  eventsSince: instant('events_since'),
  /** Whole months for which workers keep events, as the last one said; 0: for ever. */
  eventMonths: integer('event_months'),
  /** Sizes of earlier days are unknown: events had been pruned when sizes began to be kept. */
  sizesSince: date('sizes_since'),
});

/** The catalogue that counts, one row a publication; the newest counts. Written by `install` alone. */
export const catalogue = internal.table('catalogue', {
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
export const objectFile = internal.table('object_file', {
  name: text().primaryKey(),
  hash: text().notNull(),
  appliedAt: instant('applied_at')
    .notNull()
    .default(sql`clock_timestamp()`),
});

/** Sources: one row for each (table, link column) pair. Ids are never reused. */
export const source = internal.table('source', {
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
  /**
   * relfilenode, attnums, types, partitions and tgenabled as installed: what triggers cannot see (capture/drift.ts).
   */
  fingerprint: jsonb(),
  installedAt: instant('installed_at'),
});

/** Mask bit of a column, never reused. All columns past the 62nd share bit 62. */
export const sourceColumn = internal.table(
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
export const change = internal.table(
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
    // The only index: the team's writers pay for each, and a partial index also costs them its predicate.
    index('change_shard_idx').on(t.shard, t.xid, t.contactId),
  ],
);

/**
 * Keys of contacts that the team changed, append-only. The capture triggers write them; the worker deletes them when it
 * has moved the overrides (override/key-change.ts). All pairs of one statement have one id, so that a swap moves at
 * once. There is no unique key, as with `change`.
 */
export const keyChange = internal.table(
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
 * Rights to read the team's tables that `install` granted or found. A right that is missing later was revoked by the
 * team, and is not granted again. The right to use a schema has an empty `columnName` and an empty `tableName`.
 */
export const columnGrant = internal.table(
  'column_grant',
  {
    role: text().notNull(),
    schemaName: text('schema_name').notNull(),
    tableName: text('table_name').notNull(),
    columnName: text('column_name').notNull(),
    /** False when another role had granted it. */
    ours: boolean().notNull(),
    grantedAt: instant('granted_at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [primaryKey({ columns: [t.role, t.schemaName, t.tableName, t.columnName] })],
);
