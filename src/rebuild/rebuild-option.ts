/**
 * What a rebuild job is asked for, where it reports, and what it works with. Owns the types alone; rebuild.ts is
 * the job.
 */
import type { CatalogueSignals } from '../followed/catalogue-signal.ts';
import type { Registry } from '../followed/registry.ts';
import type { GuardLimits } from '../lifecycle/guard-limit.ts';
import type { Movement } from '../lifecycle/guard.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import type { BuildStep } from './build.ts';

export interface Rebuilt {
  readonly key: string;
  readonly segmentId: number;
  readonly version: number;
  readonly entered: number;
  readonly left: number;
}

/** An edit that was built and not let through: it moves too many members and waits to be confirmed. */
export interface Held extends Movement {
  readonly key: string;
  readonly segmentId: number;
  readonly version: number;
}

/** Hears what becomes of builds. */
export interface RebuildReport {
  /** Share done, 0 to 1, of each segment that is being built. The build waits for it. */
  progress?(progress: Readonly<Record<string, number>>): Promise<void> | void;
  rebuilt?(rebuilt: Rebuilt): void;
  held?(held: Held): void;
  /** An error of Postgres that is about one segment's condition, before the segment is validated. */
  error?(error: unknown): void;
}

export interface RebuildOptions {
  /** Ends the builds at their next step. */
  readonly signal?: AbortSignal;
  /** Connections that read the contacts at the same time. */
  readonly connections: number;
  /** Waits between two attempts of a flip, milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Edits that move more are held; absent: none. */
  readonly guard?: GuardLimits;
  /** Absent: the catalogue is that of the registry for ever, and a build that it does not fit is given up. */
  readonly signals?: CatalogueSignals;
  readonly report?: RebuildReport;
  /** Steps at which tests stop a build. */
  readonly at?: (step: BuildStep) => Promise<void>;
}

/** One rebuild job at work. */
export interface Rebuilding {
  readonly pool: Pool;
  /** The connection that goes from the job's beginning to its end; the builds are its session's. */
  readonly client: Client;
  readonly registry: Registry;
  readonly options: RebuildOptions;
}
