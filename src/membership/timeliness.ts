/** How promptly windows move contacts: for each segment and time field, how often a sweep probes it. Only reads. */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

/** How promptly a sweep finds rows of one field that crossed an edge. */
export interface Timeliness {
  readonly key: string;
  /** `schema.table`, as written in SQL without quotes. */
  readonly table: string;
  readonly column: string;
  readonly path: readonly string[] | null;
  /** Whether only whole days matter: then rows cross at local midnights. */
  readonly daily: boolean;
  /** Milliseconds between two probes when no index makes a probe cheap; null: a probe at every poll of a worker. */
  readonly every: number | null;
  /**
   * For a field that is probed rarely: membership shows windows that ran out before this instant; null for other
   * fields.
   */
  readonly asOf: string | null;
}

/** One row for each segment and time field of its windows, periods or ages. */
export async function readTimeliness(client: Queryable, key?: string): Promise<readonly Timeliness[]> {
  const { rows } = await client.query<{
    key: string;
    schema_name: string;
    table_name: string;
    column_name: string;
    path: string[] | null;
    daily: boolean;
    every: number | null;
    as_of: string | null;
  }>({
    ...statement('edge-timeliness'),
    values: [key ?? null],
  });
  return rows.map((row) => ({
    key: row.key,
    table: `${row.schema_name}.${row.table_name}`,
    column: row.column_name,
    path: row.path,
    daily: row.daily,
    every: row.every,
    asOf: row.as_of,
  }));
}
