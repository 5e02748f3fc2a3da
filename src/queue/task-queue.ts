/**
 * A queue of tasks that stand in Postgres: scheduled exports (`segmentd_internal.export_run`) and ranks (`segmentd_internal.rank`). A job
 * carries the name of a task and nothing else. Invariant: adding a job that is there already does nothing. So a loop of the worker adds
 * each task again and again, and a queue that lost its jobs has them back.
 */
import { UnrecoverableError, type Job, type JobsOptions } from 'bullmq';
import { bounded } from '../base/bounded.ts';
import { Consumer } from './consumer.ts';
import { Producer } from './producer.ts';
import { quieter } from './quiet.ts';
import { queueServer, type QueueServer, type QueueServerOptions } from './server.ts';

/** What became of a task: `again` is tried again after the queue's pause, the others are not. */
export type Outcome = 'done' | 'failed' | 'again';

export interface TaskQueue {
  /** Settles within a second, whatever the server does; never throws. */
  add(task: string): Promise<void>;
  /** Starts taking jobs, also when the server is away at the moment. `signal` is aborted when the queue closes. */
  work(handler: (task: string, signal: AbortSignal) => Promise<Outcome>): Promise<void>;
  /** Ends within about 10 s. Idempotent. Afterwards `work` opens the queue again. */
  close(): Promise<void>;
}

export interface TaskQueueOptions extends QueueServerOptions {
  /** Name of the queue; no `:`. */
  readonly name: string;
  /** What a failed job says. */
  readonly failure: string;
  /** Of the first retry; doubles each time. Milliseconds. */
  readonly backoff?: number;
  /** Shared with other queues, and closed by its maker; absent: the queue has a server of its own. */
  readonly server?: QueueServer;
  onError?(error: unknown): void;
}

/** More than a task is tried: its own count decides. */
const ATTEMPTS = 20;
const ADD_MS = 1_000;

/** @throws Failure('usage') for a URL that is none */
export function createTaskQueue(options: TaskQueueOptions): TaskQueue {
  const server = options.server ?? queueServer(options);
  const { name, failure, backoff = 5_000 } = options;
  const onError = quieter((error) => {
    if (!closing && !server.isAway()) options.onError?.(error);
  });
  let producer = new Producer(server, name, onError);
  let consumer: Consumer | undefined;
  let closing: Promise<void> | undefined;
  const job = {
    attempts: ATTEMPTS,
    backoff: { type: 'exponential', delay: backoff },
    // A job that is over must not keep its id: the task may have to be added again.
    removeOnComplete: true,
    removeOnFail: true,
    stackTraceLimit: 1,
  } satisfies JobsOptions;

  return {
    async add(task) {
      if (closing) return;
      await bounded(producer.add(name, { task }, { ...job, jobId: jobIdOf(task) }), ADD_MS).catch(onError);
    },
    async work(handler) {
      if (consumer && !closing) throw new Error('the queue works already');
      if (closing) {
        await closing;
        closing = undefined;
        producer = new Producer(server, name, onError);
      }
      const process = async ({ data }: Job, signal: AbortSignal): Promise<void> => {
        const outcome = await handler(String((data as { task?: unknown }).task), signal);
        if (signal.aborted) throw new Error('the worker stops');
        if (outcome === 'again') throw new Error('the task is tried again');
        if (outcome === 'failed') throw new UnrecoverableError(failure);
      };
      consumer = new Consumer({ server, name, concurrency: 1, process, onError });
      consumer.start();
    },
    close: () =>
      (closing ??= (async () => {
        await Promise.all([producer.close(), consumer?.close()]);
        if (!options.server) await server.close();
      })()),
  };
}

/** BullMQ refuses ids that are whole numbers, or hold a colon; the name of a rank may be any text. */
function jobIdOf(task: string): string {
  return `task-${Buffer.from(task).toString('hex')}`;
}
