/**
 * The working end of a queue. Keeps a BullMQ worker alive over every failure of its server, and opens a new one when
 * the old one cannot recover. Invariant: a close ends in bounded time, and a job that it cuts short goes back to the
 * queue. It must not know what a job is about.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { WaitingError, withBackend, type IQueueBackend, type Job } from 'bullmq';
import { sqlState } from '../base/error.ts';
import { bounded } from '../base/bounded.ts';
import type { QueueConnection } from './queue-connection.ts';
import type { QueueServer } from './server.ts';

type BullWorker = InstanceType<ReturnType<typeof withBackend<IQueueBackend, string>>['Worker']>;

/** A worker that dies is noticed when its lock runs out: within these two together, about 5 s. */
const LOCK_MS = 3_000;
const STALLED_CHECK_MS = 1_500;
const RETRY_MS = 500;
/** Milliseconds that a close waits for a job whose signal was aborted, and then for the server. */
const JOB_STOP_MS = 5_000;
/** Milliseconds of each step of a close: three of them end within the two seconds in which a worker stops. */
const CLOSE_MS = 500;

export class Consumer {
  readonly #server: QueueServer;
  readonly #name: string;
  readonly #concurrency: number;
  readonly #process: (job: Job, signal: AbortSignal) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #open: { readonly worker: BullWorker; readonly connection: QueueConnection } | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: {
    readonly server: QueueServer;
    readonly name: string;
    readonly concurrency: number;
    readonly process: (job: Job, signal: AbortSignal) => Promise<void>;
    readonly onError: (error: unknown) => void;
  }) {
    this.#server = options.server;
    this.#name = options.name;
    this.#concurrency = options.concurrency;
    this.#process = options.process;
    this.#onError = options.onError;
  }

  /** Does not wait for the server. */
  start(): void {
    this.#loop ??= this.#keep();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await bounded(Promise.allSettled(this.#running), JOB_STOP_MS);
    const open = this.#open;
    if (open) await this.#end(open);
    if (this.#loop) await bounded(this.#loop, CLOSE_MS);
  }

  async #keep(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const open = (this.#open = this.#connect());
      try {
        await open.worker.waitUntilReady();
        if (!signal.aborted) await open.worker.run();
      } catch (error) {
        if (!signal.aborted) this.#onError(error);
      }
      if (signal.aborted) return;
      await this.#end(open);
      await delay(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }

  #connect(): { worker: BullWorker; connection: QueueConnection } {
    const connection = this.#server.connect('worker');
    const { signal } = this.#closing;
    const { Worker } = withBackend<IQueueBackend, string>((name, options, kind) => {
      const backend = connection.factory(name, options, kind);
      const moveToActive = backend.moveToActive.bind(backend);
      // BullMQ asks again at once after an error that is not about the connection ("the database system is starting
      // up").
      backend.moveToActive = async (...args) => {
        try {
          return await moveToActive(...args);
        } catch (error) {
          await delay(RETRY_MS, undefined, { signal }).catch(() => {});
          throw error;
        }
      };
      return backend;
    });
    const worker = new Worker(this.#name, (job: Job, token?: string) => this.#work(job, token), {
      connection: this.#server.place,
      prefix: this.#server.prefix,
      autorun: false,
      concurrency: this.#concurrency,
      lockDuration: LOCK_MS,
      lockRenewTime: LOCK_MS / 3,
      stalledInterval: STALLED_CHECK_MS,
      // A job is taken up again whatever its worker died of: a job carries no condition or data that could fail again.
      maxStalledCount: 1_000,
      runRetryDelay: RETRY_MS,
    });
    worker.on('error', this.#onError);
    return { worker, connection };
  }

  async #work(job: Job, token: string | undefined): Promise<void> {
    const { signal } = this.#closing;
    const running = this.#process(job, signal);
    this.#running.add(running);
    try {
      await running;
    } catch (error) {
      if (signal.aborted) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      // What Postgres says may hold values of rows, and this text is kept in the queue.
      const state = sqlState(error);
      throw state === undefined ? error : new Error(`Postgres refused a statement (SQLSTATE ${state})`);
    } finally {
      this.#running.delete(running);
    }
  }

  async #end(open: { readonly worker: BullWorker; readonly connection: QueueConnection }): Promise<void> {
    if (this.#open === open) this.#open = undefined;
    // A session that BullMQ is only just opening would outlive its close.
    await bounded(open.worker.waitUntilReady(), CLOSE_MS).catch(() => undefined);
    const closing = open.worker.close();
    const late = await bounded(closing, CLOSE_MS).catch(() => undefined);
    open.connection.cut();
    // Once its connections are cut, a close that hung goes on to stop the timers of the worker.
    if (late !== undefined) await bounded(closing, CLOSE_MS).catch(() => undefined);
  }
}
