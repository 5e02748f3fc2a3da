/** The record of exports of every kind, as pages show it: how far each has come, and why it failed. Reads only. */
import { Failure } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { FormatName } from './format/format.ts';

export interface ExportRun {
  readonly id: string;
  /** Of the segment. */
  readonly key: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  /** A client fetches it over HTTP; otherwise it is a file, or a stream of the command line. */
  readonly download: boolean;
  /** A download that a client may fetch now: it waits, or it failed and may be tried again. */
  readonly ready: boolean;
  /** Number of the schedule that asked for it. */
  readonly schedule: number | null;
  readonly format: FormatName | null;
  readonly columns: readonly string[] | null;
  readonly gzip: boolean;
  /** Name of the delta. */
  readonly delta: string | null;
  /** Of the file in its delta. */
  readonly number: number | null;
  /** Rows so far. */
  readonly written: number | null;
  /** About how many rows there are; exact once it is done. */
  readonly total: number | null;
  readonly bytes: number | null;
  readonly error: string | null;
  readonly attempt: number;
  /** Name of the file, without its folder. */
  readonly file: string | null;
  /** ISO 8601, UTC, as every instant here. */
  readonly requestedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** The person, where known; else the database role. Null where nothing was recorded. */
  readonly createdBy: string | null;
  readonly databaseRole: string | null;
}

export interface ExportPage {
  /** Default 50. */
  readonly limit?: number;
  /** The id of the last run of the page before. */
  readonly after?: string;
}

interface Row extends Omit<
  ExportRun,
  'schedule' | 'requestedAt' | 'startedAt' | 'finishedAt' | 'createdBy' | 'databaseRole'
> {
  readonly schedule_id: number | null;
  readonly requested_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly created_by: string | null;
  readonly database_role: string | null;
}

/** Exports of a segment, or of all, the latest first. */
export async function listExports(
  client: Queryable,
  { key, limit = 50, after }: ExportPage & { readonly key?: string },
): Promise<readonly ExportRun[]> {
  return readExports(client, [key ?? null, null, after ?? null, limit]);
}

/** @throws {Failure} `not-found` */
export async function showExport(client: Queryable, id: string): Promise<ExportRun> {
  const [run] = isRunId(id) ? await readExports(client, [null, id, null, 1]) : [];
  if (!run) throw noExport(id);
  return run;
}

/** Whether Postgres can hold it as the number of a run. */
export function isRunId(id: string): boolean {
  return /^\d{1,18}$/.test(id);
}

export function noExport(id: string): Failure {
  return new Failure('not-found', `There is no export ${JSON.stringify(id.slice(0, 30))}.`);
}

async function readExports(client: Queryable, values: readonly unknown[]): Promise<readonly ExportRun[]> {
  const { rows } = await client.query<Row>({ ...statement('export-list'), values: [...values] });
  return rows.map(({ schedule_id, requested_at, started_at, finished_at, created_by, database_role, ...same }) => ({
    ...same,
    schedule: schedule_id,
    requestedAt: requested_at,
    startedAt: started_at,
    finishedAt: finished_at,
    createdBy: created_by,
    databaseRole: database_role,
  }));
}
