/**
 * Rule S of PROTOCOL.md.
 * Notices that the published catalogue or the team's tables have changed: after a statement that failed with SQLSTATE
 * 42…, when the registry finds that others work under another catalogue, and every few seconds. It reads the catalogue
 * and compares; lifecycle/follow-catalogue.ts acts. Invariant: the registry gets a catalogue only after lifecycle/ has
 * acted on it.
 */
import { findDrift } from '../capture/drift.ts';
import type { Drift } from '../capture/table-drift.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { caughtUp, type CatalogueSignals } from '../followed/catalogue-signal.ts';
import { cataloguePrint } from '../followed/fingerprint.ts';
import type { Registry, RegistryView } from '../followed/registry.ts';
import { adoptCatalogue, rebuildDrifted, requestRebuildsBehind } from '../lifecycle/follow-catalogue.ts';
import { revalidate, revalidateUnsettled } from '../lifecycle/revalidate.ts';
import type { Pool } from '../postgres/pool.ts';

export interface CatalogueChange {
  /** `install` published another catalogue; otherwise the team's tables changed. */
  readonly published: boolean;
  /** Keys of the segments that are rebuilt, because their members were built under another catalogue. */
  readonly rebuilt: readonly string[];
}

export class CatalogueWatch implements CatalogueSignals {
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #load: () => Promise<Catalogue>;
  readonly #onChange: (change: CatalogueChange) => void;
  #reading: Promise<boolean> | undefined;

  /**
   * @param load reads the newest catalogue, held against the tables of now @param onChange hears of each catalogue that
   * is new
   */
  constructor(
    pool: Pool,
    registry: Registry,
    load: () => Promise<Catalogue>,
    onChange: (change: CatalogueChange) => void,
  ) {
    this.#pool = pool;
    this.#registry = registry;
    this.#load = load;
    this.#onChange = onChange;
  }

  /** Returns whether the catalogue changed. One reading at a time: a call meanwhile shares it. */
  refresh(): Promise<boolean> {
    this.#reading ??= this.#refresh().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async hasCatalogueChanged(under: Catalogue): Promise<boolean> {
    await this.refresh();
    return this.#registry.catalogue !== under;
  }

  /** Either our catalogue is old, or segments are to be frozen or built again. */
  async catchUp(): Promise<void> {
    const found = this.#registry.differing;
    // A reading that began earlier may be as old as what was found.
    await this.#reading?.catch(() => false);
    if (!(await this.refresh())) await revalidate(this.#pool, this.#registry.catalogue);
    this.#registry.confirm(found);
  }

  /**
   * The slow look, for what no signal and no trigger says: a catalogue that was published, a live version that another
   * worker built under an older one, a partition attached, a table rewritten, a trigger disabled. Returns the drift
   * that is new.
   */
  async inspect(): Promise<readonly Drift[]> {
    const changed = await this.refresh();
    const { catalogue } = this.#registry;
    if (!changed) await revalidateUnsettled(this.#pool, catalogue);
    await requestRebuildsBehind(this.#pool, await this.#current());
    return (await findDrift(this.#pool, catalogue)).length > 0 ? rebuildDrifted(this.#pool, this.#registry) : [];
  }

  async #current(): Promise<RegistryView> {
    return caughtUp(this, () => this.#registry.current(this.#pool));
  }

  async #refresh(): Promise<boolean> {
    const catalogue = await this.#load();
    const before = this.#registry.catalogue;
    if (catalogue.publication === before.publication && cataloguePrint(catalogue) === cataloguePrint(before))
      return false;
    const rebuilt = await adoptCatalogue(this.#pool, this.#registry, catalogue);
    this.#onChange({ published: catalogue.publication !== before.publication, rebuilt });
    return true;
  }
}
