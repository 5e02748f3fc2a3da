/** The record of the runs of schedules, as callers read it and wait for it. Reads only. */
import { setTimeout as delay } from 'node:timers/promises';
import { CALL_DEFAULTS, parseDuration } from '../base/option.ts';
import { Failure } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface ScheduleRun {
  readonly id: string;
  /** Number of the schedule. */
  readonly schedule: number;
  /** Key of the segment. */
  readonly key: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  /** ISO 8601, UTC, as every instant here. */
  readonly dueAt: string | null;
  readonly attempt: number;
  readonly file: string | null;
  /** Rows of the file. */
  readonly count: number | null;
  readonly error: string | null;
  readonly requestedAt: string;
  /** The person who asked for it, where known; else the database role, which is the worker's at the instant of its schedule. Null: not known. */
  readonly createdBy: string | null;
  readonly databaseRole: string | null;
  readonly finishedAt: string | null;
}

/** The latest runs of schedules, the latest first. `limit`: default 50. */
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

const POLL_MS = 50;

/**
 * Returns the run when it is done. `timeout` in milliseconds, by default ten minutes.
 * @throws {Failure} `not-found`; `failed` with the reason of the run, or when the time is over
 */
export async function untilRun(
  client: Queryable,
  run: string,
  options: { readonly timeout?: number; readonly signal?: AbortSignal } = {},
): Promise<ScheduleRun> {
  const { timeout = parseDuration(CALL_DEFAULTS.runTimeout), signal } = options;
  const end = performance.now() + timeout;
  for (;;) {
    const [found] = await listRuns(client, { run });
    if (!found) throw new Failure('not-found', `There is no run ${run}.`);
    if (found.state === 'done') return found;
    if (found.state === 'failed')
      throw new Failure('failed', `Run ${run} failed: ${found.error ?? 'no reason was recorded.'}`);
    if (performance.now() > end)
      throw new Failure(
        'failed',
        `Run ${run} is ${found.state} after ${timeout / 1000} s${found.error === null ? '' : `; its last attempt said: ${found.error.replace(/\.$/, '')}`}. Is a worker running (segmentd run)?`,
      );
    await delay(POLL_MS, undefined, signal ? { signal } : {});
  }
}

/** A run as the statements `schedule-run-list` and `schedule-list` return it. */
export interface RunRow {
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
  run_by: string | null;
  run_role: string | null;
  finished_at: string | null;
}

export function runOf(row: RunRow): ScheduleRun {
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
    createdBy: row.run_by,
    databaseRole: row.run_role,
    finishedAt: row.finished_at,
  };
}
