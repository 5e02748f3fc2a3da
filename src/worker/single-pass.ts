/**
 * `once`: everything that is owed now, one part after the other, and no loop. Invariant: what one step queues for
 * another is done before the pass ends, but for what crosses in time after its first sweep. A lock or a cancel is
 * retried, for a minute only.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { pruneActions } from '../access/action-log.ts';
import { pruneRuns } from '../export/prune-runs.ts';
import { pruneEvents } from '../feed/event-retention.ts';
import { pruneHints } from '../feed/prune-hints.ts';
import { Failure } from '../base/error.ts';
import type { Pool } from '../postgres/pool.ts';
import { isHeldOrCancelled, retryLocked } from '../postgres/retry-locked.ts';
import type { Context, Parts } from './compose.ts';
import type { WorkerSettings } from './worker-setting.ts';

const PATIENCE_MS = 60_000;
const AGAIN_MS = 100;

/** @throws {Failure} `failed` when the signal is aborted */
export async function passOnce(
  { drainers: [drainer], keeper, sweeper, scheduler, ranker, pool }: Parts,
  { settings, events, signal }: Pick<Context, 'settings' | 'events' | 'signal'>,
): Promise<void> {
  const step = <T>(run: () => Promise<T>): Promise<T> => {
    const attempt = async (): Promise<T> => {
      if (signal.aborted) throw new Failure('failed', 'The worker was stopped.');
      return run();
    };
    return retryLocked(attempt, {
      patience: PATIENCE_MS,
      isRefusal: isHeldOrCancelled,
      onRefusal: (error) => events.emit('error', { during: 'once', error }),
      pause: () => delay(AGAIN_MS),
    });
  };
  const drainAndBuild = async (): Promise<void> => {
    do await step(async () => drainer?.once(signal));
    while ((await step(() => keeper.once())) > 0);
  };
  await drainAndBuild();
  // A rank may read the members of a segment, and a segment may read a rank.
  if ((await step(() => ranker.once(signal))) > 0) await drainAndBuild();
  // What crosses from now on is left to the next run; a sweep may ask for rebuilds.
  for (let until: string | undefined; ;) {
    const swept = await step(() => sweeper.once(until));
    until = swept.until;
    await drainAndBuild();
    if (swept.done) break;
  }
  await step(() => keepRetention(pool, settings));
  await step(() => scheduler.once(signal));
}

/** Prunes the months of the event log, the action log, the records of exports that ended long ago, and what `segmentd serve` keeps for a while. */
export async function keepRetention(
  pool: Pool,
  { eventMonths, actionDays }: Pick<WorkerSettings, 'eventMonths' | 'actionDays'>,
): Promise<void> {
  await pruneEvents(pool, eventMonths);
  await pruneActions(pool, actionDays);
  await pruneRuns(pool);
  await pruneHints(pool);
}
