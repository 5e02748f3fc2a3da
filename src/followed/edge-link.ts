/**
 * Which versions of segments use which edges. Only the barrier of a build adds edges and links, and only the flip and a request delete the
 * links of other versions. Invariant: while a version is live or being built, its edges exist and are linked, so each crossing
 * finds the segments that it concerns.
 */
import { holdClock } from '../postgres/clock.ts';
import type { Client } from '../postgres/pool.ts';
import { definitionOf, type Edge } from '../temporal/edge.ts';
import type { VersionPlan } from './plan.ts';

export interface EdgeLink {
  readonly edge_id: number;
  readonly key: string;
  readonly segment_id: number;
  readonly version: number;
}

export const EDGES = `
  select l.edge_id, e.key, l.segment_id, l.version
  from segmentd_internal.segment_edge l join segmentd_internal.edge e on e.id = l.edge_id
  order by l.edge_id, l.segment_id`;

export interface FollowedEdges {
  /** The edges to sweep, by id. */
  readonly byId: ReadonlyMap<number, Edge>;
  /** Edge → the segments that a crossing concerns, live or building, ascending. */
  readonly segments: ReadonlyMap<number, readonly number[]>;
  /**
   * Segments whose live version has an edge without a link: their members are older than the edge (an older release, another config).
   * They need a rebuild.
   */
  readonly unlinked: readonly number[];
}

interface Followed {
  readonly id: number;
  readonly live?: VersionPlan;
  readonly building?: { readonly plan: VersionPlan };
}

export function followedEdges(entries: readonly Followed[], links: readonly EdgeLink[]): FollowedEdges {
  const idOfKey = new Map(links.map((link) => [link.key, link.edge_id]));
  const byId = new Map<number, Edge>();
  const followed = new Set<number>();
  const live = new Map<string, number>();
  for (const entry of entries) {
    for (const plan of [entry.live, entry.building?.plan]) {
      if (!plan) continue;
      followed.add(entry.id);
      for (const edge of plan.edges) {
        const id = idOfKey.get(edge.key);
        if (id !== undefined) byId.set(id, edge);
      }
    }
    for (const edge of entry.live?.edges ?? []) live.set(`${entry.id} ${entry.live?.version} ${edge.key}`, entry.id);
  }
  const segments = new Map<number, Set<number>>();
  for (const { edge_id, segment_id, version, key } of links) {
    live.delete(`${segment_id} ${version} ${key}`);
    if (!followed.has(segment_id)) continue;
    segments.set(edge_id, (segments.get(edge_id) ?? new Set()).add(segment_id));
  }
  return {
    byId,
    segments: new Map([...segments].map(([id, own]) => [id, [...own].toSorted((a, b) => a - b)])),
    unlinked: [...new Set(live.values())],
  };
}

const FIND = 'select e.id from segmentd_internal.edge e where e.key = any ($1::text[]) order by e.key for key share';

const ADD = `
  insert into segmentd_internal.edge (key, source, definition, watermark)
  select wanted.key, so.id, wanted.definition, c.high
  from unnest($1::text[], $2::text[], $3::jsonb[]) as wanted(key, source, definition)
  join segmentd_internal.source so on so.key = wanted.source
  cross join segmentd_internal.clock c
  where not exists (select from segmentd_internal.edge e where e.key = wanted.key)
  order by wanted.key
  on conflict (key) do nothing`;

const LINK = `
  insert into segmentd_internal.segment_edge (segment_id, version, edge_id)
  select $1, $2, used.id from unnest($3::int[]) as used(id)
  on conflict do nothing`;

/**
 * Part of a barrier: adds missing edges, with the last raised instant as their watermark, and the plan's links. It locks existing
 * edges only against deletion, so it waits for no sweep. Two barriers that add the same edges do it in one order.
 */
export async function openEdges(client: Client, plan: VersionPlan): Promise<void> {
  const { edges } = plan;
  if (edges.length === 0) return;
  await holdClock(client);
  const keys = edges.map((edge) => edge.key);
  for (;;) {
    const { rows } = await client.query<{ id: number }>(FIND, [keys]);
    if (rows.length === keys.length) {
      await client.query(LINK, [plan.id, plan.version, rows.map((row) => row.id)]);
      return;
    }
    const added = await client.query(ADD, [
      keys,
      edges.map((edge) => edge.source),
      edges.map((edge) => JSON.stringify(definitionOf(edge))),
    ]);
    // Another barrier may have added them meanwhile; but they cannot be missing twice.
    if (added.rowCount === 0 && (await client.query(FIND, [keys])).rowCount !== keys.length) {
      throw new Error(`the sources of segment ${plan.id} are not captured`);
    }
  }
}
