/** Workers that run. */
import { sql } from 'drizzle-orm';
import { bigint, integer, text, uuid } from 'drizzle-orm/pg-core';
import { instant, segmentd } from './column.ts';

/** A row for each worker from its start to its stop. One that was killed leaves its row, which is old after 30 s. */
export const worker = segmentd.table('worker', {
  id: uuid().primaryKey(),
  host: text().notNull(),
  pid: integer().notNull(),
  version: text().notNull(),
  /** Null: builds are driven from Postgres alone. */
  queueKind: text('queue_kind', { enum: ['redis', 'postgres'] }),
  /** Host and port, without user and password. */
  queuePlace: text('queue_place'),
  /** Generation of the segments that it knew when it was last seen. */
  generation: bigint({ mode: 'bigint' }),
  startedAt: instant('started_at')
    .notNull()
    .default(sql`clock_timestamp()`),
  seenAt: instant('seen_at')
    .notNull()
    .default(sql`clock_timestamp()`),
});
