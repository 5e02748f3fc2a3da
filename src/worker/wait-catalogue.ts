/**
 * Waits until no member was built under another catalogue than that of now, whether or not a worker has noticed yet.
 * Another catalogue that is published meanwhile is read.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { CatalogueBehind, Registry, type RegistryView } from '../followed/registry.ts';
import type { Patience } from './patience.ts';

/** Reads the catalogue anew. */
export type Reload = () => Promise<Catalogue>;

/** @param keys of the segments that count; null: all */
export async function untilBuiltUnder(
  pool: Queryable,
  keys: readonly string[] | null,
  patience: Patience,
  catalogue: Catalogue,
  reload: Reload | undefined,
): Promise<void> {
  const registry = new Registry(catalogue);
  patience.again();
  /** Segments that differ at the first look, by the version that does: what differs later is not of this call. */
  let first: ReadonlyMap<number, number> | undefined;
  for (;;) {
    const current = await followed(pool, registry, reload);
    if (current) {
      const differing = [...current.segments.values()].filter(
        ({ key, differs }) => differs !== undefined && (keys === null || keys.includes(key)),
      );
      first ??= new Map(differing.map(({ id, live }) => [id, live?.version ?? 0]));
      if (!differing.some(({ id, live }) => first?.get(id) === live?.version)) return;
    }
    await patience.pause();
  }
}

/** Undefined while the catalogue that we know does not fit the segments: a worker freezes in a moment what does not fit. */
export async function followed(
  pool: Queryable,
  registry: Registry,
  reload: Reload | undefined,
): Promise<RegistryView | undefined> {
  try {
    return await registry.current(pool);
  } catch (error) {
    if (!(error instanceof CatalogueBehind)) throw error;
    if (error.segments.length === 0 && reload) registry.replaceCatalogue(await reload());
    return undefined;
  }
}
