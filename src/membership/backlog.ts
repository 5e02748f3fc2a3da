/** How much work waits in the whole installation, and how fresh membership is. Only reads. */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface Backlog {
  /** Membership of all segments shows everything before this instant. */
  readonly freshAsOf: string | null;
  /** Seconds between `freshAsOf` and the database's clock. */
  readonly lag: number | null;
  /** Membership shows changes that committed before this instant. */
  readonly rowsAsOf: string | null;
  readonly rowsLag: number | null;
  /**
   * Membership shows windows that ran out before this instant; for fields without a usable index see `Timeliness.asOf`.
   */
  readonly timeAsOf: string | null;
  readonly timeLag: number | null;
  /** Whether the server is a hot standby: then all figures are as of what it has replayed. */
  readonly standby: boolean;
  /** Rows of the outbox that no drain has consumed, counted up to 100,000. */
  readonly changes: number;
  /** Rows of the recheck queue, counted up to 100,000. */
  readonly rechecks: number;
  /** Segments that wait for a rebuild or are being rebuilt. */
  readonly rebuilds: number;
  /** Whether any table of the team is captured. */
  readonly installed: boolean;
}

interface BacklogRow {
  readonly fresh_as_of: string | null;
  readonly lag: number | null;
  readonly rows_as_of: string | null;
  readonly rows_lag: number | null;
  readonly time_as_of: string | null;
  readonly time_lag: number | null;
  readonly standby: boolean;
  readonly changes: string;
  readonly rechecks: string;
  readonly rebuilds: string;
  readonly installed: boolean;
}

export async function readBacklog(client: Queryable): Promise<Backlog> {
  const { rows } = await client.query<BacklogRow>(statement('backlog'));
  const row = rows[0];
  return {
    freshAsOf: row?.fresh_as_of ?? null,
    lag: row?.lag ?? null,
    rowsAsOf: row?.rows_as_of ?? null,
    rowsLag: row?.rows_lag ?? null,
    timeAsOf: row?.time_as_of ?? null,
    timeLag: row?.time_lag ?? null,
    standby: row?.standby ?? false,
    changes: Number(row?.changes ?? 0),
    rechecks: Number(row?.rechecks ?? 0),
    rebuilds: Number(row?.rebuilds ?? 0),
    installed: row?.installed ?? false,
  };
}
