/**
 * Takes capture off the team's tables: triggers and their functions. The team's data is as before; segmentd's own schema
 * stays unless it is purged, which removes every segment, member and event. Idempotent.
 */
import type { Pool } from '../postgres/pool.ts';
import { applyStep } from './apply.ts';
import { withSetupLock } from './install.ts';
import { planRemoval } from './plan.ts';

export interface UninstallOptions {
  /** Also drop the schema segmentd with everything in it, and that of the queue. */
  readonly purge?: boolean;
  /** Milliseconds to keep trying for the lock of one table, 60,000 by default. */
  readonly patience?: number;
}

export async function uninstall(pool: Pool, options: UninstallOptions = {}): Promise<void> {
  await withSetupLock(pool, async (client) => {
    const { rows } = await client.query<{ present: boolean }>(`select to_regclass('segmentd.source') is not null as present`);
    if (rows[0]?.present === true) {
      for (const step of await planRemoval(client, [])) await applyStep(client, step, options.patience ?? 60_000);
    }
    if (options.purge) await client.query('drop schema if exists segmentd, segmentd_queue cascade');
  });
}
