/** Tables of time: the clock, the edges of time, and the progress of the rolling audit. */
import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, jsonb, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { contactKey, instant, internal } from './column.ts';

/** One row: the highest instant that any sweep has used; evaluation never runs behind it. */
export const clock = internal.table('clock', {
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
export const edge = internal.table('edge', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  key: text().notNull().unique(),
  source: smallint().notNull(),
  definition: jsonb().notNull(),
  watermark: instant().notNull(),
  /** Milliseconds between two probes when no index makes a probe cheap, as a sweeper measured it. */
  every: integer(),
  /**
   * For an edge that is probed rarely: membership shows crossings before this instant. Null: membership shows those
   * before `installation.time_as_of`.
   */
  asOf: instant('as_of'),
});

/**
 * Which version of a segment uses an edge. The barrier of its build inserts the row; the flip deletes those of other
 * versions.
 */
export const segmentEdge = internal.table(
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

/** One row: the progress of the rolling audit. Only the worker that holds the lock of the audit writes it. */
export const audit = internal.table('audit', {
  one: boolean().primaryKey().default(true),
  /** Last contact that the present pass compared; null at its start. */
  position: contactKey(),
  startedAt: instant('started_at'),
  checked: bigint({ mode: 'number' }).notNull().default(0),
  /** When the last complete pass ended, and how many contacts it compared. */
  finishedAt: instant('finished_at'),
  total: bigint({ mode: 'number' }),
  nextAt: instant('next_at')
    .notNull()
    .default(sql`'-infinity'`),
  /** Number of contacts compared in one step. */
  chunk: integer().notNull().default(1000),
  /** Differences that all passes found and repaired, and when the last one was found. */
  differences: bigint({ mode: 'number' }).notNull().default(0),
  differedAt: instant('differed_at'),
  /** Differences that the present pass has found, by segment id. */
  differing: jsonb()
    .notNull()
    .default(sql`'{}'`),
  /** When the last complete pass began, and the differences that it found, by segment id. */
  passedFrom: instant('passed_from'),
  passedDiffering: jsonb('passed_differing'),
  /** When `verify` last compared all segments, and how many differences it found. */
  verifiedAt: instant('verified_at'),
  verifyDifferences: bigint('verify_differences', { mode: 'number' }),
});
