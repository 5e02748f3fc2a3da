/**
 * What follows for segments when the catalogue or the team's tables have changed. The catalogue watch of a worker
 * notices, and calls these. Invariant: segments are frozen, and rebuilds requested, before any drain evaluates under
 * the new catalogue. A plan that disappeared from a live segment would lose the segment's work.
 */
import { acceptDrift, findUnreportedLocked } from '../capture/drift.ts';
import type { Drift } from '../capture/table-drift.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { sourcesRead } from '../followed/plan.ts';
import type { Registry, RegistryView } from '../followed/registry.ts';
import type { Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { requestDiffering, requestRebuilds } from './request-rebuild.ts';
import { revalidate } from './revalidate.ts';

/**
 * Validates what is stored under another catalogue, and then lets the worker evaluate under it. Returns the keys of the
 * segments that are rebuilt.
 */
export async function adoptCatalogue(pool: Pool, registry: Registry, catalogue: Catalogue): Promise<readonly string[]> {
  const rebuilt = await revalidate(pool, catalogue);
  registry.replaceCatalogue(catalogue);
  return rebuilt;
}

/** Requests a rebuild of each live version that another worker built under an older catalogue, before a drain finds it. */
export async function requestRebuildsBehind(pool: Pool, { segments }: RegistryView): Promise<void> {
  await requestDiffering(
    pool,
    new Map([...segments.values()].flatMap(({ id, differs }) => (differs === undefined ? [] : [[id, differs]]))),
  );
}

/**
 * Requests a rebuild of each segment that reads a source in which no trigger saw a change. Requests and the new
 * fingerprint of the source are one transaction: what drifts later is found by the next look. Returns the drift.
 */
export async function rebuildDrifted(pool: Pool, registry: Registry): Promise<readonly Drift[]> {
  return inTransaction(pool, { lockTimeout: 2_000 }, async (client) => {
    const drift = await findUnreportedLocked(client, registry.catalogue);
    if (drift.length === 0) return drift;
    const { segments, catalogue } = await registry.current(client);
    const sources = [...new Set(drift.map((one) => one.source))];
    const readers = [...segments.values()].filter(({ live, building }) =>
      [live, building?.plan].some(
        (plan) => plan !== undefined && sources.some((source) => sourcesRead(catalogue, plan).has(source)),
      ),
    );
    await requestRebuilds(
      client,
      readers.map(({ id }) => id),
      'repair',
    );
    await acceptDrift(client, catalogue, sources);
    return drift;
  });
}
