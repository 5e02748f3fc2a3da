/**
 * The options of a worker as callers give them, and the settings that it works with. Invariant: what a caller leaves out has the
 * default of the one option table (base/option.ts), so that a library and the command line start the same worker.
 */
import { resolve } from 'node:path';
import { Failure } from '../base/error.ts';
import { checkGiven } from '../base/given.ts';
import { resolveOptions, type Endpoint } from '../base/option.ts';
import { GUARD_LIMITS, type GuardLimits } from '../lifecycle/guard.ts';
import type { WorkerOptions } from './worker.ts';

/** What a worker works with. Durations are milliseconds. */
export interface WorkerSettings {
  readonly batchSize: number;
  readonly pollInterval: number;
  readonly rebuildConnections: number;
  readonly auditPeriod: number;
  readonly guard: GuardLimits;
  readonly eventMonths: number;
  /** An absolute path. */
  readonly exportFolder: string;
  readonly drains: number;
  readonly doorbell: boolean;
}

export function settingsOf(options: WorkerOptions): WorkerSettings {
  const table = resolveOptions({});
  return {
    batchSize: options.batchSize ?? table.batchSize,
    pollInterval: options.pollInterval ?? table.pollInterval,
    rebuildConnections: options.rebuildConnections ?? table.rebuildConnections,
    auditPeriod: options.auditPeriod ?? table.auditPeriod,
    guard: options.guard ?? GUARD_LIMITS,
    eventMonths: options.eventMonths ?? table.eventMonths,
    exportFolder: resolve(options.exportFolder ?? table.exportFolder),
    drains: options.drains ?? 1,
    doorbell: options.doorbell ?? true,
  };
}

/** @throws {Failure} `usage` with one sentence */
export function checkWorkerOptions(options: WorkerOptions): void {
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
      drains: 'number',
      doorbell: 'switch',
      queue: 'objectOrNull',
      failpoint: 'object',
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
