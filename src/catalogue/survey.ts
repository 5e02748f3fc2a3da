/**
 * What `segmentd init` reads of every table: columns with their types, keys, leading columns of indexes, size. One query, quick with
 * 1,000 tables; `readTables` says more of few. Partitions are part of their root. Left out: views, temporary tables, segmentd's own, and
 * those of extensions. Reads only.
 */
import type { Table } from './catalogue.ts';
import type { Database } from './table-info.ts';
import { tableText } from './table-text.ts';
import type { BaseType } from './type-family.ts';

export interface SurveyColumn {
  readonly name: string;
  readonly base: BaseType;
  readonly notNull: boolean;
  readonly readable: boolean;
  /** False for a nondeterministic collation, under which different texts count as equal. */
  readonly plain: boolean;
}

export interface SurveyTable extends Table {
  readonly oid: string;
  /** Its name as in SQL. */
  readonly text: string;
  /** `pg_class.relkind`: `r`, or `p` for a partitioned table. */
  readonly kind: string;
  readonly partitions: number;
  /** As Postgres estimates; null when it does not know. */
  readonly rows: number | null;
  readonly bytes: number;
  readonly columns: ReadonlyMap<string, SurveyColumn>;
  readonly primaryKey: readonly string[];
  /** Columns of each unique index that holds for all rows. */
  readonly unique: readonly (readonly string[])[];
  /** Columns that an index begins with. */
  readonly indexed: ReadonlySet<string>;
  /** Why it cannot be a relation. */
  readonly refusal: string | undefined;
}

const SURVEY = `
with recursive domain as (
  select t.oid as type, t.typbasetype as base from pg_catalog.pg_type t where t.typtype = 'd'
  union all
  select d.type, t.typbasetype from domain d join pg_catalog.pg_type t on t.oid = d.base where t.typtype = 'd'
), team_table as (
  select c.oid, n.nspname, c.relname, c.relkind, c.reltuples, c.relnamespace
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and c.relpersistence <> 't' and not c.relispartition
    and n.nspname not in ('pg_catalog', 'information_schema', 'segmentd', 'segmentd_internal', 'segmentd_queue') and n.nspname !~ '^pg_'
    and not exists (
      select from pg_catalog.pg_depend e
      where e.classid = 'pg_catalog.pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
), leaf as (
  select t.oid as root, l.relid as oid from team_table t cross join lateral pg_catalog.pg_partition_tree(t.oid) l
  where t.relkind = 'p' and l.isleaf and l.relid <> t.oid
  union all
  select t.oid, t.oid from team_table t where t.relkind = 'r'
), measured as (
  select l.root, count(*) filter (where l.oid <> l.root) as partitions, sum(pg_catalog.pg_relation_size(l.oid)) as bytes,
    sum(case when c.reltuples >= 0 then c.reltuples else nullif(pg_catalog.pg_stat_get_live_tuples(l.oid), 0) end) as tuples,
    bool_or(c.relkind = 'f') as is_foreign
  from leaf l join pg_catalog.pg_class c on c.oid = l.oid
  group by l.root
), described as (
  select a.attrelid, json_agg(json_build_array(
    a.attname, n.nspname, e.typname, e.typtype, t.oid <> e.oid, d.base is not null, a.attnotnull,
    pg_catalog.has_table_privilege(a.attrelid, 'select') or pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'select'),
    coalesce(co.collisdeterministic, true)) order by a.attnum) as columns
  from team_table w
  join pg_catalog.pg_attribute a on a.attrelid = w.oid and a.attnum > 0 and not a.attisdropped
  left join domain d on d.type = a.atttypid
    and not exists (select from pg_catalog.pg_type b where b.oid = d.base and b.typtype = 'd')
  join pg_catalog.pg_type t on t.oid = coalesce(d.base, a.atttypid)
  join pg_catalog.pg_type e on e.oid = case when t.typcategory = 'A' and t.typelem <> 0 and t.typlen = -1 then t.typelem else t.oid end
  join pg_catalog.pg_namespace n on n.oid = e.typnamespace
  left join pg_catalog.pg_collation co on co.oid = a.attcollation
  group by a.attrelid
), index_column as (
  select x.indexrelid, x.indrelid, x.indisprimary, x.indisunique and x.indexprs is null as is_unique,
    case when am.amname in ('btree', 'hash') then x.indkey[0] end as leading,
    (select json_agg(a.attname order by p.at)
     from unnest(x.indkey::int2[]) with ordinality as p(attnum, at)
     join pg_catalog.pg_attribute a on a.attrelid = x.indrelid and a.attnum = p.attnum
     where p.at <= x.indnkeyatts) as names
  from team_table w
  join pg_catalog.pg_index x on x.indrelid = w.oid and x.indisvalid and x.indpred is null
  join pg_catalog.pg_class ic on ic.oid = x.indexrelid
  join pg_catalog.pg_am am on am.oid = ic.relam
), indexes as (
  select i.indrelid,
    json_agg(i.names) filter (where i.indisprimary) -> 0 as primary_key,
    coalesce(json_agg(i.names) filter (where i.is_unique), '[]') as keys,
    coalesce(json_agg(i.names -> 0) filter (where i.leading > 0), '[]') as leading
  from index_column i group by i.indrelid
)
select w.oid::text as oid, w.nspname as schema, w.relname as name, w.relkind::text as kind,
  m.partitions::int as partitions, m.tuples::float8 as rows, coalesce(m.bytes, 0)::float8 as bytes,
  coalesce(m.is_foreign, false) as "isForeign", pg_catalog.has_schema_privilege(w.relnamespace, 'usage') as usable,
  coalesce(d.columns, '[]') as columns, coalesce(i.primary_key, '[]') as "primaryKey", coalesce(i.keys, '[]') as "unique",
  coalesce(i.leading, '[]') as leading
from team_table w
left join measured m on m.root = w.oid
left join described d on d.attrelid = w.oid
left join indexes i on i.indrelid = w.oid
order by w.nspname, w.relname`;

