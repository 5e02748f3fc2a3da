/**
 * Keeps a worker's catalogue true while the team changes its tables and publishes others. It is read again when a statement
 * fails with 42xxx, when the registry finds that others work under another one, and every few seconds. What is stored is
 * held against it each time (revalidate.ts). Segments are frozen, and rebuilds owed, before the drains use a new catalogue: a
 * plan that is gone from a live segment would lose its work.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { acceptDrift, findDrift, findUnreportedLocked } from '../capture/drift.ts';
import type { Drift } from '../capture/table-drift.ts';
import type { Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { cataloguePrint } from '../followed/fingerprint.ts';
import { requestDiffering } from '../lifecycle/request-rebuild.ts';
import { sourcesRead } from '../followed/plan.ts';
import { CatalogueBehind, type Registry, type RegistryView } from '../followed/registry.ts';
import { revalidate, revalidateUnsettled } from '../lifecycle/revalidate.ts';

export class CatalogueWatch {
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #load: () => Promise<Catalogue>;
  readonly #onChange: () => void;
  #reading: Promise<boolean> | undefined;

  constructor(pool: Pool, registry: Registry, load: () => Promise<Catalogue>, onChange: () => void) {
    this.#pool = pool;
    this.#registry = registry;
    this.#load = load;
    this.#onChange = onChange;
  }

  /** True when the catalogue changed. One reading at a time; whoever asks meanwhile shares it. */
  refresh(): Promise<boolean> {
    this.#reading ??= this.#refresh().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Whether a statement that was compiled under a catalogue may have failed for that: today's is another, whoever read it first. */
  async explains(under: Catalogue): Promise<boolean> {
    await this.refresh();
    return this.#registry.catalogue !== under;
  }

  /** The registry met what our catalogue does not fit: either it is old, or segments are to be frozen or built again. */
  async mend(): Promise<void> {
    const met = this.#registry.differing;
    // A reading that began before may be as old as what was met.
    await this.#reading?.catch(() => false);
    if (!(await this.refresh())) await revalidate(this.#pool, this.#registry.catalogue);
    this.#registry.confirm(met);
  }

  /** The slow look: the catalogue, and what no trigger can tell (a partition attached, a table rewritten, a trigger disabled). */
  async inspect(): Promise<readonly Drift[]> {
    const changed = await this.refresh();
    const catalogue = this.#registry.catalogue;
    if (!changed) await revalidateUnsettled(this.#pool, catalogue);
    await this.#owe();
    return (await findDrift(this.#pool, catalogue)).length > 0 ? this.#rebuildReaders() : [];
  }

  /** What another worker built under an older catalogue, and a drain has not met yet. */
  async #owe(): Promise<void> {
    const { segments } = await this.#current();
    await requestDiffering(
      this.#pool,
      new Map([...segments.values()].flatMap(({ id, differs }) => (differs === undefined ? [] : [[id, differs]]))),
    );
  }

  async #current(): Promise<RegistryView> {
    try {
      return await this.#registry.current(this.#pool);
    } catch (error) {
      if (!(error instanceof CatalogueBehind)) throw error;
      await this.mend();
      return this.#registry.current(this.#pool);
    }
  }

  /** Requests and the new fingerprint in one transaction: whatever drifts later is seen by the next look. */
  async #rebuildReaders(): Promise<readonly Drift[]> {
    return inTransaction(this.#pool, { lockTimeout: 2_000 }, async (client) => {
      const drift = await findUnreportedLocked(client, this.#registry.catalogue);
      if (drift.length === 0) return drift;
      const { segments, catalogue } = await this.#registry.current(client);
      const sources = [...new Set(drift.map((one) => one.source))];
      const readers = [...segments.values()].filter(({ live, building }) =>
        [live, building?.plan].some(
          (plan) => plan !== undefined && sources.some((source) => sourcesRead(catalogue, plan).has(source)),
        ),
      );
      await client.query(
        `insert into segmentd.rebuild_request (segment_id, reason) select unnest($1::int[]), 'repair'`,
        [readers.map(({ id }) => id)],
      );
      await acceptDrift(client, catalogue, sources);
      return drift;
    });
  }

  async #refresh(): Promise<boolean> {
    const catalogue = await this.#load();
    const before = this.#registry.catalogue;
    if (catalogue.publication === before.publication && cataloguePrint(catalogue) === cataloguePrint(before))
      return false;
    await revalidate(this.#pool, catalogue);
    this.#registry.replaceCatalogue(catalogue);
    this.#onChange();
    return true;
  }
}
