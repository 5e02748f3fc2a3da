/**
 * Waits until everything committed before the call, and every window that ran out before it, is visible in membership.
 * What is derived from a change (a resolved link, a parked recheck, a dependent) carries the change's transaction as
 * `origin`, so one snapshot is enough to ask; it is taken after the sweeps up to the instant of the call have committed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { requireCapture } from '../segment/capture-state.ts';
import { CatalogueBehind, Registry } from '../segment/registry.ts';
import { staleReferences, waitsInVain } from '../segment/stale.ts';
import { untilLive } from '../segment/until-live.ts';
import { withReads } from '../segment/use.ts';
import { probeAll } from '../sweep/probe.ts';

export interface WaitOptions {
  /** Also waits until this segment's wanted version is live; of builds, only its own and those of what it reads are waited for. */
  readonly key?: string;
  /** A segment that will not become live by itself (paused, held, invalid, failed) is waited for as it stands. */
  readonly standing?: boolean;
  readonly timeoutMs: number;
  /** To look for what crosses edges of time; without it the worker's next heartbeat is waited for where there are any. */
  readonly catalogue?: Catalogue;
}

const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;

/** @throws {Failure} `failed` when the time is over, `not-found` for an unknown key */
export async function waitUntilVisible(pool: Queryable, options: WaitOptions): Promise<void> {
  const end = performance.now() + options.timeoutMs;
  const over = (): boolean => performance.now() > end;
  const give = (): Failure => new Failure('failed', `Not everything is visible after ${options.timeoutMs / 1000} s. Is a worker running (segmentd run)?`);
  await requireCapture(pool);
  const swept = options.catalogue ? crossed(pool, options.catalogue) : heartbeat(pool);
  for (let pause = FIRST_PAUSE_MS; !(await (await swept)()); pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
    if (over()) throw give();
    await delay(pause);
  }
  const { rows } = await pool.query<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot');
  const snapshot = rows[0]?.snapshot;
  if (options.key !== undefined) await untilLive(pool, options.key, { timeout: options.timeoutMs, standing: options.standing === true });
  const keys = options.key === undefined ? null : await withReads(pool, options.key);
  const stuck = await neverBuilt(pool);
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
    const { rows: pending } = await pool.query<{ pending: boolean }>({ ...statement('pending'), values: [snapshot, keys, stuck] });
    if (pending[0]?.pending === false) return;
    if (over()) throw give();
    await delay(pause);
  }
}

/** Segments whose first build waits for one that will not be built by itself: nobody else waits for them. */
async function neverBuilt(pool: Queryable): Promise<readonly string[]> {
  return (await staleReferences(pool)).filter(waitsInVain).map(({ key }) => key);
}

/** Whether every edge has been swept up to the instant of the first question. */
async function crossed(pool: Queryable, catalogue: Catalogue): Promise<() => Promise<boolean>> {
  const registry = new Registry(catalogue);
  let until: string | undefined;
  return async () => {
    // A segment that does not fit is frozen by the worker in a moment, and then nobody waits for it.
    const current = await registry.current(pool).catch((error: unknown) => {
      if (error instanceof CatalogueBehind) return undefined;
      throw error;
    });
    if (!current) return false;
    const { edges } = current;
    if (edges.byId.size === 0) return true;
    const probed = await probeAll(pool, catalogue, edges.byId, until);
    until ??= probed.instant;
    return probed.crossing.length === 0;
  };
}

const HEARTBEAT = `
  select not exists (select from segmentd.segment_edge) or coalesce(i.fresh_as_of >= coalesce($1, statement_timestamp()::text)::timestamptz, false) as beaten,
    statement_timestamp()::text as asked_at
  from segmentd.installation i`;

/** Whether a worker has found nothing to sweep or drain since the first question. */
async function heartbeat(pool: Queryable): Promise<() => Promise<boolean>> {
  let since: string | null = null;
  return async () => {
    const { rows } = await pool.query<{ beaten: boolean; asked_at: string }>(HEARTBEAT, [since]);
    since ??= rows[0]?.asked_at ?? null;
    return rows[0]?.beaten === true;
  };
}
