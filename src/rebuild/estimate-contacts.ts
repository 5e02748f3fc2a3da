/** How many contacts there are, about, from the planner's statistics: counting them would read the whole table. */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';

export async function estimateContacts(client: Queryable, catalogue: Catalogue): Promise<number> {
  const { schema, name } = catalogue.contacts.table;
  const { rows } = await client.query<{ rows: number }>(
    // Not pg_partition_tree, which locks every partition.
    `with recursive part (oid) as (
       select format('%I.%I', $1::text, $2::text)::regclass::oid
       union select i.inhrelid from part join pg_catalog.pg_inherits i on i.inhparent = part.oid
     )
     select coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 as rows from pg_catalog.pg_class c join part on part.oid = c.oid
     where c.relkind <> 'p'`,
    [schema, name],
  );
  return Math.round(rows[0]?.rows ?? 0);
}
