/** A worker of the public API: its options are checked, and hooks for tests (worker/hook.ts) are none of them. */
import { Failure } from '../base/error.ts';
import { checkGiven } from '../base/given.ts';
import type { Endpoint } from '../base/option.ts';
import type { GuardLimits } from '../lifecycle/guard.ts';
import type { WorkerOptions } from '../worker/worker-setting.ts';
import { createWorker as composeWorker, type Worker } from '../worker/worker.ts';

/** Returns a worker that is not started yet. @throws {Failure} `usage` with one sentence */
export function createWorker(options: WorkerOptions): Worker {
  checkWorkerOptions(options);
  return composeWorker(options);
}

function checkWorkerOptions(options: WorkerOptions): void {
  checkGiven<WorkerOptions>(
    options,
    {
      databaseUrl: 'text',
      redisUrl: 'text',
      onPublication: 'callback',
      log: 'log',
      batchSize: 'number',
      pollInterval: 'milliseconds',
      rebuildConnections: 'number',
      auditPeriod: 'milliseconds',
      guard: 'object',
      eventMonths: 'count',
      exportFolder: 'text',
      http: 'object',
    },
    'The options of a worker',
  );
  if (options.databaseUrl === undefined) throw new Failure('usage', 'A worker needs the option `databaseUrl`.');
  if (options.guard)
    checkGiven<GuardLimits>(options.guard, { percent: 'percent', members: 'count' }, 'The options of the guard');
  if (!options.http) return;
  checkGiven<Endpoint>(options.http, { host: 'text', port: 'count' }, 'The options of http');
  if (options.http.port > 65_535) throw new Failure('usage', 'The option `port` must be at most 65535.');
}
