/**
 * Foreign keys as pg_catalog has them. A key that stands on partitions belongs to their partitioned table, and so does a key that
 * refers to a partition. Reads only.
 */
import type { Database } from './table-info.ts';

export interface ForeignKey {
  /** `pg_class.oid` of the table that refers; of the root of partitions. */
  readonly child: string;
  readonly columns: readonly string[];
  /** `pg_class.oid` of the table that it refers to; of the root of partitions. */
  readonly parent: string;
  /** Columns of the parent, one for each of `columns`. */
  readonly targets: readonly string[];
  /** How many partitions declare it, when the partitioned table itself does not. */
  readonly partitions: number | null;
}

const KEYS = `
select coalesce(pg_catalog.pg_partition_root(k.conrelid), k.conrelid)::oid::text as child,
  coalesce(pg_catalog.pg_partition_root(k.confrelid), k.confrelid)::oid::text as parent,
  n.columns, n.targets,
  case when bool_and(cc.relispartition) then count(distinct k.conrelid)::int end as partitions
from pg_catalog.pg_constraint k
join pg_catalog.pg_class cc on cc.oid = k.conrelid
cross join lateral (
  select json_agg(ca.attname order by p.at)::text as columns, json_agg(pa.attname order by p.at)::text as targets
  from unnest(k.conkey, k.confkey) with ordinality as p(own, other, at)
  join pg_catalog.pg_attribute ca on ca.attrelid = k.conrelid and ca.attnum = p.own
  join pg_catalog.pg_attribute pa on pa.attrelid = k.confrelid and pa.attnum = p.other
) n
where k.contype = 'f' and k.conparentid = 0
group by 1, 2, 3, 4
order by 1, 2, 3, 4`;

/** Each pair of column lists once, however many constraints or partitions declare it. */
export async function readForeignKeys(database: Database): Promise<readonly ForeignKey[]> {
  const { rows } = await database.query<{
    child: string;
    parent: string;
    columns: string;
    targets: string;
    partitions: number | null;
  }>(KEYS);
  return rows.map((row) => ({ ...row, columns: names(row.columns), targets: names(row.targets) }));
}

function names(json: string): readonly string[] {
  const list: unknown = JSON.parse(json);
  return Array.isArray(list) ? list.map(String) : [];
}
