/** The queue of scheduled exports: a task is the number of a run. */
import { createTaskQueue, type TaskQueue, type TaskQueueOptions } from './task-queue.ts';

/** @throws Failure('usage') for a URL that is none */
export function createExportQueue(options: Omit<TaskQueueOptions, 'name' | 'failure'> & { name?: string }): TaskQueue {
  return createTaskQueue({ name: 'export', failure: 'the run failed; segmentd schedule runs says why', ...options });
}
