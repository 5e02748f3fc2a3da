/**
 * Waits until everything committed before the call is visible in membership, with all that it sets off, and every
 * window that ran out before the call. Invariant: it ends however much is committed meanwhile, because it waits only
 * for what a snapshot of the call shows, or of what followed from the call. With a key it waits for no builds or
 * rechecks but those of the segment and of what the segment reads.
 */
import { Failure } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { refuseStandby } from '../postgres/hot-standby.ts';
import { requireCapture } from '../capture/require-capture.ts';
import { untilLive } from '../lifecycle/until-live.ts';
import { withReads } from '../segment/reference-graph.ts';
import { Patience } from './patience.ts';
import { untilBuiltUnder } from './wait-catalogue.ts';
import type { WaitScope } from './wait-scope.ts';
import { callTime, lateSentence, untilCrossed, untilLateSeen, type LateWindow } from './wait-time.ts';
import { untilWorkDone } from './wait-work.ts';

export interface WaitOptions {
  /**
   * Also waits until this segment's wanted version is live; of windows and builds, only its own and those of what it
   * reads are waited for.
   */
  readonly key?: string;
  /** A segment that will not become live by itself (paused, held, invalid, failed) is waited for as it stands. */
  readonly standing?: boolean;
  /**
   * Fields without a usable index are looked at rarely. True: their windows are waited for where the next look is due
   * within half a minute, and what is late is returned. False: that is a failure. Default: true without a key or with
   * `standing`.
   */
  readonly acceptLate?: boolean;
  readonly timeoutMs: number;
  /** To look for what crosses edges of time; without it the worker's next heartbeat is waited for where there are any. */
  readonly catalogue?: Catalogue;
  /** Reads the catalogue anew: another one was published meanwhile. */
  readonly reload?: () => Promise<Catalogue>;
}

export interface Waited {
  /**
   * Fields without a usable index whose windows are as of an earlier instant than the call; empty unless they are
   * accepted.
   */
  readonly late: readonly LateWindow[];
}

/** @throws {Failure} `failed` when the time is over, or on a standby; `not-found` for an unknown key */
export async function waitUntilVisible(pool: Queryable, options: WaitOptions): Promise<Waited> {
  const { key, standing = false, acceptLate = key === undefined || standing, timeoutMs, catalogue, reload } = options;
  const over = `Not everything is visible after ${timeoutMs / 1000} s.`;
  const patience = new Patience(timeoutMs, () => new Failure('failed', `${over} Is a worker running (segmentd run)?`));
  await refuseStandby(pool, 'Waiting');
  await requireCapture(pool);
  const called = await callTime(pool);
  const live = async (): Promise<void> =>
    key === undefined ? undefined : untilLive(pool, key, { timeout: patience.left, standing, first: true });
  await live();
  const keys = key === undefined ? null : await withReads(pool, key);
  const scope: WaitScope = { pool, keys, patience, catalogue, reload };
  await untilBuiltUnder(scope);
  await untilCrossed(scope, called);
  await untilWorkDone(scope);
  await live(); // a rebuild may have failed
  const late = await untilLateSeen(scope, called, acceptLate);
  if (!acceptLate && late.length > 0)
    throw new Failure('failed', [over, ...late.map(lateSentence)].join(' '), { data: { late } });
  return { late };
}
