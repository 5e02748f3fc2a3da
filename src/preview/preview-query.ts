/**
 * The statements of a preview: the count of contacts that are in, contacts leaf by leaf, who an edit moves. They are built from the
 * predicates that rebuilds and rechecks use. Pure.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { integer, param, sql, type Fragment } from '../compile/fragment.ts';
import type { SqlScope } from '../compile/scope.ts';
import { memberQuery, rangeQuery, recheckQuery, type CompiledSegment } from '../compile/statement.ts';
import type { Condition } from '../condition/ast.ts';
import { contactScope, storedMembership } from '../explain/contact-scope.ts';
import type { VersionPlan } from '../followed/plan.ts';

/** A condition that is tried before it is saved. */
export interface Draft {
  readonly catalogue: Catalogue;
  readonly plan: VersionPlan;
  readonly segmentId: (key: string) => number;
}

const WHOLE_RANGE = { low: false, high: false } as const;

/** Rows (contact_id): the contacts that are in. */
export function membersQuery({ catalogue, plan, segmentId }: Draft): Fragment {
  return memberQuery(catalogue, plan, WHOLE_RANGE, { segmentId });
}

/** One row: count, keys. Above 0, `most` collects the first keys, which is slow where many contacts are in. */
export function countQuery(of: Fragment, most: number): Fragment {
  const keys = most === 0 ? sql`null::text[]` : sql`(array_agg(q.contact_id::text))[1:${integer(most)}]`;
  return sql`select count(*) as count, ${keys} as keys from (${of}) as q(contact_id)`;
}

/** The scope in which each leaf is read alone, for one contact. */
export function draftScope({ catalogue, plan, segmentId }: Draft): SqlScope {
  return contactScope(catalogue, plan.timezone, storedMembership(catalogue, segmentId));
}

/** Rows (held int[], count, keys): the contacts of param `contacts`, grouped by the numbers (from 1) of the leaves that hold. */
export function leavesOfKeysQuery(draft: Draft, leaves: readonly Condition[], most: number): Fragment {
  const { catalogue, segmentId } = draft;
  return groupedByLeaves(recheckQuery(catalogue, numbered(draft, leaves), { segmentId }), most);
}

/** The same for all contacts: related rows are grouped and joined, in one pass over all leaves. At most `groups` rows. */
export function leavesOfAllQuery(draft: Draft, leaves: readonly Condition[], groups: number): Fragment {
  const { catalogue, segmentId } = draft;
  const verdicts = rangeQuery(catalogue, numbered(draft, leaves), WHOLE_RANGE, { segmentId });
  return sql`select v.segments as held, count(*)::float8 as count, '{}'::text[] as keys from (${verdicts}) as v group by 1 limit ${integer(groups)}`;
}

function numbered({ plan }: Draft, leaves: readonly Condition[]): readonly CompiledSegment[] {
  return leaves.map((condition, index) => ({ id: index + 1, condition, timezone: plan.timezone }));
}

function groupedByLeaves(verdicts: Fragment, most: number): Fragment {
  return sql`select v.segments as held, count(*)::float8 as count, (array_agg(v.contact_id::text))[1:${integer(most)}] as keys
from (${verdicts}) as v group by 1`;
}

/** One row (found, keys): those of param `contacts` that would enter. */
export function enteringQuery({ catalogue, plan, segmentId }: Draft, most: number): Fragment {
  return sql`select count(*)::int as found, (array_agg(v.contact_id::text))[1:${integer(most)}] as keys
from (${recheckQuery(catalogue, [plan], { segmentId })}) as v
where cardinality(v.segments) > 0
  and not exists (select from segmentd.membership m where m.segment_id = ${integer(plan.id)} and m.contact_id = v.contact_id)`;
}

/** The same of members that would leave; a contact that was deleted leaves too. */
export function leavingQuery({ catalogue, plan, segmentId }: Draft, most: number): Fragment {
  return sql`select count(*)::int as found, (array_agg(member.contact_id::text))[1:${integer(most)}] as keys
from unnest(${param('contacts', 'segmentd.contact_key[]')}) as member(contact_id)
left join (${recheckQuery(catalogue, [plan], { segmentId })}) as v on v.contact_id = member.contact_id
where coalesce(cardinality(v.segments), 0) = 0`;
}
