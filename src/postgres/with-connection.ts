/**
 * One connection for work that takes longer. A connection that broke, or whose work failed, never returns to the pool.
 */
import type { Client, Pool } from './pool.ts';

export interface ConnectionOptions {
  /** Close it afterwards in any case: its settings, locks and prepared statements must not reach other work. */
  readonly ends?: boolean;
}

/**
 * Runs `work` on a connection of the pool. Closes the connection when it broke or the work failed; releases it
 * otherwise.
 */
export async function withConnection<T>(
  pool: Pool,
  work: (client: Client) => Promise<T>,
  options: ConnectionOptions = {},
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  try {
    const result = await work(client);
    if (options.ends === true) broken ??= new Error('this connection ends with its work');
    return result;
  } catch (error) {
    broken ??= error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.removeListener('error', onError);
    client.release(broken);
  }
}
