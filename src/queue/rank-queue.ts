/** The queue of ranks: a task is the name of a rank. */
import { createTaskQueue, type TaskQueue, type TaskQueueOptions } from './task-queue.ts';

/** @throws Failure('usage') for a URL that is none */
export function createRankQueue(options: Omit<TaskQueueOptions, 'name' | 'failure'> & { name?: string }): TaskQueue {
  return createTaskQueue({ name: 'rank', failure: 'the rank was not computed; segmentd status says why', ...options });
}
