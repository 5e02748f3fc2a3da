/**
 * The settings that a worker works with. The public API checks the options (api/create-worker.ts). Invariant: what a caller leaves out has the
 * default of the one option table (base/option.ts), so that a library and the command line start the same worker.
 */
import { resolve } from 'node:path';
import { resolveOptions } from '../base/option.ts';
import { GUARD_LIMITS, type GuardLimits } from '../lifecycle/guard.ts';
import type { WorkerHooks } from './hook.ts';
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

export function settingsOf(options: WorkerOptions & WorkerHooks): WorkerSettings {
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
