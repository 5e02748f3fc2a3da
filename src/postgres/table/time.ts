/** What time alone moves: the clock, its edges, and how far the rolling audit has come. */
import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, jsonb, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { contactKey, instant, segmentd } from './column.ts';

/** One row: the highest instant that any sweep has used; evaluation never runs behind it. */
export const clock = segmentd.table('clock', {
  one: boolean().primaryKey().default(true),
  high: instant()
    .notNull()
    .default(sql`'-infinity'`),
});

/**
 * An edge of time (temporal/edge.ts), shared by all segments whose conditions need it. Every row that crossed it at or
 * before `watermark` has been queued. Added by a build's barrier, moved by sweeps, removed when nothing is linked to
 * it.
 */
export const edge = segmentd.table('edge', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  key: text().notNull().unique(),
  source: smallint().notNull(),
  definition: jsonb().notNull(),
  watermark: instant().notNull(),
  /** Milliseconds between looks where no index makes them cheap, as a sweeper found it. */
  every: integer(),
  /**
   * Crossings of a rarely looked at edge before this instant are in membership; null: those before
   * `installation.time_as_of`.
   */
  asOf: instant('as_of'),
});

/**
 * Which version of a segment uses an edge. Inserted by the barrier that builds it; other versions' go with the flip.
 */
export const segmentEdge = segmentd.table(
  'segment_edge',
  {
    segmentId: integer('segment_id').notNull(),
    version: integer().notNull(),
    edgeId: integer('edge_id')
      .notNull()
      .references(() => edge.id),
  },
  (t) => [primaryKey({ columns: [t.segmentId, t.version, t.edgeId] }), index('segment_edge_edge_idx').on(t.edgeId)],
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
  nextAt: instant('next_at')
    .notNull()
    .default(sql`'-infinity'`),
  /** Contacts that are compared in one step. */
  chunk: integer().notNull().default(1000),
  /** Found and repaired in all passes, and when last. */
  differences: bigint({ mode: 'number' }).notNull().default(0),
  differedAt: instant('differed_at'),
  /** When all segments were verified last, and how many differences that found. */
  verifiedAt: instant('verified_at'),
  verifyDifferences: bigint('verify_differences', { mode: 'number' }),
});
