/** Waits until everything that committed before the call is visible in membership: `admin.wait`, and exports with `fresh`. */
import { CALL_DEFAULTS, parseDuration } from '../base/option.ts';
import { readPublication } from '../catalogue/published-catalogue.ts';
import { waitUntilVisible, type Waited } from '../worker/wait.ts';
import type { Connection } from './connection.ts';
import type { WaitOptions } from './call-option.ts';

/** @throws {Failure} `failed` after the timeout, or on a standby; `not-found` */
export async function waitVisible(connection: Connection, options: WaitOptions): Promise<Waited> {
  const { key, timeout = parseDuration(CALL_DEFAULTS.waitTimeout), standing = false, acceptLate } = options;
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
