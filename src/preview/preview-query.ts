/**
 * The statements of a preview: the count of contacts that are in, and a sample of contacts leaf by leaf. They are built
 * from the predicates that rebuilds and rechecks use. Pure.
 */
import { contactSource, type Catalogue } from '../catalogue/catalogue.ts';
import { integer, join, sql, type Fragment } from '../compile/fragment.ts';
import { where, type LeafSql } from '../compile/leaf.ts';
import { predicate } from '../compile/predicate.ts';
import type { SqlScope } from '../compile/scope.ts';
import { memberQuery, recheckQuery } from '../compile/statement.ts';
import type { Condition } from '../condition/ast.ts';
import { contactKey, contactScope, contactTable } from '../explain/contact-scope.ts';
import type { VersionPlan } from '../followed/plan.ts';
import type { TableSample } from './table-sample.ts';

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

/** One row: count, total. One scan of the contacts counts both, for conditions that read nothing else. */
export function countWithTotalQuery(draft: Draft, population: Condition): Fragment {
  const scope = draftScope(draft);
  return sql`select count(*) filter (where ${predicate(scope, draft.plan.condition)}) as count, count(*) as total
from ${contactTable(draft.catalogue)} where ${predicate(scope, population)}`;
}

/** Whether the condition reads only columns of the contact itself. */
export function readsContactOnly({ catalogue, plan }: Draft): boolean {
  const { columns, rows, segments } = plan.references;
  return segments.size === 0 && [...columns.keys(), ...rows].every((source) => source === contactSource(catalogue));
}

/** The scope in which each leaf is read alone, for one contact. */
export function draftScope({ catalogue, plan, segmentId }: Draft): SqlScope {
  return contactScope(catalogue, plan.timezone, (key): LeafSql => {
    const row = sql`exists (select from segmentd.membership m where m.segment_id = ${integer(segmentId(key))} and m.contact_id = ${contactKey(catalogue)})`;
    return { positive: row, negative: sql`not ${row}` };
  });
}

/** One row: keys, of contacts of the population. */
export function sampledKeysQuery(draft: Draft, population: Condition, sample: TableSample): Fragment {
  return sql`select coalesce(array_agg(${contactKey(draft.catalogue)}::text), '{}') as keys
from ${contactTable(draft.catalogue)}${sample.clause}${where([predicate(draftScope(draft), population), ...sample.filter])}`;
}

/**
 * Rows (held int[], count, keys): contacts of a sample, grouped by the numbers (from 1) of the leaves that hold. For leaves
 * that read the contact only: related rows would be read whole instead of by index.
 */
export function leavesOfSampleQuery(
  draft: Draft,
  leaves: readonly Condition[],
  population: Condition,
  sample: TableSample,
  most: number,
): Fragment {
  const scope = draftScope(draft);
  const cases = leaves.map((leaf, index) => sql`case when ${predicate(scope, leaf)} then ${integer(index + 1)} end`);
  return groupedByLeaves(
    sql`select ${contactKey(draft.catalogue)} as contact_id, array_remove(array[${join(cases, sql`, `)}]::int[], null) as segments
  from ${contactTable(draft.catalogue)}${sample.clause}${where([predicate(scope, population), ...sample.filter])}`,
    most,
  );
}

/** The same for the contacts of param `contacts`, for any leaves. */
export function leavesOfKeysQuery(
  { catalogue, plan, segmentId }: Draft,
  leaves: readonly Condition[],
  most: number,
): Fragment {
  const segments = leaves.map((condition, index) => ({ id: index + 1, condition, timezone: plan.timezone }));
  return groupedByLeaves(recheckQuery(catalogue, segments, { segmentId }), most);
}

function groupedByLeaves(verdicts: Fragment, most: number): Fragment {
  return sql`select v.segments as held, count(*)::int as count, (array_agg(v.contact_id::text))[1:${integer(most)}] as keys
from (${verdicts}) as v group by 1`;
}

/** One row (entering, leaving): how many of the contacts of param `contacts` would move. */
export function movementQuery({ catalogue, plan, segmentId }: Draft): Fragment {
  const stored = sql`m.contact_id is not null`;
  const matches = sql`cardinality(v.segments) > 0`;
  return sql`select count(*) filter (where ${matches} and not ${stored})::int as entering, count(*) filter (where ${stored} and not ${matches})::int as leaving
from (${recheckQuery(catalogue, [plan], { segmentId })}) as v
left join segmentd.membership m on m.segment_id = ${integer(plan.id)} and m.contact_id = v.contact_id`;
}
