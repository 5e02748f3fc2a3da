/**
 * Where the next range of keys ends. Postgres has looked at the keys' distribution already: the bounds of its histogram
 * cut the contacts into equal shares, and reading one costs nothing, where counting off a range costs a walk over the
 * index (a tenth to a third of a rebuild whose condition is cheap). What the histogram cannot say is counted: ranges
 * smaller than its shares, and keys beyond its last bound. Old statistics only make ranges uneven; the caller adapts to
 * what they cost.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { integer, keyword, render, sql, value } from '../compile/fragment.ts';
import { chunkEnd } from '../membership/stored-difference.ts';
import type { Queryable } from '../postgres/pool.ts';

/**
 * Key at the end of a range of about `size` contacts above `low`, and how many these are about; undefined when the rest
 * has no more.
 * `total`: contacts there are, about.
 */
export async function rangeEnd(
  client: Queryable,
  catalogue: Catalogue,
  low: string | undefined,
  size: number,
  total: number,
): Promise<{ key: string; count: number } | undefined> {
  return (
    (await boundAfter(client, catalogue, low, size, total)) ??
    (await chunkEnd(client, catalogue, { low, high: undefined }, size))
  );
}

async function boundAfter(
  client: Queryable,
  catalogue: Catalogue,
  low: string | undefined,
  size: number,
  total: number,
): Promise<{ key: string; count: number } | undefined> {
  const { table, key } = catalogue.contacts;
  // Texts are in the order of their column's collation there.
  if (key.type === 'text') return undefined;
  const after = low === undefined ? sql`` : sql`where b.bound > ${value(low, key.sqlType)}`;
  // The last bound is left out: behind it may lie all that was inserted since.
  const { text, bind } =
    render(sql`select next.bounds[cardinality(next.bounds)]::text as key, next.share * cardinality(next.bounds) as count
    from (
      select s.bounds, ${integer(Math.round(total))}::float8 / (cardinality(s.bounds) - 1) as share
      from (
        select s.histogram_bounds::text::${keyword(key.sqlType)}[] as bounds, s.inherited from pg_catalog.pg_stats s
        where s.schemaname = ${value(table.schema, 'text')} and s.tablename = ${value(table.name, 'text')} and s.attname = ${value(key.column, 'text')}
      ) s
      where cardinality(s.bounds) > 2
      order by s.inherited desc limit 1
    ) as known
    cross join lateral (
      select known.share, array(
        select b.bound from unnest(known.bounds[2 : cardinality(known.bounds) - 1]) as b(bound) ${after}
        order by b.bound limit floor(${integer(size)} / known.share)
      ) as bounds
    ) as next
    where known.share between 1 and ${integer(size)}`);
  const { rows } = await client.query<{ key: string | null; count: number }>(text, bind());
  const [row] = rows;
  return row === undefined || row.key === null ? undefined : { key: row.key, count: Math.round(row.count) };
}
