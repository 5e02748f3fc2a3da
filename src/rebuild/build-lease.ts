/**
 * The leases of builds that one builder runs. A renewal is the epoch fence too: a build whose epoch moved is no longer
 * held, and what was staged for it is never read. It must run outside of the transactions that hold a slot.
 */
import { Lease } from '../base/lease.ts';
import type { Client } from '../postgres/pool.ts';
import { AT_ONCE, retryLocked } from '../postgres/retry-locked.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { LEASE_SECONDS, TIMEOUTS, type Build } from './build.ts';

/** @param done contacts that are staged so far, for a caller that watches the build; null: as before */
export function leaseOf(held: readonly Build[], client: () => Client, done: () => number | null): Lease<Build> {
  return new Lease({
    held,
    seconds: LEASE_SECONDS,
    renew: (builds, seconds) => renewBuilds(client(), builds, seconds, done()),
  });
}

/** While another builder of a segment flips it, the flip holds the row; afterwards the epoch says whose build it is. */
async function renewBuilds(
  client: Client,
  builds: readonly Build[],
  seconds: number,
  done: number | null,
): Promise<readonly Build[]> {
  const ids = builds.map((build) => build.id);
  const epochs = builds.map((build) => build.epoch);
  const renew = () =>
    inTransaction(client, TIMEOUTS.own, () =>
      client.query<{ segment_id: number }>({ ...statement('build-renew'), values: [ids, epochs, seconds, done] }),
    );
  const { rows } = await retryLocked(renew, { patience: Infinity, pause: AT_ONCE });
  const mine = new Set(rows.map((row) => row.segment_id));
  return builds.filter((build) => mine.has(build.id));
}
