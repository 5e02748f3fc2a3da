/**
 * The options of a worker, and the settings that it works with. The public API checks the options
 * (api/create-worker.ts). Invariant: what a caller leaves out has the default of the one option table (base/option.ts),
 * so that a library and the command line start the same worker.
 */
import { resolve } from 'node:path';
import type { Log } from '../base/log.ts';
import { DEFAULT_SETTINGS, type Endpoint } from '../base/option.ts';
import type { Config } from '../catalogue/config.ts';
import { GUARD_LIMITS, type GuardLimits } from '../lifecycle/guard-limit.ts';
import type { WorkerHooks } from './hook.ts';

/** Options that are left out have the defaults of base/option.ts. */
export interface WorkerOptions {
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  /** Hears the published config at start. A caller that has a file beside it reports the differences. */
  readonly onPublication?: (config: Config) => void | Promise<void>;
  readonly log?: Log;
  /** Changes a batch. */
  readonly batchSize?: number;
  /** Milliseconds between two looks of an idle worker. */
  readonly pollInterval?: number;
  /** Connections that read the contacts while segments are rebuilt. */
  readonly rebuildConnections?: number;
  /** Milliseconds in which the rolling audit compares all contacts; 0: it does not run. */
  readonly auditPeriod?: number;
  /** Edits that move more are held until they are confirmed. */
  readonly guard?: GuardLimits;
  /** Whole months for which membership events are kept; 0: for ever. */
  readonly eventMonths?: number;
  /** Days for which the action log is kept; 0: for ever. */
  readonly actionDays?: number;
  /** Scheduled exports are written below this folder. */
  readonly exportFolder?: string;
  /** Where /healthz, /readyz and /metrics are served; absent: nowhere. */
  readonly http?: Endpoint | undefined;
}

/** What a worker works with. Durations are milliseconds. */
export interface WorkerSettings {
  readonly batchSize: number;
  readonly pollInterval: number;
  readonly rebuildConnections: number;
  readonly auditPeriod: number;
  readonly guard: GuardLimits;
  readonly eventMonths: number;
  readonly actionDays: number;
  /** An absolute path. */
  readonly exportFolder: string;
  readonly drains: number;
  readonly doorbell: boolean;
}

export function settingsOf(options: WorkerOptions & WorkerHooks): WorkerSettings {
  const table = DEFAULT_SETTINGS;
  return {
    batchSize: options.batchSize ?? table.batchSize,
    pollInterval: options.pollInterval ?? table.pollInterval,
    rebuildConnections: options.rebuildConnections ?? table.rebuildConnections,
    auditPeriod: options.auditPeriod ?? table.auditPeriod,
    guard: options.guard ?? GUARD_LIMITS,
    eventMonths: options.eventMonths ?? table.eventMonths,
    actionDays: options.actionDays ?? table.actionDays,
    exportFolder: resolve(options.exportFolder ?? table.exportFolder),
    drains: options.drains ?? 1,
    doorbell: options.doorbell ?? true,
  };
}
