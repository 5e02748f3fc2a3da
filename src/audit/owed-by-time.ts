/**
 * Whether time alone may explain a difference between stored and recomputed membership. It may when a row of the
 * contact lies between an edge's watermark and the present: then a sweep is still owed, or a drain has used a later
 * instant than the comparison. Pure: it makes SQL.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { crosses, edgeRows, waysOf } from '../compile/edge-crossing.ts';
import { integer, join, param, sql, value, type Fragment } from '../compile/fragment.ts';
import { any } from '../compile/leaf.ts';
import type { VersionPlan } from '../followed/plan.ts';
import type { Edge } from '../temporal/edge.ts';

/** CTE that `owedByTime` refers to; the instant is read in the statement that reads the membership. */
export const PRESENT = sql`present as materialized (select segmentd.instant() as at)`;

/** A condition on `pair` (segment_id, contact_id); param `now` is the instant of the comparison. */
export function owedByTime(catalogue: Catalogue, plans: readonly VersionPlan[]): Fragment {
  const timed = plans.filter((plan) => plan.edges.length > 0);
  if (timed.length === 0) return sql`false`;
  const cases = timed.map(
    (plan) =>
      sql`when ${integer(plan.id)} then ${any(plan.edges.flatMap((edge) => waysOf(catalogue, edge)).map((edge) => owed(catalogue, edge)))}`,
  );
  return sql`case pair.segment_id ${join(cases, sql` `)} else false end`;
}

function owed(catalogue: Catalogue, edge: Edge): Fragment {
  const where = edgeRows(catalogue, edge);
  const span = { from: sql`least(w.watermark, ${param('now', 'timestamptz')})`, to: sql`present.at` };
  return sql`exists (select from segmentd_internal.edge w, present, ${where.from}
    where w.key = ${value(edge.key, 'text')} and ${where.contact} = pair.contact_id and ${crosses(edge, where, span)})`;
}
