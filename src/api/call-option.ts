/** The options of the API's calls that no lower layer has. Types only. */
import type { Log } from '../base/log.ts';
import type { ConfigInput } from '../catalogue/config.ts';
import type { ExportOptions as Exported } from '../export/check-request.ts';
import type { Pool, Queryable } from '../postgres/pool.ts';
import type { LateWindow } from '../worker/wait-time.ts';

export interface SegmentdOptions {
  /** Either this or `pool`. */
  readonly databaseUrl?: string | undefined;
  /** Stays the caller's: `close` does not end it, and its connections keep the settings that they had. */
  readonly pool?: Pool;
  /** Most connections of the pool opened for `databaseUrl`; default: `poolSize` of the option table. */
  readonly poolSize?: number;
  /** The name of its sessions in `pg_stat_activity`; default `segmentd api`. */
  readonly applicationName?: string;
  /** Queue of rebuilds on Redis; without it the queue lives in Postgres. Only the worker and `health` use it. */
  readonly redisUrl?: string | undefined;
  /** Path of the config file, or its content: what `install` publishes. Everything else follows the published catalogue. */
  readonly config?: string | ConfigInput;
  /** What to call `config` in messages; default: the name of its file. */
  readonly configName?: string;
  readonly log?: Log;
  /** Ends an attempt to connect when it aborts, however long the server is silent. */
  readonly signal?: AbortSignal;
  /** Gets one sentence, once, when `config` differs from the published catalogue; default: a warning in the log. */
  readonly onConfigDiffers?: (sentence: string) => void;
}

export interface WriteOptions {
  /** The caller's transaction: what is written becomes wanted when that commits. Its settings are the same afterwards. */
  readonly client?: Queryable;
}

export interface WaitOptions {
  /** Also waits until this segment's wanted version is live. */
  readonly key?: string;
  /** Milliseconds; default 30,000. */
  readonly timeout?: number;
  /** A segment that will not become live by itself (paused, held, invalid, failed) counts as it stands. */
  readonly standing?: boolean;
  /** Windows on fields without a usable index may be late; default: without a key, or with `standing`. */
  readonly acceptLate?: boolean;
}

export interface MemberPage {
  readonly limit?: number;
  /** The last key of the page before. */
  readonly after?: string;
}

/** A page of members with columns of their contacts, as in an export: fields, `orders.count`, `orders.sum:total`. */
export interface MemberPageWithColumns extends MemberPage {
  readonly columns: readonly string[];
}

export interface ExportOptions extends Exported {
  /**
   * Milliseconds to wait, at most, until everything that committed before the call is in. A segment that will not follow by itself
   * (paused, held, invalid, failed) is exported as it stands: `state` and `version` of the manifest say so.
   */
  readonly fresh?: number;
  /** With `fresh`: gets the windows on fields without a usable index that are late. They do not stop the export. */
  readonly onLate?: (late: readonly LateWindow[]) => void;
}
