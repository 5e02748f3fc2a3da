/** Whole workers on a small world: as a team runs them; without a queue, unless there is a Redis for it. */
import type { WorkerHooks } from '../../src/worker/hook.ts';
import type { WorkerOptions } from '../../src/worker/worker-setting.ts';
import { createWorker, type Worker } from '../../src/worker/worker.ts';
import type { World } from './world.ts';

/** Started. Stop it before the world ends. */
export async function startWorker(world: World, options: Partial<WorkerOptions & WorkerHooks> = {}): Promise<Worker> {
  const worker = createWorker({
    databaseUrl: world.url,
    ...(options.redisUrl === undefined ? { queue: null } : {}),
    pollInterval: 20,
    ...options,
  });
  await worker.start();
  return worker;
}
