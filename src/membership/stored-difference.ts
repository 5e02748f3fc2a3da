/**
 * Compares stored membership with the conditions, over a range of contact keys. Rebuilds stage what it returns,
 * `verify` reports it. Only reads; diff.ts writes.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ident, integer, list, render, param, sql, tableName, value, type Fragment } from '../compile/fragment.ts';
import { memberQuery, rangeQuery, type CompiledSegment, type StatementOptions } from '../compile/statement.ts';
import type { Queryable } from '../postgres/pool.ts';

/** Contacts with a key above `low` and up to `high`. An undefined end means all contacts on that side. */
export interface KeyRange {
  readonly low: string | undefined;
  readonly high: string | undefined;
}

/** Key of the contact that ends the first `size` contacts of a range; undefined when the range has fewer. */
export async function chunkEnd(
  client: Queryable,
  catalogue: Catalogue,
  { low, high }: KeyRange,
  size: number,
): Promise<{ key: string; count: number } | undefined> {
  const { table, key } = catalogue.contacts;
  const column = ident(key.column);
  const from = low === undefined ? sql`` : sql` and c.${column} > ${value(low, key.sqlType)}`;
  const to = high === undefined ? sql`` : sql` and c.${column} <= ${value(high, key.sqlType)}`;
  const { text, bind } = render(
    sql`select c.${column}::text as key from ${tableName(table)} c where true${from}${to} order by c.${column} offset ${integer(size - 1)} limit 1`,
  );
  const { rows } = await client.query<{ key: string }>(text, bind());
  const end = rows[0];
  return end && { key: end.key, count: size };
}

/**
 * A query with rows (segment_id, contact_id, wanted): pairs that should be members and are not (wanted), and members
 * that should not be (not wanted). Params: `now`, and `low` and `high` when the range has them. A full join can only
 * hash or merge; an anti-join went quadratic on the statistics of a new segment.
 */
export function differenceInRange(
  catalogue: Catalogue,
  segments: readonly CompiledSegment[],
  range: KeyRange,
  options: StatementOptions,
): Fragment {
  const ids = list(
    segments.map((segment) => String(segment.id)),
    'int',
  );
  const low = range.low === undefined ? sql`` : sql` and m.contact_id > ${param('low', 'segmentd.contact_key')}`;
  const high = range.high === undefined ? sql`` : sql` and m.contact_id <= ${param('high', 'segmentd.contact_key')}`;
  return sql`with wanted as (${wantedQuery(catalogue, segments, range, options)}),
    stored as (select m.segment_id, m.contact_id from segmentd.membership m where m.segment_id = any (${ids})${low}${high})
    select coalesce(wanted.segment_id, stored.segment_id) as segment_id, coalesce(wanted.contact_id, stored.contact_id) as contact_id,
           wanted.contact_id is not null as wanted
    from wanted full join stored on stored.segment_id = wanted.segment_id and stored.contact_id = wanted.contact_id
    where wanted.contact_id is null or stored.contact_id is null`;
}

function wantedQuery(
  catalogue: Catalogue,
  segments: readonly CompiledSegment[],
  range: KeyRange,
  options: StatementOptions,
): Fragment {
  const ends = { low: range.low !== undefined, high: range.high !== undefined };
  const [only, ...others] = segments;
  if (only && others.length === 0) {
    return sql`select ${value(String(only.id), 'int')} as segment_id, member.contact_id
      from (${memberQuery(catalogue, only, ends, options)}) as member(contact_id)`;
  }
  // `unnest` stands in the select list: as a row source it would store the few rows of each contact separately.
  return sql`select unnest(verdict.segments) as segment_id, verdict.contact_id
    from (${rangeQuery(catalogue, segments, ends, options)}) as verdict(contact_id, segments)`;
}
