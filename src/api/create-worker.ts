/** A worker of the public API: its options are checked, and hooks for tests (worker/hook.ts) are none of them. */
import type { WorkerOptions } from '../worker/worker-setting.ts';
import { createWorker as composeWorker, type Worker } from '../worker/worker.ts';
import { WORKER } from './input-schema.ts';
import { checkInput } from './input.ts';

/** Returns a worker that is not started yet. @throws {Failure} `usage` with one sentence */
export function createWorker(options: WorkerOptions): Worker {
  checkInput(WORKER, options, 'The options of a worker');
  return composeWorker(options);
}
