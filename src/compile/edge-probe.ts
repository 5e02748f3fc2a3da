/**
 * One read-only query for many edges at once: does any row wait to cross? Edges of one field share a scan of their list,
 * each a descent of the field's index. Asks only for a row's existence, not for its contact.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { isDaily, type Edge } from '../temporal/edge.ts';
import { edgeRows, offsetOf, rollingCrosses, wallRange } from './edge-crossing.ts';
import { empty, integer, join, list, param, sql, value, type Fragment } from './fragment.ts';

export interface StoredEdge {
  readonly id: number;
  readonly edge: Edge;
}

/** The group of edges that look at whole days, whatever their column. */
export const DAILY = 'daily';

/** Edges that one index of one column serves. */
export function probeGroup({ source, column, past, path, reading, type, boundary, zone }: Edge): string {
  const daily = isDaily({ source, column, type, boundary });
  return daily
    ? DAILY
    : JSON.stringify([source, column, past ?? null, path ?? null, reading ?? null, type, zone ?? null]);
}

/**
 * A watermark older than this moves although no row crossed. So spans stay short: a zone's clock that ran back in a span
 * shows it, and no index scan passes over a day's dead rows.
 */
const STALE = sql`interval '6 hours'`;

/**
 * One row: asked_at, instant (text), crossing int[] (ids), generation (of the registry), overrides (an override that holds
 * until an instant has expired). Param `until` (timestamptz or null): the instant to ask for, by default the present.
 * `asked_at` is older than the snapshot that answers.
 */
export function probeQuery(catalogue: Catalogue, edges: readonly StoredEdge[]): Fragment {
  const groups = new Map<string, StoredEdge[]>();
  for (const stored of edges) {
    const group = probeGroup(stored.edge);
    groups.set(group, [...(groups.get(group) ?? []), stored]);
  }
  const arms = [...groups].map(([group, members]) =>
    group === DAILY ? dailyArm(members) : rollingArm(catalogue, members),
  );
  const ids = list(
    edges.map(({ id }) => String(id)),
    'int',
  );
  const stale = sql`select w.id from segmentd_internal.edge w cross join clock where w.id = any (${ids}) and w.watermark < clock.at - ${STALE}`;
  return sql`with clock as materialized (select coalesce(${param('until', 'timestamptz')}, segmentd.instant()) as at),
crossing as (
  ${join(
    [...arms, stale],
    sql`
  union
  `,
  )}
)
select statement_timestamp()::text as asked_at, clock.at::text as instant, array(select c.id from crossing c) as crossing,
  (select i.generation::text from segmentd_internal.installation i) as generation,
  exists (select from segmentd.override w where w.expires_at <= clock.at) as overrides
from clock`;
}

/** The list of the group's edges with their watermarks: `p.from`, `p.until`, `p.away`, `p.zone`. */
function listed(members: readonly StoredEdge[]): Fragment {
  const rows = members.map(
    ({ id, edge }) =>
      sql`(${integer(id)}, ${offsetOf(edge)}, ${edge.zone === undefined ? sql`null` : value(edge.zone, 'text')})`,
  );
  return sql`(values ${join(rows, sql`, `)}) as p(id, away, zone) join segmentd_internal.edge w on w.id = p.id cross join clock`;
}

const SPAN = { from: sql`w.watermark`, to: sql`clock.at` };
const AWAY = sql`p.away`;

function rollingArm(catalogue: Catalogue, members: readonly StoredEdge[]): Fragment {
  const [first] = members;
  if (!first) return empty;
  const { rows, scalar } = edgeRows(catalogue, first.edge);
  const crosses = rollingCrosses(scalar, first.edge.zone, SPAN, AWAY);
  // In order of the value: the planner then takes the index however many rows it expects between the bounds.
  return sql`select p.id from ${listed(members)} cross join lateral (
    select from ${rows} where ${crosses} order by ${scalar.value} limit 1) as found
  where w.watermark < clock.at`;
}

/** Reads no row of the team's: an edge of whole days crosses when the local date moves, and is swept then. */
function dailyArm(members: readonly StoredEdge[]): Fragment {
  const { low, high } = wallRange(SPAN, sql`p.zone`, AWAY);
  return sql`select p.id from ${listed(members)} where w.watermark < clock.at and ${low}::date <> ${high}::date`;
}
