/** Asks the queue of rebuilds for its health, over a connection of its own that is closed again. */
import { queueInUse, runningWorkers, type RunningWorker } from '../audit/worker-status.ts';
import { isNoTable } from '../base/error.ts';
import { withoutSecrets } from '../base/secret.ts';
import type { RebuildQueueHealth } from '../queue/rebuild-queue.ts';
import type { Connection } from './connection.ts';

/** When the workers use a Redis that the caller did not name, the answer says so and no queue is asked. */
export async function readQueueHealth(connection: Connection): Promise<RebuildQueueHealth> {
  const { databaseUrl, redisUrl, applicationName = 'segmentd api' } = connection.options;
  if (redisUrl === undefined) {
    const used = queueInUse(await workersIfMigrated(connection));
    if (used?.backend === 'redis')
      return {
        backend: 'redis',
        ok: true,
        elsewhere: true,
        waiting: 0,
        active: 0,
        failed: 0,
        message: `The workers queue on ${used.place}; without REDIS_URL it was not asked.`,
      };
  }
  // BullMQ takes a large part of the time that a verb needs to start.
  const { createRebuildQueue } = await import('../queue/rebuild-queue.ts');
  const queue = createRebuildQueue({
    databaseUrl: databaseUrl ?? '',
    ...(redisUrl === undefined ? {} : { redisUrl }),
    applicationName,
  });
  try {
    const { message, lastFailure, ...health } = await queue.health();
    return {
      ...health,
      ...(message === undefined ? {} : { message: withoutSecrets(message) }),
      ...(lastFailure === undefined ? {} : { lastFailure: withoutSecrets(lastFailure) }),
    };
  } finally {
    await queue.close();
  }
}

/** Before `migrate` there are no workers, and no table of workers. */
async function workersIfMigrated(connection: Connection): Promise<readonly RunningWorker[]> {
  try {
    return await runningWorkers(await connection.pool());
  } catch (error) {
    if (!isNoTable(error)) throw error;
    return [];
  }
}
