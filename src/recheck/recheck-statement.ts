/**
 * The statement that evaluates a set of segments for any contacts and writes the differences. Compiled per set of
 * plans, and kept prepared on the connection. Invariant: only pairs that were asked for are written, though verdicts
 * are of all segments of the set.
 */
import { list, param, render, sql, type Fragment, type Statement } from '../compile/fragment.ts';
import { recheckQuery } from '../compile/statement.ts';
import type { VersionPlan } from '../followed/plan.ts';
import type { RegistryView } from '../followed/registry.ts';
import { writeDifference } from '../membership/diff.ts';

/** The same key means the same text. */
export function statementKey(view: RegistryView, plans: readonly VersionPlan[]): string {
  return `${view.catalogueEpoch}: ${plans.map((plan) => `${plan.id}.${plan.version}${plan.overrides ? 'w' : ''}`).join(' ')}`;
}

export function recheckStatement(view: RegistryView, plans: readonly VersionPlan[]): Statement {
  return render(writeDifference({ prelude: comparison(view, plans), rows: ASKED_DIFFERENCE, caused: true }));
}

/**
 * Verdicts and stored memberships as one sorted array a contact each: an equal pair of arrays, the usual case, costs
 * one comparison instead of a join of all members. The verdict is materialized, or the planner evaluates all conditions
 * of a contact again wherever its verdict is mentioned. The joins are full joins, narrowed by what no planner sees
 * through, because those can only hash or merge: a generic plan takes every array for ten elements, and its nested
 * loops are quadratic.
 */
function comparison(view: RegistryView, plans: readonly VersionPlan[]): Fragment {
  const verdict = recheckQuery(view.catalogue, plans, { segmentId: (key) => view.idOfKey.get(key) ?? 0 });
  return sql`verdict as materialized (${verdict}),
affected as materialized (
  select contact_id, grp
  from unnest(${param('contacts', 'segmentd.contact_key[]')}, ${param('group_of_contact', 'int[]')}) as t(contact_id, grp)
),
held as (
  select affected.contact_id, own.segment_id
  from affected cross join lateral (select m.segment_id from segmentd.membership m where m.contact_id = affected.contact_id) as own
),
stored as (
  select held.contact_id, array_agg(held.segment_id order by held.segment_id) as segments
  from held full join unnest(${list(
    plans.map((plan) => String(plan.id)),
    'int',
  )}) as known(id) on known.id = held.segment_id
  where coalesce(known.id, 0) > 0 and coalesce(held.segment_id, 0) > 0
  group by held.contact_id
),
unequal as materialized (
  select affected.contact_id, affected.grp, verdict.contact_id is null as deleted,
         coalesce(verdict.segments, '{}') as wanted, coalesce(stored.segments, '{}') as stored
  from affected
  full join verdict on verdict.contact_id = affected.contact_id
  full join stored on stored.contact_id = affected.contact_id
  where coalesce(affected.grp, -1) >= 0 and coalesce(verdict.segments, '{}') <> coalesce(stored.segments, '{}')
),
moving (contact_id, grp, deleted, segment_id, wanted) as materialized (
  select unequal.contact_id, unequal.grp, unequal.deleted, w.id, true
  from unequal cross join lateral unnest(unequal.wanted) as w(id) where w.id <> all (unequal.stored)
  union all
  select unequal.contact_id, unequal.grp, unequal.deleted, s.id, false
  from unequal cross join lateral unnest(unequal.stored) as s(id) where s.id <> all (unequal.wanted)
),
asked as (
  select a.grp, own.segment_id, own.version, a.reason, a.source, a.mask
  from unnest(${param('asked_group', 'int[]')}, ${param('asked_reason', 'text[]')}, ${param('asked_source', 'smallint[]')}, ${param('asked_mask', 'bigint[]')},
              ${param('asked_segments', 'text[]')}, ${param('asked_versions', 'text[]')}) as a(grp, reason, source, mask, segments, versions)
  cross join lateral unnest(a.segments::int[], a.versions::int[]) as own(segment_id, version)
  where exists (select from moving)
),`;
}

const ASKED_DIFFERENCE = sql`select asked.segment_id, moving.contact_id, moving.wanted,
    case when moving.deleted then 'delete' else asked.reason end as reason, asked.version, asked.source, asked.mask
  from moving full join asked on asked.grp = moving.grp and asked.segment_id = moving.segment_id
  where coalesce(asked.grp, -1) >= 0 and coalesce(moving.grp, -1) >= 0`;
