/**
 * Schedules as rows: what is exported when, and what became of each run. Written by callers; the worker carries out
 * (schedule-run.ts). Nothing is exported here.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Failure, noSegment, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { refuseUnknownZone } from '../postgres/known-zone.ts';
import { showSegment } from '../segment/store.ts';
import { outputColumns } from './output-column.ts';
import { nextTime } from './cron.ts';
import { refuseEscape } from './destination.ts';
import { FORMATS, type FormatName } from './format/format.ts';
import { checkName } from './delta.ts';
import { deltaColumns, memberColumns } from './selection.ts';

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
  readonly delta?: string;
  readonly passing?: boolean;
  readonly formulas?: boolean;
  readonly consistent?: boolean;
  readonly fresh?: boolean;
}

export interface Schedule extends Required<Omit<ScheduleInput, 'columns' | 'delta'>> {
  readonly id: number;
  readonly columns: readonly string[] | null;
  readonly delta: string | null;
  /** ISO 8601, UTC, as every instant here; null: never, or no worker has seen it yet. */
  readonly nextAt: string | null;
  /** Why it cannot run at all. */
  readonly error: string | null;
  readonly lastRun: ScheduleRun | null;
}

export interface ScheduleRun {
  readonly id: string;
  readonly schedule: number;
  /** Key of the segment. */
  readonly key: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly dueAt: string | null;
  readonly attempt: number;
  readonly file: string | null;
  readonly count: number | null;
  readonly error: string | null;
  readonly requestedAt: string;
  readonly finishedAt: string | null;
}

/** @throws {Failure} `not-found`; `usage` for whatever could never run */
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
  const now = await client.query<{ now: Date | string }>(
    `select to_char(segmentd.clock() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`,
  );
  const next = nextTime(cron, timezone, new Date(String(now.rows[0]?.now)));
  if (next === null) throw new Failure('usage', `${JSON.stringify(cron)} never comes.`);
  await refuseUnknownZone(client, timezone);
  if (!FORMATS.includes(format))
    throw new Failure('usage', `There is no format ${JSON.stringify(format)}; there are ${FORMATS.join(', ')}.`);
  if (gzip && format === 'parquet') throw new Failure('usage', 'Parquet is compressed already; leave gzip out.');
  if (delta !== undefined) checkName(delta);
  else if (passing) throw new Failure('usage', 'Only a delta can name those who passed through.');
  refuseEscape(folder);
  if (columns)
    outputColumns(
      catalogue,
      delta === undefined ? memberColumns(catalogue.contacts.key.type) : deltaColumns(catalogue.contacts.key.type),
      columns,
    );
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

/** Of one segment, or of all. @throws {Failure} `not-found` */
export async function listSchedules(client: Queryable, key?: string): Promise<readonly Schedule[]> {
  if (key !== undefined) await showSegment(client, key);
  return read(client, null, key ?? null);
}

/** @throws {Failure} `not-found` */
export async function showSchedule(client: Queryable, id: number): Promise<Schedule> {
  const [schedule] = await read(client, id, null);
  if (!schedule) throw noSchedule(id);
  return schedule;
}

/** Its runs stay, for the record; one that waits is given up. @throws {Failure} `not-found` */
export async function removeSchedule(client: Queryable, id: number): Promise<void> {
  const { rowCount } = await inRange(id, () => client.query({ ...statement('schedule-remove'), values: [id] }));
  if (rowCount !== 1) throw noSchedule(id);
}

/** Asks the worker for a run now. @returns its number @throws {Failure} `not-found` */
export async function requestRun(client: Queryable, id: number): Promise<string> {
  const { rows } = await inRange(id, () =>
    client.query<{ id: string }>({ ...statement('schedule-ask'), values: [id] }),
  );
  if (!rows[0]) throw noSchedule(id);
  return rows[0].id;
}

/** The latest runs of schedules, the latest first. */
export async function listRuns(
  client: Queryable,
  options: { readonly schedule?: number; readonly run?: string; readonly limit?: number } = {},
): Promise<readonly ScheduleRun[]> {
  const { rows } = await client.query<RunRow>({
    ...statement('schedule-run-list'),
    values: [options.schedule ?? null, options.run ?? null, options.limit ?? 50],
  });
  return rows.map(runOf);
}

const LOOK_MS = 50;

/** @throws {Failure} `failed` with the reason of the run, or when the time is over */
export async function untilRun(
  client: Queryable,
  run: string,
  options: { readonly timeout?: number; readonly signal?: AbortSignal } = {},
): Promise<ScheduleRun> {
  const { timeout = 600_000, signal } = options;
  const end = performance.now() + timeout;
  for (;;) {
    const [found] = await listRuns(client, { run });
    if (!found) throw new Failure('not-found', `There is no run ${run}.`);
    if (found.state === 'done') return found;
    if (found.state === 'failed')
      throw new Failure('failed', `Run ${run} failed: ${found.error ?? 'nobody knows why.'}`);
    if (performance.now() > end)
      throw new Failure(
        'failed',
        `Run ${run} is ${found.state} after ${timeout / 1000} s${found.error === null ? '' : `; its last attempt said: ${found.error.replace(/\.$/, '')}`}. Is a worker running (segmentd run)?`,
      );
    await delay(LOOK_MS, undefined, signal ? { signal } : {});
  }
}

interface RunRow {
  run_id: string;
  schedule_id: number;
  key: string;
  state: ScheduleRun['state'];
  due_at: string | null;
  attempt: number;
  file: string | null;
  count: string | null;
  run_error: string | null;
  requested_at: string;
  finished_at: string | null;
}

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
  error: string | null;
}

async function read(client: Queryable, id: number | null, key: string | null): Promise<readonly Schedule[]> {
  const { rows } = await inRange(id ?? 0, () =>
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
      error,
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
      error,
      lastRun: row.run_id === null ? null : runOf(row),
    };
  });
}

function runOf(row: RunRow): ScheduleRun {
  return {
    id: row.run_id,
    schedule: row.schedule_id,
    key: row.key,
    state: row.state,
    dueAt: row.due_at,
    attempt: row.attempt,
    file: row.file,
    count: row.count === null ? null : Number(row.count),
    error: row.run_error,
    requestedAt: row.requested_at,
    finishedAt: row.finished_at,
  };
}

async function inRange<T>(id: number, query: () => Promise<T>): Promise<T> {
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
