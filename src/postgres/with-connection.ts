/** One connection for a longer work: whoever has it hears when it breaks, and nobody gets it afterwards in a state he does not know. */
import type { Client, Pool } from './pool.ts';

export interface ConnectionOptions {
  /** Close it afterwards in any case: its settings, locks and prepared statements are not for others. */
  readonly ends?: boolean;
}

/** Runs `work` on a connection of the pool. One that broke, or whose work failed, is closed instead of given back. */
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
