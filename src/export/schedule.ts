/**
 * Schedules as rows: which export runs when. Callers write them; a worker notes what is due (schedule-due.ts) and
 * carries it out (schedule-run.ts). Nothing is exported here.
 */
import { Failure, noSegment, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { refuseUnknownZone } from '../postgres/known-zone.ts';
import { showSegment } from '../segment/read-segment.ts';
import { nextTime } from './cron.ts';
import type { FormatName } from './format/format.ts';
import { checkRequest } from './check-request.ts';
import { checkFolderName } from './schedule-folder.ts';
import { runOf, type RunRow, type ScheduleRun } from './scheduled-run.ts';

export interface ScheduleInput {
  /** Of the segment. */
  readonly key: string;
  /** Five fields, or `@daily` and the like. */
  readonly cron: string;
  /** IANA name; default the catalogue's. */
  readonly timezone?: string;
  /** Default `csv`. */
  readonly format?: FormatName;
  readonly columns?: readonly string[];
  readonly gzip?: boolean;
  /** Below the worker's export folder; default that folder itself. */
  readonly folder?: string;
  /** Name of a delta; default: all members. */
  readonly delta?: string;
  /** Of a delta: also lists contacts that both entered and left. */
  readonly passing?: boolean;
  /** Leaves texts that a spreadsheet would take for formulas as they are. */
  readonly formulas?: boolean;
  /** Reads all columns in one snapshot. */
  readonly consistent?: boolean;
  /** Waits first until the members reflect everything that was committed before the run. */
  readonly fresh?: boolean;
}

/** A null takes columns and delta away. */
export interface ScheduleChange extends Partial<Omit<ScheduleInput, 'key' | 'columns' | 'delta'>> {
  readonly columns?: readonly string[] | null;
  readonly delta?: string | null;
  /** A paused schedule runs only when a run is requested. */
  readonly paused?: boolean;
}

export interface Schedule extends Required<Omit<ScheduleInput, 'columns' | 'delta'>> {
  readonly id: number;
  readonly paused: boolean;
  readonly columns: readonly string[] | null;
  readonly delta: string | null;
  /** ISO 8601, UTC, as every instant here; null: never, or no worker has seen the schedule yet. */
  readonly nextAt: string | null;
  /** Why the schedule cannot run at all. */
  readonly error: string | null;
  /** The person who added it, where known; else the database role. */
  readonly createdBy: string;
  readonly databaseRole: string;
  readonly lastRun: ScheduleRun | null;
}

/** @throws {Failure} `not-found`; `usage` for a schedule that could never run */
export async function addSchedule(client: Queryable, catalogue: Catalogue, input: ScheduleInput): Promise<Schedule> {
  const {
    key,
    cron,
    timezone = catalogue.timezone,
    format = 'csv',
    columns,
    gzip = false,
    folder = '',
    delta,
    passing = false,
    formulas = false,
    consistent = false,
    fresh = false,
  } = input;
  const next = await checkSchedule(client, catalogue, { ...input, timezone });
  const { rows } = await client.query<{ id: number }>({
    ...statement('schedule-add'),
    values: [
      key,
      cron.trim(),
      timezone,
      format,
      columns ?? null,
      gzip,
      folder,
      delta ?? null,
      passing,
      formulas,
      consistent,
      fresh,
      next,
    ],
  });
  const id = rows[0]?.id;
  if (id === undefined) throw noSegment(key);
  return showSchedule(client, id);
}

/** The next run of a schedule that may be stored. @throws {Failure} `usage` for one that could never run */
async function checkSchedule(
  client: Queryable,
  catalogue: Catalogue,
  input: Omit<ScheduleInput, 'key'> & { readonly timezone: string },
): Promise<string> {
  const { cron, timezone, format = 'csv', columns, gzip = false, folder = '', delta, passing = false } = input;
  const now = await client.query<{ now: Date | string }>(
    `select to_char(segmentd_internal.clock() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`,
  );
  const next = nextTime(cron, timezone, new Date(String(now.rows[0]?.now)));
  if (next === null) throw new Failure('usage', `${JSON.stringify(cron)} never comes.`);
  await refuseUnknownZone(client, timezone);
  checkRequest(catalogue, {
    format,
    gzip,
    passing,
    ...(columns === undefined ? {} : { columns }),
    ...(delta === undefined ? {} : { delta }),
  });
  checkFolderName(folder);
  return next;
}

/**
 * Changes what a schedule exports and when, or pauses it. A schedule that was changed loses its error.
 * @throws {Failure} `not-found`; `usage` for a schedule that could never run
 */
export async function editSchedule(
  client: Queryable,
  catalogue: Catalogue,
  id: number,
  { paused, ...change }: ScheduleChange,
): Promise<Schedule> {
  const known = await showSchedule(client, id);
  const changed = { ...known, ...change };
  const { cron, timezone, format, columns, gzip, folder, delta, passing, formulas, consistent, fresh } = changed;
  const next = await checkSchedule(client, catalogue, {
    cron,
    timezone,
    format,
    gzip,
    folder,
    passing,
    ...(columns === null ? {} : { columns }),
    ...(delta === null ? {} : { delta }),
  });
  const rest = paused ?? known.paused;
  await client.query({
    ...statement('schedule-edit'),
    values: [
      id,
      cron.trim(),
      timezone,
      format,
      columns,
      gzip,
      folder,
      delta,
      passing,
      formulas,
      consistent,
      fresh,
      // It keeps its next run when neither its times nor its pause changed.
      rest ? 'infinity' : change.cron === undefined && change.timezone === undefined && !known.paused ? null : next,
    ],
  });
  return showSchedule(client, id);
}

/** Of one segment, or of all. @throws {Failure} `not-found` */
export async function listSchedules(client: Queryable, key?: string): Promise<readonly Schedule[]> {
  if (key !== undefined) await showSegment(client, key);
  return readSchedules(client, null, key ?? null);
}

/** @throws {Failure} `not-found` */
export async function showSchedule(client: Queryable, id: number): Promise<Schedule> {
  const [schedule] = await readSchedules(client, id, null);
  if (!schedule) throw noSchedule(id);
  return schedule;
}

/** The record of its runs stays; a run that waits is cancelled. @throws {Failure} `not-found` */
export async function removeSchedule(client: Queryable, id: number): Promise<void> {
  const { rowCount } = await orNoSchedule(id, () => client.query({ ...statement('schedule-remove'), values: [id] }));
  if (rowCount !== 1) throw noSchedule(id);
}

/** Asks the worker for a run now. @returns the number of the run @throws {Failure} `not-found` */
export async function requestRun(client: Queryable, id: number): Promise<string> {
  const { rows } = await orNoSchedule(id, () =>
    client.query<{ id: string }>({ ...statement('schedule-ask'), values: [id] }),
  );
  if (!rows[0]) throw noSchedule(id);
  return rows[0].id;
}

/** A schedule as the statement `schedule-list` returns it, with the columns of its last run. */
interface Row extends RunRow {
  id: number;
  cron: string;
  timezone: string;
  format: FormatName;
  columns: string[] | null;
  gzip: boolean;
  folder: string;
  delta: string | null;
  passing: boolean;
  formulas: boolean;
  consistent: boolean;
  fresh: boolean;
  next_at: string | null;
  paused: boolean;
  error: string | null;
  created_by: string;
  database_role: string;
}

async function readSchedules(client: Queryable, id: number | null, key: string | null): Promise<readonly Schedule[]> {
  const { rows } = await orNoSchedule(id ?? 0, () =>
    client.query<Row>({ ...statement('schedule-list'), values: [id, key] }),
  );
  return rows.map((row) => {
    const {
      id: number,
      key: segment,
      cron,
      timezone,
      format,
      columns,
      gzip,
      folder,
      delta,
      passing,
      formulas,
      consistent,
      fresh,
      next_at,
      paused,
      error,
      created_by,
      database_role,
    } = row;
    return {
      id: number,
      key: segment,
      cron,
      timezone,
      format,
      columns,
      gzip,
      folder,
      delta,
      passing,
      formulas,
      consistent,
      fresh,
      nextAt: next_at,
      paused,
      error,
      createdBy: created_by,
      databaseRole: database_role,
      lastRun: row.run_id === null ? null : runOf(row),
    };
  });
}

/** A number that is no integer of Postgres names no schedule. */
async function orNoSchedule<T>(id: number, query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (sqlState(error) === '22003' || sqlState(error) === '22P02') throw noSchedule(id);
    throw error;
  }
}

function noSchedule(id: number): Failure {
  return new Failure('not-found', `There is no schedule ${id}; segmentd schedule list shows all.`);
}
