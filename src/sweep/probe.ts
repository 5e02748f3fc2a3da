/**
 * Asks which edges wait for a sweep, for all edges in one statement, whatever that costs. Reads only. What the loop of
 * a worker asks is in prober.ts.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { probeQuery } from '../compile/edge-probe.ts';
import { render } from '../compile/fragment.ts';
import type { Queryable } from '../postgres/pool.ts';
import type { Edge } from '../temporal/edge.ts';

/** One answer. Instants are texts in UTC, so that they sort as they do. */
export interface Probed {
  /** Server time before the snapshot that answered. */
  readonly asked_at: string;
  readonly instant: string;
  /** Ids of edges that wait for a sweep. */
  readonly crossing: readonly number[];
  /** Of the installation, in the same snapshot. */
  readonly generation: string;
  /** Whether overrides have expired. */
  readonly overrides: boolean;
  /** Milliseconds until the next crossing, as far ahead as was asked; null: none is known. */
  readonly due: number | null;
}

/** @param until instant up to which crossings count; default the present */
export async function probeAll(
  client: Queryable,
  catalogue: Catalogue,
  edges: ReadonlyMap<number, Edge>,
  until?: string,
): Promise<Probed> {
  const stored = [...edges].map(([id, edge]) => ({ id, edge }));
  const { text, bind } = render(probeQuery(catalogue, stored));
  return onlyAnswer(await client.query<Probed>(text, bind({ until: until ?? null, ahead: 0 })));
}

export function onlyAnswer({ rows: [row] }: { readonly rows: readonly Probed[] }): Probed {
  if (!row) throw new Error('the probe returned nothing');
  return row;
}
