/**
 * One read-only query for many edges at once: does any row wait to cross, and when does the next one? Edges of one field
 * share a scan of their list, each a descent of the field's index, which finds the first row that has crossed or will soon.
 * Asks for that row's value only, not for its contact.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { isDaily, type Edge } from '../temporal/edge.ts';
import { edgeRows, offsetOf, rollingBounds, wallRange } from './edge-crossing.ts';
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
 * until an instant has expired), due (milliseconds until the first row, or override, of those to come crosses; null: none
 * does within `ahead`, or rows that have crossed stand before it). Params `until` (timestamptz or null): the instant to ask
 * for, by default the present; `ahead` (milliseconds): how far `due` looks. `asked_at` is older than the snapshot that
 * answers.
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
  const stale = sql`select w.id, interval '0' from segmentd_internal.edge w cross join clock where w.id = any (${ids}) and w.watermark < clock.at - ${STALE}`;
  const override = sql`select null::int, (select min(w.expires_at) from segmentd.override w where w.expires_at <= clock.ahead) - clock.at from clock`;
  // A clock that was set back stands still until the time it had reached comes again: nothing is due before.
  return sql`with clock as materialized (
  select at, at + ${param('ahead', 'double precision')} * interval '1 millisecond' as ahead, at - segmentd_internal.clock() as early
  from (select coalesce(${param('until', 'timestamptz')}, segmentd.instant()) as at) as now
),
found (id, due) as materialized (
  ${join(
    [...arms, stale, override],
    sql`
  union all
  `,
  )}
)
select statement_timestamp()::text as asked_at, clock.at::text as instant,
  array(select distinct f.id from found f where f.id is not null and f.due <= interval '0') as crossing,
  (select i.generation::text from segmentd_internal.installation i) as generation,
  exists (select from found f where f.id is null and f.due <= interval '0') as overrides,
  (select extract(epoch from min(f.due) + clock.early)::double precision * 1000 from found f where f.due > interval '0') as due
from clock`;
}

/** The list of the group's edges with their watermarks: `p.id`, `p.away`, `p.zone`, `w.watermark`. */
function listed(members: readonly StoredEdge[]): Fragment {
  const rows = members.map(
    ({ id, edge }) =>
      sql`(${integer(id)}, ${offsetOf(edge)}, ${edge.zone === undefined ? sql`null` : value(edge.zone, 'text')})`,
  );
  return sql`(values ${join(rows, sql`, `)}) as p(id, away, zone) join segmentd_internal.edge w on w.id = p.id cross join clock`;
}

const SPAN = { from: sql`w.watermark`, to: sql`clock.at` };
const COMING = { from: sql`clock.at`, to: sql`clock.ahead` };
const AWAY = sql`p.away`;

/** `due` is how much later than the present the first row crosses: not positive when it has. */
function rollingArm(catalogue: Catalogue, members: readonly StoredEdge[]): Fragment {
  const [first] = members;
  if (!first) return empty;
  const { rows, scalar } = edgeRows(catalogue, first.edge);
  const { low, high } = rollingBounds(scalar, first.edge.zone, SPAN, AWAY);
  const { high: soon } = rollingBounds(scalar, first.edge.zone, COMING, AWAY);
  // In order of the value: the planner then takes the index however many rows it expects between the bounds.
  return sql`select p.id, found.value - (${high}) from ${listed(members)} cross join lateral (
    select ${scalar.value} as value from ${rows} where ${scalar.value} > ${low} and ${scalar.value} <= greatest(${high}, ${soon})
    order by ${scalar.value} limit 1) as found
  where w.watermark < clock.ahead`;
}

/** Reads no row of the team's: an edge of whole days crosses when the local date moves, and is swept then. */
function dailyArm(members: readonly StoredEdge[]): Fragment {
  const { low, high } = wallRange(SPAN, sql`p.zone`, AWAY);
  const { high: soon } = wallRange(COMING, sql`p.zone`, AWAY);
  return sql`select p.id, case when w.watermark < clock.at and ${low}::date <> ${high}::date then interval '0'
    when ${soon}::date > ${high} then ${soon}::date - ${high} end
  from ${listed(members)} where w.watermark < clock.ahead`;
}
