/**
 * The mask of an updated row: one bit for each captured column whose value differs. A mask may name too many columns
 * and never too few. It is null where a column changed that rows of other sources lead to: then the whole row counts as
 * changed.
 */
import { integer, join, sql, type Fragment } from '../../compile/fragment.ts';
import type { CapturedColumn, SourceTable } from '../source.ts';

/**
 * Types for which sql/object/differs.sql has a function. Their `is distinct from` never raises, and it distinguishes
 * whatever a condition could distinguish.
 */
const PLAIN_TYPE =
  /^(smallint|integer|bigint|numeric(\(.*\))?|real|double precision|boolean|date|uuid|jsonb|text|character varying(\(\d+\))?|(timestamp|time)(\(\d\))? with(out)? time zone)$/;

/** Types whose values are never stored apart from their row. */
const SHORT_TYPE =
  /^(smallint|integer|bigint|numeric(\(.*\))?|real|double precision|boolean|date|uuid|(timestamp|time)(\(\d\))? with(out)? time zone)$/;

/**
 * How a value that is stored apart from its row is recognised, in a table that has such values. `chunk`: by the number of
 * the stored value (Postgres 17 and newer). `size`: a value that fits into no page counts as changed.
 */
export type Wide = 'chunk' | 'size';

/** Bytes of a value that can only be stored apart. */
const PAGE = 8_160;

/** The expressions for the old and the new value of a column. */
export type Sides = (column: string) => readonly [old: Fragment, now: Fragment];

/**
 * One boolean a bit, the highest first, read as a number. A chain of `case … | case …` says the same in three times as
 * many steps, and setting up the steps of an expression, not running them, is what an update of one row pays for.
 * @param own whether the function has a search path of its own, not the writer's
 * @throws {Error} when a column of the source has no bit
 */
export function maskOf(source: SourceTable, sides: Sides, own: boolean, wide?: Wide): Fragment {
  const bits = new Map<number, Fragment[]>();
  for (const column of source.columns) {
    const bit = source.bits.get(column.name);
    if (bit === undefined) throw new Error(`no mask bit for ${column.name}`);
    bits.set(bit, [...(bits.get(bit) ?? []), difference(column, sides(column.name), own, wide)]);
  }
  const width = Math.max(-1, ...bits.keys()) + 1;
  const flags = Array.from(
    { length: width },
    (_, place) => sql`
        ${join(bits.get(width - 1 - place) ?? [sql`false`], sql` or `)}`,
  );
  const mask =
    width === 0
      ? sql`0::bigint`
      : sql`
      pg_catalog.translate(pg_catalog.array_to_string(array[${join(flags, sql`,`)}
      ], ''), 'ft', '01')::bit(${integer(width)})::bigint`;
  if (source.targets.length === 0) return mask;
  const moved = source.targets.map((target) => imagesDiffer(sides(target)));
  return sql`case when ${join(moved, sql` or `)} then null else ${mask} end`;
}

/**
 * Whether the value of a column changed. Types without a safe operator are compared by their record image, which cannot
 * fail.
 */
function difference(
  column: CapturedColumn,
  pair: readonly [Fragment, Fragment],
  own: boolean,
  wide: Wide | undefined,
): Fragment {
  const differs = valuesDiffer(column, pair, own);
  return wide === undefined || SHORT_TYPE.test(column.sqlType) ? differs : unlessStoredOnce(pair, wide, differs);
}

/**
 * The value of an external column that was not assigned is the same stored value before and after. Neither form reads
 * the value: an update beside a jsonb of 888 kB took 15 times as long when both were compared.
 */
function unlessStoredOnce([old, now]: readonly [Fragment, Fragment], wide: Wide, differs: Fragment): Fragment {
  return wide === 'chunk'
    ? sql`case when pg_catalog.pg_column_toast_chunk_id(${old}) operator(pg_catalog.=) pg_catalog.pg_column_toast_chunk_id(${now}) then false else ${differs} end`
    : sql`case when pg_catalog.pg_column_size(${old}) operator(pg_catalog.>) ${integer(PAGE)} or pg_catalog.pg_column_size(${now}) operator(pg_catalog.>) ${integer(PAGE)} then true else ${differs} end`;
}

function valuesDiffer(column: CapturedColumn, pair: readonly [Fragment, Fragment], own: boolean): Fragment {
  if (column.collate) return imagesDiffer(pair);
  const [old, now] = pair;
  if (PLAIN_TYPE.test(column.sqlType)) return sql`segmentd_internal.differs(${old}, ${now})`;
  if (PLAIN_TYPE.test(column.sqlType.replace(/\[\]$/, '')))
    return own
      ? sql`${old} is distinct from ${now}`
      : sql`coalesce(${old} operator(pg_catalog.<>) ${now}, (${old} is null) operator(pg_catalog.<>) (${now} is null))`;
  return imagesDiffer(pair);
}

function imagesDiffer([old, now]: readonly [Fragment, Fragment]): Fragment {
  return sql`row(${old})::pg_catalog.record operator(pg_catalog.*<>) row(${now})::pg_catalog.record`;
}
