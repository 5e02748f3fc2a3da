/** Waits until everything that committed before the call is visible in membership: `admin.wait`, and exports with `fresh`. */
import { readPublication } from '../catalogue/published-catalogue.ts';
import { waitUntilVisible, type Waited } from '../worker/wait.ts';
import type { Connection } from './connection.ts';

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

/** @throws {Failure} `failed` after the timeout, or on a standby; `not-found` */
export async function waitVisible(connection: Connection, options: WaitOptions): Promise<Waited> {
  const { key, timeout = 30_000, standing = false, acceptLate } = options;
  const pool = await connection.pool();
  const reload = async () => (await connection.fitting({ fresh: true })).catalogue;
  const known = (await readPublication(pool)) === undefined ? {} : { catalogue: await reload(), reload };
  return waitUntilVisible(pool, {
    timeoutMs: timeout,
    standing,
    ...known,
    ...(key === undefined ? {} : { key }),
    ...(acceptLate === undefined ? {} : { acceptLate }),
  });
}
