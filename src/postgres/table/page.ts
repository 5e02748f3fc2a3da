/** What `segmentd serve` keeps in Postgres beside persons: hints for open pages, and answers that a repeated request gets again. */
import { sql } from 'drizzle-orm';
import { index, integer, jsonb, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { instant, internal, xid8 } from './column.ts';

/**
 * That something changed which an open page shows. Triggers append (sql/object/page-hint.sql); moves of members are in
 * `membership_event`. A row is of use for some minutes, until each process of `serve` has read it.
 */
export const pageHint = internal.table(
  'page_hint',
  {
    xid: xid8()
      .notNull()
      .default(sql`pg_current_xact_id()`),
    kind: text({ enum: ['definition', 'state', 'override', 'export', 'schedule'] }).notNull(),
    segmentId: integer('segment_id').notNull(),
    at: instant()
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [index('page_hint_xid_idx').on(t.xid)],
);

/** A POST with an `Idempotency-Key`. Without `status` it is under way. */
export const repeatableRequest = internal.table(
  'repeatable_request',
  {
    /** The way in and the name. */
    person: text().notNull(),
    key: text().notNull(),
    /** SHA-256 of method, address and body, in hexadecimal. */
    hash: text().notNull(),
    status: smallint(),
    headers: jsonb(),
    body: text(),
    /** While it is under way: it counts as ended without an answer after this. */
    leaseUntil: instant('lease_until').notNull(),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [primaryKey({ columns: [t.person, t.key] }), index('repeatable_request_created_idx').on(t.createdAt)],
);