type Cell = readonly [string, string, string, string, boolean, boolean, boolean, boolean, boolean];

interface Row extends Table {
  readonly oid: string;
  readonly kind: string;
  readonly partitions: number | null;
  readonly rows: number | null;
  readonly bytes: number;
  readonly isForeign: boolean;
  readonly usable: boolean;
  readonly columns: readonly Cell[];
  readonly primaryKey: readonly string[];
  readonly unique: readonly (readonly string[])[];
  readonly leading: readonly string[];
}

/** In the order of their names. */
export async function surveyTables(database: Database): Promise<readonly SurveyTable[]> {
  const { rows } = await database.query<Row>(SURVEY);
  return rows.map((row) => {
    const columns = new Map(row.columns.map((cell) => [cell[0], columnOf(cell)]));
    return {
      oid: row.oid,
      schema: row.schema,
      name: row.name,
      text: tableText(row),
      kind: row.kind,
      partitions: row.partitions ?? 0,
      rows: row.rows === null ? null : Math.round(row.rows),
      bytes: row.bytes,
      columns,
      primaryKey: row.primaryKey,
      unique: row.unique,
      indexed: new Set(row.leading),
      refusal: refusalOf(row, columns),
    };
  });
}

function columnOf([name, schema, type, kind, array, domain, notNull, readable, plain]: Cell): SurveyColumn {
  return { name, base: { schema, name: type, kind, array, domain }, notNull, readable, plain };
}

function refusalOf(row: Row, columns: ReadonlyMap<string, SurveyColumn>): string | undefined {
  if (row.isForeign) return 'a foreign table is among its partitions, whose changes no trigger sees';
  const readable = row.usable && [...columns.values()].some((column) => column.readable);
  return readable ? undefined : 'this role may not read it';
}
