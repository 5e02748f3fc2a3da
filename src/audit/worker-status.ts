/** Workers that run, for `status` and `doctor`. */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

/** Instants are ISO 8601 with microseconds, UTC. */
export interface RunningWorker {
  /** Its log lines carry it. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** Of segmentd. */
  readonly version: string;
  readonly startedAt: string;
  /** When it last said that it lives: at most 30 s ago, or it is not listed. */
  readonly seenAt: string;
  /** Seconds since then, by the server's clock. */
  readonly silentFor: number;
  /** Where its queue is, without user and password; null without a queue. */
  readonly queue: { readonly backend: 'redis' | 'postgres'; readonly place: string } | null;
  /** Whether it knew the segments as they are now when it was last seen. */
  readonly current: boolean;
}

/** Seconds after which a silent worker may be dead: a worker that runs is silent for nine at most. */
export const SILENT_WORKER = 10;

/** Whether it was seen so lately that it runs. */
export function isHeard({ silentFor }: RunningWorker): boolean {
  return silentFor <= SILENT_WORKER;
}

/** Those that were seen in the last 30 s by the server's clock, the oldest first. `run --once` is not among them. */
export async function runningWorkers(database: Queryable): Promise<readonly RunningWorker[]> {
  const { rows } = await database.query<{
    id: string;
    host: string;
    pid: number;
    version: string;
    started_at: string;
    seen_at: string;
    silent_for: number;
    queue_kind: 'redis' | 'postgres' | null;
    queue_place: string | null;
    is_current: boolean;
  }>({ ...statement('worker-list') });
  return rows.map(
    ({ id, host, pid, version, started_at, seen_at, silent_for, queue_kind, queue_place, is_current }) => ({
      id,
      host,
      pid,
      version,
      startedAt: started_at,
      seenAt: seen_at,
      silentFor: silent_for,
      queue: queue_kind === null ? null : { backend: queue_kind, place: queue_place ?? '' },
      current: is_current,
    }),
  );
}

/** The queue that all workers use; undefined when there are none, or they differ. */
export function queueInUse(workers: readonly RunningWorker[]): RunningWorker['queue'] | undefined {
  const queues = new Map(workers.map(({ queue }) => [`${queue?.backend} ${queue?.place}`, queue]));
  return queues.size === 1 ? [...queues.values()][0] : undefined;
}
