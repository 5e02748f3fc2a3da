/**
 * What doctor finds on workers: whether one runs, how far it has come, whether they agree, and which locks are in their
 * way. Reads only.
 */
import { spanText } from '../base/span.ts';
import type { Queryable } from '../postgres/pool.ts';
import type { Finding } from './finding.ts';
import { lockHolders, lockSentence } from './lock-holder.ts';
import { isHeard, runningWorkers, type RunningWorker } from './worker-status.ts';

/** Seconds for which running workers may not have caught up. */
export const SILENT = 60;

/** Seconds that a clock may be behind without a finding: a failover does that, and it passes. */
export const CLOCK_BEHIND = 10;

export interface Backlog {
  /** Age in seconds of the instant up to which everything is done; null before the first time. */
  readonly behind: number | null;
  /** How many changes wait, as people read it. */
  readonly waiting: string;
}

export async function workerFindings(database: Queryable, backlog: Backlog): Promise<readonly Finding[]> {
  const workers = await runningWorkers(database);
  const heard = workers.filter(isHeard);
  return [
    alive(heard, backlog),
    ...workers.filter((worker) => !isHeard(worker)).map(silent),
    ...apart(heard),
    ...(await lockFindings(database)),
  ];
}

function alive(workers: readonly RunningWorker[], { behind, waiting }: Backlog): Finding {
  const changes = `${waiting} changes are waiting`;
  if (behind !== null && behind < -CLOCK_BEHIND) {
    return {
      level: 'warn',
      sentence: `Workers last caught up ${spanText(-behind)} in the future: the server's clock was set back. ${changes}.`,
      fix: 'segmentd doctor --accept-clock',
    };
  }
  if (workers.length === 0) {
    const before =
      behind === null ? 'none has run yet' : `the last one caught up ${Math.max(0, Math.round(behind))} s ago`;
    return {
      level: 'warn',
      sentence: `No worker is running; ${before}. ${changes[0]?.toUpperCase()}${changes.slice(1)}.`,
      fix: 'segmentd run',
    };
  }
  const who = workers.length === 1 ? 'One worker runs' : `${workers.length} workers run`;
  if (behind === null) return { level: 'ok', sentence: `${who} and has not caught up yet; ${changes}.` };
  if (behind > SILENT)
    return {
      level: 'warn',
      sentence: `${who}, but nothing was caught up with for ${Math.round(behind)} s; ${changes}.`,
      fix: 'segmentd status',
    };
  return { level: 'ok', sentence: `${who}, ${Math.max(0, behind).toFixed(1)} s behind; ${changes}.` };
}

/** A worker that stops takes its row away, so this one was killed, or cannot reach Postgres. */
function silent({ host, pid, silentFor }: RunningWorker): Finding {
  return {
    level: 'warn',
    sentence: `The worker on ${host}, process ${pid}, was last seen ${Math.round(silentFor)} s ago: it was killed, or does not reach Postgres.`,
    fix: 'segmentd run',
  };
}

/** Two versions work side by side during an update; two queues are a mistake. */
function apart(workers: readonly RunningWorker[]): readonly Finding[] {
  const versions = new Set(workers.map(({ version }) => version));
  const queues = new Set(workers.map(({ queue }) => queue?.place ?? 'none'));
  return [
    ...(versions.size > 1
      ? [
          {
            level: 'warn',
            sentence: `Workers of different versions run: ${[...versions].join(', ')}.`,
            fix: 'update the older ones',
          } satisfies Finding,
        ]
      : []),
    ...(queues.size > 1
      ? [
          {
            level: 'warn',
            sentence: `Workers use different queues: ${[...queues].join(', ')}.`,
            fix: 'give all of them the same REDIS_URL, or none',
          } satisfies Finding,
        ]
      : []),
  ];
}

async function lockFindings(database: Queryable): Promise<readonly Finding[]> {
  return (await lockHolders(database)).map((holder) => ({
    level: 'warn',
    sentence: lockSentence(holder),
    fix: holder.command,
  }));
}
