/**
 * A rank as SQL: the value of each contact, its place among all values, and the difference from what is stored. The parts come from
 * `1 + floor(n * (r - 1) / N)`, with r the place from below and N how many have a value; equal values have the lowest place. Without
 * parts, the rank is the place from above. A contact without a value has no rank.
 */
import { RANK_COLUMN, RANK_TABLE } from '../catalogue/resolve-rank.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Condition, Operand } from '../condition/ast.ts';
import { ident, integer, sql, tableName, value, type Fragment } from './fragment.ts';
import { members } from './member.ts';
import { operandScalar } from './predicate.ts';
import { hasNan } from './scalar.ts';
import type { SqlScope } from './scope.ts';

export interface RankParts {
  readonly catalogue: Catalogue;
  readonly name: string;
  readonly by: Operand;
  /** Who may have a rank, the base filter included. */
  readonly among: Condition;
  /** Number of parts; absent: the position. */
  readonly into?: number | undefined;
  segmentId(key: string): number;
}

/** So many digits keep two averages apart that are not equal, where the counts of both have fewer than 20 digits. */
const EXACT = sql`1.0000000000000000000000000000000000000000`;

/** The value that contacts are ordered by; NULL when missing, and NaN is missing. An average is divided here alone. */
function ordered(scope: SqlScope, by: Operand): Fragment {
  const scalar = operandScalar(scope, by);
  if (scalar.over) return sql`(${scalar.value} * ${EXACT} / nullif(${scalar.over}, 0))`;
  return hasNan(scalar) ? sql`nullif(${scalar.value}, 'NaN')` : scalar.value;
}

/** Rows (contact_id, value): the contacts that `among` admits, with the value or NULL. Param `now` where time counts. */
export function rankValues(parts: RankParts): Fragment {
  const { catalogue, by, among } = parts;
  return members({
    catalogue,
    timezone: catalogue.timezone,
    condition: among,
    segmentId: (key) => parts.segmentId(key),
    keyFilter: () => [],
    value: (scope) => ordered(scope, by),
  });
}

/** Rows (contact_id, rank). */
export function rankRows(parts: RankParts): Fragment {
  const { into } = parts;
  const place =
    into === undefined
      ? sql`rank() over (order by v.value desc)`
      : sql`1 + ${integer(into)} * (rank() over (order by v.value) - 1) / count(*) over ()`;
  return sql`select v.contact_id, ${place} as rank from (${rankValues(parts)}) as v where v.value is not null`;
}

/** Stores the ranks that moved, and nothing else. Rows: one, with the number of contacts whose rank moved. */
export function rankWrite(parts: RankParts): Fragment {
  const name = value(parts.name, 'text');
  const table = tableName(RANK_TABLE);
  const contact = ident(RANK_COLUMN.contact);
  const column = ident(RANK_COLUMN.values);
  return sql`with moved as (
  select coalesce(r.contact_id, s.contact_id) as contact_id, r.rank
  from (${rankRows(parts)}) as r
  full join (select t.${contact} as contact_id, (t.${column} ->> ${name})::bigint as rank from ${table} as t where t.${column} ? ${name}) as s
    on s.contact_id = r.contact_id
  where r.rank is distinct from s.rank
), written as (
  insert into ${table} as t (${contact}, ${column})
  select m.contact_id, case when m.rank is null then '{}' else jsonb_build_object(${name}, m.rank) end from moved as m
  on conflict (${contact}) do update
  set ${column} = (t.${column} - ${name}) || excluded.${column}
  returning 1
)
select count(*) as moved from written`;
}
