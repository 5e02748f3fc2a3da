/**
 * The session lock of migrate, install and uninstall: one of them runs at a time, in all processes. Its errors are
 * explained (explain-ddl.ts). A connection that broke is closed, never given back to the pool.
 */
import { Failure, sqlState } from '../base/error.ts';
import { underSetupLock } from './advisory-lock.ts';
import { explainDdl } from './explain-ddl.ts';
import type { Client, Pool } from './pool.ts';

/** Runs `fn` under the setup lock, on a connection of its own. */
export async function withSetupLock<T>(pool: Pool, fn: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    return await underSetupLock(client, () => fn(client));
  } catch (error) {
    // An error that is neither ours nor Postgres' own may mean a broken connection.
    if (sqlState(error) === undefined && !(error instanceof Failure))
      broken = error instanceof Error ? error : new Error(String(error));
    throw broken ? error : await explainDdl(client, error);
  } finally {
    client.release(broken);
  }
}
