/**
 * Everything that callers asked of segments and that needs no build: versions are accepted or rejected, requests
 * (pause, archive, delete) are carried out, and versions that other segments stood in the way of are proposed again.
 * Invariant: a version that the worker's catalogue rejects is validated once more under the catalogue of now, for the
 * worker's may be old.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { readGeneration, type Registry } from '../followed/registry.ts';
import { acceptVersions } from '../lifecycle/accept.ts';
import { carryOutRequests } from '../lifecycle/carry-out.ts';
import { revalidate, revalidateRequested } from '../lifecycle/revalidate.ts';
import { proposeUnblocked } from '../lifecycle/propose-unblocked.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Signals } from './signal.ts';

export class Validator {
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #signals: Pick<Signals, 'rereadCatalogue'>;
  /** Generation at the last look for versions that other segments stood in the way of. */
  #unblockedAt: string | undefined;

  constructor(pool: Pool, registry: Registry, signals: Pick<Signals, 'rereadCatalogue'>) {
    this.#pool = pool;
    this.#registry = registry;
    this.#signals = signals;
  }

  /** @throws {CatalogueBehind} when the segments are ahead of the worker's catalogue; then all of it is to be done again */
  async validate(): Promise<void> {
    await revalidateRequested(this.#pool, () => this.#reread());
    await this.#accept();
    await carryOutRequests(this.#pool, this.#registry);
    if (await this.#unblock()) await this.#accept();
  }

  async #accept(): Promise<void> {
    let under = this.#registry.catalogue;
    await acceptVersions(this.#pool, under, async () => (under = await this.#reread()));
    // The catalogue was replaced meanwhile: versions rejected under the old catalogue are validated again.
    if (under !== this.#registry.catalogue) await revalidate(this.#pool, this.#registry.catalogue);
  }

  /** Returns whether versions were proposed again. Whatever changes what others read makes another generation. */
  async #unblock(): Promise<boolean> {
    const generation = await readGeneration(this.#pool);
    if (generation === this.#unblockedAt) return false;
    this.#unblockedAt = generation;
    return (await proposeUnblocked(this.#pool, this.#registry.catalogue)) > 0;
  }

  async #reread(): Promise<Catalogue> {
    await this.#signals.rereadCatalogue();
    return this.#registry.catalogue;
  }
}
