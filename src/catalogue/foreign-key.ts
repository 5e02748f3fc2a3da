/** Foreign keys of one column, as pg_catalog has them. Keys of partitions are those of their partitioned table. */
import type { Table } from './catalogue.ts';
import type { Database } from './table-info.ts';

export interface ForeignKey {
  readonly child: Table;
  readonly column: string;
  readonly parent: Table;
  /** Column of the parent that it refers to. */
  readonly target: string;
}

export async function readForeignKeys(database: Database): Promise<readonly ForeignKey[]> {
  const { rows } = await database.query<ForeignKey>(
    `select
       json_build_object('schema', cn.nspname, 'name', cc.relname) as child, ca.attname as column,
       json_build_object('schema', pn.nspname, 'name', pc.relname) as parent, pa.attname as target
     from pg_catalog.pg_constraint k
     join pg_catalog.pg_class cc on cc.oid = k.conrelid
     join pg_catalog.pg_namespace cn on cn.oid = cc.relnamespace
     join pg_catalog.pg_attribute ca on ca.attrelid = k.conrelid and ca.attnum = k.conkey[1]
     join pg_catalog.pg_class pc on pc.oid = k.confrelid
     join pg_catalog.pg_namespace pn on pn.oid = pc.relnamespace
     join pg_catalog.pg_attribute pa on pa.attrelid = k.confrelid and pa.attnum = k.confkey[1]
     where k.contype = 'f' and k.conparentid = 0 and cardinality(k.conkey) = 1 and not cc.relispartition and cn.nspname <> 'segmentd'
     order by cn.nspname, cc.relname, k.conname`,
  );
  return rows;
}
