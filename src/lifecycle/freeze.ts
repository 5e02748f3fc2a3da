/**
 * Freezes a segment that cannot be kept, or rejects a version that cannot be built. The members of a frozen segment stay as they
 * are, the reason is written, and all other segments go on. `failed` follows an error of Postgres, `invalid` a change of the team's tables.
 */
import type { Issue } from '../condition/issue.ts';
import { bumpGeneration } from '../followed/registry.ts';
import { takeSlot } from '../postgres/lock.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { requestRebuilds } from './request-rebuild.ts';
import { inWorkerTransaction } from './worker-transaction.ts';
import { dropParked, failBuild } from './write-build.ts';
import { markFrozen, markUnbuildable } from './write-segment.ts';
import { markVersionInvalid } from './write-version.ts';

/** What segmentd says of a failure: never a value of a row. */
export type FreezeReason =
  | {
      readonly state: 'failed';
      readonly error: { readonly code: 'failed'; readonly sqlstate: string; readonly message: string };
    }
  | { readonly state: 'invalid'; readonly error: { readonly code: 'drift'; readonly issues: readonly Issue[] } };

const TIMEOUTS = { lockTimeout: 2_000, statementTimeout: 60_000, idleTimeout: 30_000 } as const;

/** Whether trying again under the same catalogue may help: a table may be renamed or hidden for a moment. */
function mayPass(error: FreezeReason['error']): boolean {
  return error.code === 'failed' && error.sqlstate.startsWith('42');
}

/**
 * @param under print of the catalogue under which it failed (followed/fingerprint.ts); null: not known, and it is tried again at once
 * @param cause `live`: the live version failed in a drain, and a build of another version may go on; `build`: the build failed
 */
export async function freezeSegment(
  pool: Pool,
  id: number,
  { state, error }: FreezeReason,
  cause: 'live' | 'build',
  under: string | null = null,
): Promise<void> {
  await inWorkerTransaction(pool, TIMEOUTS, async (client) => {
    await takeSlot(client, id);
    const keepsState = cause === 'live' && (await buildsAnotherVersion(client, id));
    await markFrozen(client, id, state, JSON.stringify(error), { under, mayPass: mayPass(error), keepsState });
    if (!keepsState) {
      await failBuild(client, id);
      await dropParked(client, id);
    }
    await bumpGeneration(client);
  });
}

async function buildsAnotherVersion(client: Client, id: number): Promise<boolean> {
  const { rows } = await client.query<{ another: boolean }>(
    `select b.phase = 'staging' and b.version is distinct from s.live_version as another
     from segmentd_internal.build b join segmentd.segment s on s.id = b.segment_id where b.segment_id = $1`,
    [id],
  );
  return rows[0]?.another === true;
}

/** A version passed the check and cannot be built: the live version goes on, and `error` describes the wanted one. */
export async function rejectUnbuildable(
  pool: Pool,
  id: number,
  version: number,
  error: FreezeReason['error'],
  under: string | null = null,
): Promise<void> {
  await inWorkerTransaction(pool, TIMEOUTS, async (client) => {
    await takeSlot(client, id);
    const described = JSON.stringify({ version, ...error });
    await markVersionInvalid(client, { id, version }, described);
    const frozen = await markUnbuildable(client, id, described, { under, mayPass: mayPass(error) });
    // A live version that was frozen meanwhile has missed changes: it is built again, or fails for good.
    if (frozen) await requestRebuilds(client, [id], 'repair');
    await failBuild(client, id);
    await dropParked(client, id);
    await bumpGeneration(client);
  });
}
