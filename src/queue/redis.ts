/**
 * BullMQ on Redis through ioredis. The main client is ours, not BullMQ's, because only its owner can end it while Redis
 * is away (BullMQ's own close sends QUIT and waits for the answer).
 */
import { createRedisBackend } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import { readRedisUrl } from '../base/url.ts';
import type { Outage } from './outage.ts';
import type { QueueConnection } from './queue-connection.ts';

const RECONNECT = {
  connectTimeout: 5_000,
  keepAlive: 10_000,
  retryStrategy: (attempt: number) => Math.min(attempt * 100, 2_000),
  // After a failover the old address may be a replica: go and look again.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions;

const OPTIONS = {
  // Nothing is queued in memory while Redis is away: the intent is in Postgres and is rung for again.
  producer: { ...RECONNECT, enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 5_000 },
  // Blocking reads answer within 10 s; a socket that is silent for longer is half-open.
  worker: { ...RECONNECT, maxRetriesPerRequest: null, socketTimeout: 20_000 },
} satisfies Record<string, RedisOptions>;

/** Host and port. @throws {Failure} `usage` */
export function placeOfRedis(redisUrl: string): string {
  const url = readRedisUrl(redisUrl);
  return `${url.hostname || 'localhost'}:${url.port || '6379'}`;
}

export function connectRedis(redisUrl: string, role: 'producer' | 'worker', outage: Outage): QueueConnection {
  let said: string | undefined;
  const client = new Redis(redisUrl, OPTIONS[role]);
  let ours = true;
  const failed = (reason: string): void => {
    said = reason;
    if (ours) outage.failed(client, reason);
  };
  client.on('error', (error: unknown) => failed(explainRedis(error)));
  client.on('close', () => failed(said ?? 'the connection ended'));
  client.on('ready', () => {
    said = undefined;
    outage.answered(client);
  });
  let cutBlocking = (): void => {};
  return {
    factory(name, options, kind) {
      const backend = createRedisBackend(name, { ...options, connection: client }, kind);
      // With `force` BullMQ disconnects the blocking duplicate of our client, which is its own, and asks Redis nothing.
      cutBlocking = () => void backend.close(true).catch(() => {});
      return backend;
    },
    lastError: () => said,
    cut() {
      ours = false;
      outage.forget(client);
      cutBlocking();
      client.disconnect();
    },
  };
}

export function explainRedis(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
}

export interface RedisFacts {
  readonly version: string;
  /** What it does when its memory is full; undefined where it does not say. */
  readonly policy: string | undefined;
  /** It writes an append-only file, or snapshots at times. */
  readonly persistent: boolean;
  readonly replica: boolean;
}

const FACTS_MS = 2_000;

/** Undefined when it does not answer in 2 s, or hides the answer, as hosted servers do. */
export async function redisFacts(redisUrl: string): Promise<RedisFacts | undefined> {
  const client = new Redis(redisUrl, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: FACTS_MS,
    commandTimeout: FACTS_MS,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const lines = (await client.info()).split(/\r?\n/).map((line) => line.split(':', 2));
    const facts = new Map(lines.map(([name = '', value = '']) => [name, value]));
    const [, save = ''] = (await client.config('GET', 'save').catch(() => ['save', 'unknown'])) as readonly string[];
    return {
      version: facts.get('redis_version') ?? '',
      policy: facts.get('maxmemory_policy'),
      persistent: facts.get('aof_enabled') === '1' || save !== '',
      replica: facts.get('role') === 'slave',
    };
  } catch {
    return undefined;
  } finally {
    client.disconnect();
  }
}
