/**
 * The sending end of a queue: opened by the first call, thrown away after any error (BullMQ remembers a failed first
 * connection for ever), opened again by the next call. It must not keep what could not be sent: callers send again.
 */
import { withBackend, type IQueueBackend, type JobsOptions } from 'bullmq';
import { bounded } from '../base/bounded.ts';
import type { QueueConnection } from './queue-connection.ts';
import type { QueueServer } from './server.ts';

type BullQueue = InstanceType<ReturnType<typeof withBackend<IQueueBackend, string>>['Queue']>;

interface Open {
  readonly queue: BullQueue;
  readonly connection: QueueConnection;
  readonly waiting: Set<(reason: Error) => void>;
}

const CLOSE_MS = 1_000;

export class Producer {
  readonly #server: QueueServer;
  readonly #name: string;
  readonly #onError: (error: unknown) => void;
  #open: Open | undefined;
  #closed = false;

  constructor(server: QueueServer, name: string, onError: (error: unknown) => void) {
    this.#server = server;
    this.#name = name;
    this.#onError = onError;
  }

  /** Runs `use` on the open queue. Does not settle before the server was there once, or the queue was thrown away. */
  async with<T>(use: (queue: BullQueue) => Promise<T>): Promise<T> {
    if (this.#closed) throw new Error('the queue is closed');
    const open = (this.#open ??= this.#connect());
    try {
      return await new Promise<T>((settle, reject) => {
        open.waiting.add(reject);
        use(open.queue)
          .then(settle, reject)
          .finally(() => open.waiting.delete(reject));
      });
    } catch (error) {
      if (this.#open === open) this.#open = undefined;
      await end(open);
      throw error;
    }
  }

  add(job: string, data: Readonly<Record<string, string | number>>, options: JobsOptions): Promise<unknown> {
    return this.with((queue) => queue.add(job, data, options));
  }

  lastError(): string | undefined {
    return this.#open?.connection.lastError();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const open = this.#open;
    this.#open = undefined;
    if (open) await end(open);
  }

  #connect(): Open {
    const connection = this.#server.connect('producer');
    const { Queue } = withBackend(connection.factory);
    // segmentd does not read the stream of events; a hundred are kept for a person who looks.
    const queue = new Queue(this.#name, {
      connection: this.#server.place,
      prefix: this.#server.prefix,
      streams: { events: { maxLen: 100 } },
    });
    queue.on('error', this.#onError);
    return { queue, connection, waiting: new Set() };
  }
}

async function end(open: Open): Promise<void> {
  // On a closing Postgres backend a call never settles: calls that wait are rejected here.
  for (const reject of open.waiting) reject(new Error('the queue was closed'));
  try {
    await bounded(open.queue.close(), CLOSE_MS);
  } catch {
    // an error while closing says only that the server is away
  }
  open.connection.cut();
}
