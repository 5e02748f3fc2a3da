/**
 * What one end of a queue has of its server: the connections that BullMQ makes, and their end. The servers
 * (postgres.ts, redis.ts) make it, the ends (producer.ts, consumer.ts) use it. Invariant: after `cut` nothing is open,
 * also when the server is away.
 */
import type { BackendFactory, IQueueBackend } from 'bullmq';

/** The connections of one queue or one worker. */
export interface QueueConnection {
  readonly factory: BackendFactory<IQueueBackend, string>;
  /** What the server said last, while a call still waits for it. */
  lastError(): string | undefined;
  /** Ends what an orderly close has left, without waiting for the server. */
  cut(): void;
}
