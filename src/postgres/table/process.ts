/** The running workers. */
import { sql } from 'drizzle-orm';
import { bigint, integer, text, uuid } from 'drizzle-orm/pg-core';
import { instant, internal } from './column.ts';

/** One row for each worker from its start to its stop. A killed worker leaves its row, which is old after 30 s. */
export const worker = internal.table('worker', {
  id: uuid().primaryKey(),
  host: text().notNull(),
  pid: integer().notNull(),
  version: text().notNull(),
  /** Null when no queue carries the builds. */
  queueKind: text('queue_kind', { enum: ['redis', 'postgres'] }),
  /** Host and port, without user and password. */
  queuePlace: text('queue_place'),
  /** The generation that the worker knew at its last heartbeat. */
  generation: bigint({ mode: 'bigint' }),
  startedAt: instant('started_at')
    .notNull()
    .default(sql`clock_timestamp()`),
  seenAt: instant('seen_at')
    .notNull()
    .default(sql`clock_timestamp()`),
});
