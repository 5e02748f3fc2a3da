/** Ranks: the values of each contact, and the state of each rank. rank/ writes them, the drain deletes the values of deleted contacts, and callers ask for a computation. */
import { sql } from 'drizzle-orm';
import { bigint, doublePrecision, integer, jsonb, text } from 'drizzle-orm/pg-core';
import { contactKey, instant, internal, segmentd } from './column.ts';

/** The ranks of a contact by name, as JSON numbers. A contact without any rank has no row, or an empty one. */
export const contactRank = segmentd.table('contact_rank', {
  contactId: contactKey('contact_id').primaryKey(),
  rank: jsonb()
    .notNull()
    .default(sql`'{}'`),
});

/** One row for each rank of the published catalogue, and for a rank of an earlier one until its values are removed. */
export const rank = internal.table('rank', {
  name: text().primaryKey(),
  /** What the stored values mean (catalogue/resolve-rank.ts); null before the first computation. */
  definition: text(),
  /** The instant under which the stored values were computed. */
  asOf: instant('as_of'),
  /** Duration of the last computation in milliseconds. */
  ms: doublePrecision(),
  /** Number of contacts that have the rank, and of those whose rank the last computation changed. */
  ranked: bigint({ mode: 'number' }),
  moved: bigint({ mode: 'number' }),
  /** When it is computed next at the latest. */
  nextAt: instant('next_at')
    .notNull()
    .default(sql`'-infinity'`),
  /** When a caller last asked for a computation, and the number of that call. */
  askedAt: instant('asked_at'),
  asked: integer().notNull().default(0),
  /** The last call that a computation, or a failure, has answered. */
  answered: integer().notNull().default(0),
  /** Why the last computation failed; null when it succeeded. */
  error: text(),
  failedAt: instant('failed_at'),
  failures: integer().notNull().default(0),
});
