/**
 * Rings for rebuilds, and takes the rings of others. What is to be rebuilt stands in Postgres (src/PROTOCOL.md, E: an
 * edit is an intent); a job says only "look". Invariant: a lost job costs time, never an edit, and at most one job
 * waits while one runs.
 */
import { randomUUID } from 'node:crypto';
import type { Job, JobsOptions } from 'bullmq';
import { sqlState, NO_RIGHT } from '../base/error.ts';
import { bounded, LATE } from '../base/bounded.ts';
import { Consumer } from './consumer.ts';
import { Producer } from './producer.ts';
import { quieter } from './quiet.ts';
import { Ring } from './ring.ts';
import { queueServer, type QueueServer, type QueueServerOptions } from './server.ts';

export interface RebuildJob {
  /** Shows how far segments are: key → 0…1. Returns at once; never fails the job. The newest value wins. */
  progress(value: Readonly<Record<string, number>>): Promise<void>;
  /** Aborted when the queue closes: stop at the next step; the job goes back to the queue. */
  readonly signal: AbortSignal;
}

export interface RebuildQueueHealth {
  readonly backend: 'redis' | 'postgres';
  readonly ok: boolean;
  /** This role may not look into the queue, so its state is unknown. */
  readonly hidden?: true;
  /** The workers use another queue than the one that is configured here; it was not asked. */
  readonly elsewhere?: true;
  /** Why not, in one sentence. */
  readonly message?: string;
  readonly waiting: number;
  readonly active: number;
  readonly failed: number;
  readonly lastFailure?: string;
  /** Of the running job: segment key → 0…1. */
  readonly progress?: unknown;
}

export interface RebuildQueue {
  /** Rings for a rebuild. Never blocks, never throws; tried again until the server is back or the queue closes. */
  request(): void;
  /** Starts taking jobs, also when the server is away at the moment. One job takes all owed intents. */
  work(handler: (job: RebuildJob) => Promise<void>): Promise<void>;
  /** Answers within about 2 s. */
  health(): Promise<RebuildQueueHealth>;
  /**
   * Ends within about 10 s, whatever the server does; leaves no handle open. Idempotent. Afterwards `work` opens the
   * queue again.
   */
  close(): Promise<void>;
}

export interface RebuildQueueOptions extends QueueServerOptions {
  /** Name of the queue; no `:`. */
  readonly name?: string;
  readonly concurrency?: number;
  /** Shared with other queues, and closed by its maker; absent: the queue has a server of its own. */
  readonly server?: QueueServer;
  onError?(error: unknown): void;
}

const JOB = {
  // While a job runs, requests are kept as one more job after it: its work may have been listed before they came.
  deduplication: { id: 'rebuild', keepLastIfActive: true },
  attempts: 5,
  backoff: { type: 'exponential', delay: 250 },
  removeOnComplete: { count: 20 },
  removeOnFail: { count: 20 },
  stackTraceLimit: 1,
} satisfies JobsOptions;

const HEALTH_MS = 2_000;
/** Only the worker's role has rights in the queue. A caller asks for a rebuild in Postgres and needs none. */
const HIDDEN = Symbol('hidden');

/** @throws Failure('usage') for a URL that is none; `health` says whether the server answers */
export function createRebuildQueue(options: RebuildQueueOptions): RebuildQueue {
  const server = options.server ?? queueServer(options);
  const { name = 'rebuild', concurrency = 1 } = options;
  // Errors of connections that are being closed are expected.
  const onError = quieter((error) => {
    if (!closing && !server.isAway()) options.onError?.(error);
  });
  const open = (): { readonly producer: Producer; readonly ring: Ring } => {
    const producer = new Producer(server, name, onError);
    const ring = new Ring(async () => {
      // BullMQ refuses ids with `:` and those that are whole numbers.
      await producer.add('rebuild', {}, { ...JOB, jobId: `rebuild-${randomUUID()}` });
    }, onError);
    return { producer, ring };
  };
  let sending = open();
  let consumer: Consumer | undefined;
  let closing: Promise<void> | undefined;

  return {
    request: () => sending.ring.request(),
    async work(handler) {
      if (consumer && !closing) throw new Error('the queue works already');
      if (closing) {
        await closing;
        closing = undefined;
        sending = open();
      }
      const process = (job: Job, signal: AbortSignal): Promise<void> =>
        handler({ progress: reporter(job, onError), signal });
      consumer = new Consumer({ server, name, concurrency, process, onError });
      consumer.start();
    },
    async health() {
      const { producer } = sending;
      const none = { backend: server.kind, ok: false, waiting: 0, active: 0, failed: 0 };
      const answer = await bounded(producer.with(ask), HEALTH_MS).catch((error: unknown) =>
        sqlState(error) === NO_RIGHT ? HIDDEN : server.explain(error),
      );
      if (answer === HIDDEN)
        return { ...none, hidden: true, message: `This role may not look into the queue on ${server.place}.` };
      if (typeof answer === 'object') return { ...none, ok: true, ...answer };
      const reason = answer === LATE ? (producer.lastError() ?? 'no answer') : answer;
      return { ...none, message: `${server.place} cannot be used: ${reason}.` };
    },
    close: () =>
      (closing ??= (async () => {
        sending.ring.close();
        await Promise.all([sending.producer.close(), consumer?.close()]);
        if (!options.server) await server.close();
      })()),
  };
}

async function ask(queue: Parameters<Parameters<Producer['with']>[0]>[0]) {
  const counts = await queue.getJobCounts('waiting', 'delayed', 'active', 'failed');
  const [failed] = (counts['failed'] ?? 0) > 0 ? await queue.getJobs('failed', 0, 0) : [];
  const [active] = (counts['active'] ?? 0) > 0 ? await queue.getJobs('active', 0, 0) : [];
  return {
    // A job that waits for its next attempt is waiting, to a person.
    waiting: (counts['waiting'] ?? 0) + (counts['delayed'] ?? 0),
    active: counts['active'] ?? 0,
    failed: counts['failed'] ?? 0,
    ...(failed?.failedReason === undefined ? {} : { lastFailure: failed.failedReason }),
    ...(active === undefined ? {} : { progress: active.progress }),
  };
}

/** Writes progress beside the work: one write at a time, values in between are skipped, errors only reported. */
function reporter(job: Job, onError: (error: unknown) => void): RebuildJob['progress'] {
  let next: Readonly<Record<string, number>> | undefined;
  let writing = false;
  const write = async (): Promise<void> => {
    writing = true;
    for (let value = next; value !== undefined; value = next) {
      next = undefined;
      await job.updateProgress(value).catch(onError);
    }
    writing = false;
  };
  return (value) => {
    next = value;
    if (!writing) void write();
    return Promise.resolve();
  };
}
