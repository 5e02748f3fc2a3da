/**
 * The mask of an updated row: one bit for each captured column whose value differs. A mask may name too many columns
 * and never too few. It is null where a column changed that rows of other sources lead to: then the whole row counts as
 * changed.
 */
import { integer, join, sql, type Fragment } from '../../compile/fragment.ts';
import type { CapturedColumn, SourceTable } from '../source.ts';

/** Types whose `is distinct from` exists, never raises, and distinguishes whatever a condition could distinguish. */
const PLAIN_TYPE =
  /^(smallint|integer|bigint|numeric(\(.*\))?|real|double precision|boolean|date|uuid|jsonb|text|character varying(\(\d+\))?|(timestamp|time)(\(\d\))? with(out)? time zone)(\[\])?$/;

/** The expressions for the old and the new value of a column. */
export type Sides = (column: string) => readonly [old: Fragment, now: Fragment];

/**
 * One boolean a bit, the highest first, read as a number. A chain of `case … | case …` says the same in three times as
 * many steps, and setting up the steps of an expression, not running them, is what an update of one row pays for.
 * @throws {Error} when a column of the source has no bit
 */
export function maskOf(source: SourceTable, sides: Sides): Fragment {
  const bits = new Map<number, Fragment[]>();
  for (const column of source.columns) {
    const bit = source.bits.get(column.name);
    if (bit === undefined) throw new Error(`no mask bit for ${column.name}`);
    bits.set(bit, [...(bits.get(bit) ?? []), difference(column, sides(column.name))]);
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
      translate(array_to_string(array[${join(flags, sql`,`)}
      ], ''), 'ft', '01')::bit(${integer(width)})::bigint`;
  if (source.targets.length === 0) return mask;
  const moved = source.targets.map((target) => {
    const [old, now] = sides(target);
    return sql`${old} is distinct from ${now}`;
  });
  return sql`case when ${join(moved, sql` or `)} then null else ${mask} end`;
}

/**
 * Whether the value of a column changed. Types without a safe operator are compared by their record image, which cannot
 * fail.
 */
function difference(column: CapturedColumn, [old, now]: readonly [Fragment, Fragment]): Fragment {
  if (PLAIN_TYPE.test(column.sqlType) && !column.collate) return sql`${old} is distinct from ${now}`;
  return sql`row(${old})::record *<> row(${now})::record`;
}
