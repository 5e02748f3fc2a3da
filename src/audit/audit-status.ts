/** How the rolling audit stands, for `status`. */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

/** Instants are ISO 8601 with microseconds, UTC. */
export interface AuditStatus {
  /** Since when the pass under way runs; null between two passes. */
  readonly startedAt: string | null;
  /** Contacts compared in it. */
  readonly checked: number;
  /** When the last pass came to its end, and how many contacts it compared; null before. */
  readonly finishedAt: string | null;
  readonly total: number | null;
  /** Differences found and repaired since the installation, and when last. */
  readonly differences: number;
  readonly differedAt: string | null;
}

/** Null before the first step. */
export async function auditStatus(client: Queryable): Promise<AuditStatus | null> {
  const { rows } = await client.query<{
    started_at: string | null;
    checked: number;
    finished_at: string | null;
    total: number | null;
    differences: number;
    differed_at: string | null;
  }>({ ...statement('audit-status') });
  const row = rows[0];
  if (!row) return null;
  return {
    startedAt: row.started_at,
    checked: row.checked,
    finishedAt: row.finished_at,
    total: row.total,
    differences: row.differences,
    differedAt: row.differed_at,
  };
}
