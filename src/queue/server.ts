/**
 * Where queues live: Redis when a URL is given, else Postgres. Owns how each is reached and nothing about any one
 * queue; rebuilds (rebuild-queue.ts) and whatever queue comes later run the same code on both. Invariant: every
 * connection that `connect` makes ends with `cut`, also when the server is away.
 */
import { createHash } from 'node:crypto';
import { Outage } from './outage.ts';
import { connectPostgres, explainPostgres, migratePostgres, openPostgres, placeOfPostgres } from './postgres.ts';
import type { QueueConnection } from './queue-connection.ts';
import { connectRedis, explainRedis, placeOfRedis } from './redis.ts';

export interface QueueServerOptions {
  /** `redis://` or `rediss://`; absent: the queue lives in Postgres. */
  readonly redisUrl?: string;
  readonly databaseUrl: string;
  /** Of the session on Postgres; `segmentd queue worker` by default. */
  readonly applicationName?: string;
  /** Hears the reason when the server goes away, and undefined when it is back; once each time. */
  readonly onOutage?: ((reason: string | undefined) => void) | undefined;
}

export interface QueueServer {
  readonly kind: 'redis' | 'postgres';
  /** For messages: host and port, without user and password. */
  readonly place: string;
  /** Keeps installations apart that share one Redis. Postgres has a schema for that. */
  readonly prefix: string;
  /** A producer fails at once when the server is away; a worker waits for it for ever. */
  connect(role: 'producer' | 'worker'): QueueConnection;
  /** An error of a call, in a few words. */
  explain(error: unknown): string;
  /** Whether an outage is reported: errors of calls add nothing to it meanwhile. */
  isAway(): boolean;
  /** Resolves when nothing is open any more. */
  close(): Promise<void>;
}

/** Reaches for nothing yet. @throws Failure('usage') for a URL that is none */
export function queueServer(options: QueueServerOptions): QueueServer {
  const database = placeOfPostgres(options.databaseUrl);
  const prefix = `segmentd-${createHash('sha256').update(database).digest('hex').slice(0, 12)}`;
  const outage = new Outage((reason) => options.onOutage?.(reason));
  const isAway = (): boolean => outage.isAway;
  const { redisUrl, databaseUrl, applicationName = 'segmentd queue worker' } = options;
  if (redisUrl === undefined) {
    const session = openPostgres(databaseUrl, applicationName, outage);
    return {
      kind: 'postgres',
      place: `Postgres at ${database}`,
      prefix,
      connect: () => connectPostgres(session),
      explain: explainPostgres,
      isAway,
      close: () => session.close(),
    };
  }
  const place = `Redis at ${placeOfRedis(redisUrl)}`;
  return {
    kind: 'redis',
    place,
    prefix,
    connect: (role) => connectRedis(redisUrl, role, outage),
    explain: explainRedis,
    isAway,
    close: async () => {},
  };
}

/**
 * Makes or updates what queues need in Postgres; nothing on Redis. Idempotent, and safe when several processes run it
 * at once: BullMQ holds an advisory lock for the transaction.
 */
export async function migrateQueue(options: QueueServerOptions): Promise<void> {
  if (options.redisUrl === undefined) await migratePostgres(options.databaseUrl);
}
