/**
 * Waits until everything committed before the call is visible in membership. What is derived from a change (a resolved
 * link, a parked recheck, a dependent) carries the change's transaction as `origin`, so one snapshot is enough to ask.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { untilLive } from '../segment/until-live.ts';

export interface WaitOptions {
  /** Also waits until this segment's wanted version is live. */
  readonly key?: string;
  readonly timeoutMs: number;
}

const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;

/** @throws {Failure} `failed` when the time is over, `not-found` for an unknown key */
export async function waitUntilVisible(pool: Queryable, options: WaitOptions): Promise<void> {
  const end = performance.now() + options.timeoutMs;
  const { rows } = await pool.query<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot');
  const snapshot = rows[0]?.snapshot;
  if (options.key !== undefined) await untilLive(pool, options.key, { timeout: options.timeoutMs });
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
    const { rows: pending } = await pool.query<{ pending: boolean }>({ ...statement('pending'), values: [snapshot] });
    if (pending[0]?.pending === false) return;
    if (performance.now() > end) {
      throw new Failure('failed', `Not everything is visible after ${options.timeoutMs / 1000} s. Is a worker running (segmentd run)?`);
    }
    await delay(pause);
  }
}
