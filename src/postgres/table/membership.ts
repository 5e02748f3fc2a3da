/** The result: members, events, counts, sizes by day. Only membership/diff.ts writes these tables, and forget erases events. */
import { sql } from 'drizzle-orm';
import { bigint, date, index, integer, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { contactKey, instant, internal, segmentd, xid8 } from './column.ts';

/** The result. */
export const membership = segmentd.table(
  'membership',
  {
    segmentId: integer('segment_id').notNull(),
    contactId: contactKey('contact_id').notNull(),
    enteredAt: instant('entered_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.segmentId, t.contactId] }),
    index('membership_contact_idx').on(t.contactId, t.segmentId),
    // Who entered at some time: the edges of `member_for`. Without the contact equal entries fold.
    index('membership_entered_idx').on(t.segmentId, t.enteredAt),
  ],
);

/**
 * One row per membership row really inserted or deleted. Partitioned by month of `at` (sql/object/event-month.sql), so
 * that old events are dropped at once. An insert costs 3 % more CPU than into a plain table (*m*).
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
    /** The source whose row changed; null when it is not one source, or not known. */
    source: smallint(),
    /** Bits of that source's columns that changed; null when all of them may have. */
    mask: bigint({ mode: 'bigint' }),
    at: instant().notNull(),
    xid: xid8()
      .notNull()
      .default(sql`pg_current_xact_id()`),
  },
  (t) => [
    primaryKey({ columns: [t.id, t.contactId, t.at] }),
    index('membership_event_segment_idx').on(t.segmentId, t.at, t.contactId),
    // What happened to one contact, and what forget erases. With more columns Postgres could not fold equal keys.
    index('membership_event_contact_idx').on(t.contactId),
    index('membership_event_xid_idx').on(t.xid),
  ],
);

/**
 * Exact size, one row a shard, so that drains of different shards never write the same row. The row has the entries and
 * exits of the last day on which it changed too (sql/object/size-day.sql).
 */
export const memberCount = internal.table(
  'member_count',
  {
    segmentId: integer('segment_id').notNull(),
    shard: smallint().notNull(),
    members: bigint({ mode: 'bigint' })
      .notNull()
      .default(sql`0`),
    day: date().notNull(),
    entries: bigint({ mode: 'bigint' })
      .notNull()
      .default(sql`0`),
    exits: bigint({ mode: 'bigint' })
      .notNull()
      .default(sql`0`),
  },
  (t) => [primaryKey({ columns: [t.segmentId, t.shard] })],
);

/** Entries and exits of days before those in `member_count`; rows of one segment and day are added up. */
export const sizeDay = internal.table(
  'size_day',
  {
    segmentId: integer('segment_id').notNull(),
    day: date().notNull(),
    shard: smallint().notNull(),
    entries: bigint({ mode: 'bigint' }).notNull(),
    exits: bigint({ mode: 'bigint' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.segmentId, t.day, t.shard] })],
);
