/** What the parts of a `wait` share: where it asks, for which segments, and for how long. It must not wait by itself. */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { CatalogueBehind } from '../followed/catalogue-behind.ts';
import type { Registry, RegistryView } from '../followed/registry.ts';
import type { Queryable } from '../postgres/pool.ts';
import type { Patience } from './patience.ts';

export interface WaitScope {
  readonly pool: Queryable;
  /** Keys of the segments that count; null: all. */
  readonly keys: readonly string[] | null;
  readonly patience: Patience;
  /** Absent: a worker's heartbeat says what has crossed. */
  readonly catalogue: Catalogue | undefined;
  /** Reads the catalogue anew. */
  readonly reload: (() => Promise<Catalogue>) | undefined;
}

/** Undefined while the catalogue that we know does not fit the segments: a worker freezes in a moment what does not fit. */
export async function followedView({ pool, reload }: WaitScope, registry: Registry): Promise<RegistryView | undefined> {
  try {
    return await registry.current(pool);
  } catch (error) {
    if (!(error instanceof CatalogueBehind)) throw error;
    if (error.segments.length === 0 && reload) registry.replaceCatalogue(await reload());
    return undefined;
  }
}
