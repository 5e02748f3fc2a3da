/**
 * Reads what pg_catalog says about the team's tables: one query for all tables a config names, one for the server.
 * Facts only; what they mean for conditions is decided in resolve.ts.
 */
import type { ClientBase } from 'pg';
import type { BaseType } from './type-family.ts';

/** A pool or a client. */
export type Database = Pick<ClientBase, 'query'>;

export interface ColumnInfo {
  readonly name: string;
  readonly notNull: boolean;
  readonly readable: boolean;
  /** Type text that means the same under every search path; domains already followed to what they stand on, those of elements too. */
  readonly sqlType: string;
  /** Whether the column's type is an array of a domain, which has no operators with arrays of what the domain stands on. */
  readonly domainElements: boolean;
  readonly base: BaseType;
  readonly labels: readonly string[] | null;
  /** Null for types without a collation. `facts` changes with its definition, its recorded version and the version of the library. */
  readonly collation: {
    readonly schema: string;
    readonly name: string;
    readonly deterministic: boolean;
    readonly facts: string;
  } | null;
  /** Of a generated column: a hash of its expression. */
  readonly expression: string | null;
  readonly comment: string | null;
}

export interface TableInfo {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** `pg_class.relkind`. */
  readonly kind: string;
  readonly temporary: boolean;
  readonly readable: boolean;
  /** Name of a foreign table among its partitions or children. */
  readonly foreignChild: string | null;
  readonly primaryKey: readonly string[] | null;
  /** Other tables inherit from it, and its unique indexes do not hold for their rows. Never true of partitions. */
  readonly inherited: boolean;
  /** Columns of each unique index that holds for all rows. */
  readonly unique: readonly (readonly string[])[];
  readonly comment: string | null;
  readonly columns: readonly ColumnInfo[];
}

/**
 * What a collation is, as one text. A row of pg_collation or pg_database is read whole, because its columns differ from one
 * version of Postgres to the next. The database's default collation (oid 100) is described by the database.
 */
const COLLATION_FACTS = (oid: string): string => `(
  select pg_catalog.md5(concat_ws(' ',
    (pg_catalog.to_jsonb(f) - '{oid,collowner,collnamespace}'::text[])::text,
    case when f.oid <> 100 then pg_catalog.pg_collation_actual_version(f.oid) end,
    case when f.oid = 100 then (
      select concat_ws(' ', d.encoding, d.datcollate, d.datctype, pg_catalog.to_jsonb(d) ->> 'datlocprovider', pg_catalog.to_jsonb(d) ->> 'datlocale',
        pg_catalog.to_jsonb(d) ->> 'daticulocale', pg_catalog.to_jsonb(d) ->> 'datcollversion')
      from pg_catalog.pg_database d where d.datname = current_database()) end))
  from pg_catalog.pg_collation f where f.oid = ${oid})`;

const TABLES = `
with recursive path as (
  -- A session of ours is pinned to pg_catalog, and keeps here what its path was before (postgres/pin-session.ts).
  select case when coalesce(current_setting('segmentd.path', true), '') = '' then current_schemas(false)::text[]
    else array(select json_array_elements_text(current_setting('segmentd.path')::json)) end as schemas
), wanted as (
  select w.position, c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.relnamespace
  from unnest($1::text[], $2::text[]) with ordinality as w(schema_name, table_name, position)
  cross join path p
  cross join lateral (
    select c.* from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relname = w.table_name and c.relkind in ('r', 'p', 'v', 'm', 'f')
      and case
        -- a role with the name of a schema of ours has that schema on its path
        when w.schema_name is null then n.nspname = any (p.schemas) and n.nspname not in ('segmentd', 'segmentd_internal', 'segmentd_queue')
        else n.nspname = w.schema_name
      end
    order by array_position(p.schemas, n.nspname::text)
    limit 1
  ) c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
), descendant as (
  select w.oid as root, i.inhrelid as oid from wanted w join pg_catalog.pg_inherits i on i.inhparent = w.oid
  union
  select d.root, i.inhrelid from descendant d join pg_catalog.pg_inherits i on i.inhparent = d.oid
), step as (
  select a.attrelid, a.attnum, a.atttypid as type, a.atttypmod as modifier, false as domain, 0 as arrays,
    a.atttypid as top, a.atttypmod as top_modifier
  from pg_catalog.pg_attribute a
  where a.attrelid in (select w.oid from wanted w) and a.attnum > 0 and not a.attisdropped
  union all
  select s.attrelid, s.attnum,
    case when t.typtype = 'd' then t.typbasetype else t.typelem end,
    case when t.typtype = 'd' then t.typtypmod else s.modifier end,
    s.domain or t.typtype = 'd',
    s.arrays + case when t.typtype = 'd' then 0 else 1 end,
    case when t.typtype = 'd' and s.arrays = 0 then t.typbasetype else s.top end,
    case when t.typtype = 'd' and s.arrays = 0 then t.typtypmod else s.top_modifier end
  from step s join pg_catalog.pg_type t on t.oid = s.type
  where t.typtype = 'd' or (t.typcategory = 'A' and t.typelem <> 0 and t.typlen = -1)
), leaf as (
  select s.*, t.typname, t.typtype, t.typarray, n.nspname from step s
  join pg_catalog.pg_type t on t.oid = s.type
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  where not (t.typtype = 'd' or (t.typcategory = 'A' and t.typelem <> 0 and t.typlen = -1))
), used_collation as materialized (
  select co.oid, json_build_object('schema', cn.nspname, 'name', co.collname, 'deterministic', co.collisdeterministic, 'facts', ${COLLATION_FACTS('co.oid')}) as info
  from pg_catalog.pg_collation co join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
  where co.oid in (select a.attcollation from pg_catalog.pg_attribute a where a.attrelid in (select w.oid from wanted w))
), described as (
  select l.attrelid, l.attnum, json_build_object(
    'name', a.attname,
    'notNull', a.attnotnull,
    'readable', has_column_privilege(a.attrelid, a.attnum, 'select'),
    'sqlType', case
      when l.nspname = 'pg_catalog' and l.domain and l.arrays = 1 then pg_catalog.format_type(l.typarray, l.modifier)
      when l.nspname = 'pg_catalog' then pg_catalog.format_type(l.top, l.top_modifier)
      else format('%I.%I', l.nspname, l.typname) || repeat('[]', l.arrays) end,
    'domainElements', l.domain and l.arrays = 1 and l.top <> l.typarray,
    'base', json_build_object('schema', l.nspname, 'name', l.typname,
      'kind', case when l.arrays > 1 then 'c' else l.typtype end, 'array', l.arrays > 0, 'domain', l.domain),
    'labels', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = l.type),
    'collation', (select u.info from used_collation u where u.oid = a.attcollation),
    -- Not pg_get_expr: that prints names by the search path of the session.
    'expression', (
      select pg_catalog.md5(e.adbin::text) from pg_catalog.pg_attrdef e
      where e.adrelid = a.attrelid and e.adnum = a.attnum and a.attgenerated <> ''),
    'comment', pg_catalog.col_description(a.attrelid, a.attnum)
  ) as info
  from leaf l join pg_catalog.pg_attribute a on a.attrelid = l.attrelid and a.attnum = l.attnum
)
select w.position::int, w.oid::text as oid, w.nspname as schema, w.relname as name, w.relkind::text as kind,
  w.relpersistence = 't' as temporary,
  has_schema_privilege(w.relnamespace, 'usage')
    and (has_table_privilege(w.oid, 'select') or has_any_column_privilege(w.oid, 'select')) as readable,
  (select d.oid::regclass::text from descendant d join pg_catalog.pg_class c on c.oid = d.oid
   where d.root = w.oid and c.relkind = 'f' limit 1) as "foreignChild",
  w.relkind = 'r' and exists (select from descendant d where d.root = w.oid) as inherited,
  k.primary_key as "primaryKey", pg_catalog.obj_description(w.oid, 'pg_class') as comment,
  coalesce(k.keys, '[]') as "unique",
  coalesce((select json_agg(d.info order by d.attnum) from described d where d.attrelid = w.oid), '[]') as columns
from wanted w
left join lateral (
  select json_agg(i.names) filter (where i.indisprimary) -> 0 as primary_key, json_agg(i.names) as keys
  from (
    select x.indisprimary, (
      select json_agg(a.attname order by p.at)
      from unnest(x.indkey::int2[]) with ordinality as p(attnum, at)
      join pg_catalog.pg_attribute a on a.attrelid = x.indrelid and a.attnum = p.attnum
      where p.at <= x.indnkeyatts
    ) as names
    from pg_catalog.pg_index x
    where x.indrelid = w.oid and x.indisunique and x.indisvalid and x.indpred is null and x.indexprs is null
  ) i
) k on true
order by w.position`;

/** In the order of `wanted`, `undefined` where there is no such relation. A bare name is looked up on the search path. */
export async function readTables(
  database: Database,
  wanted: readonly { readonly schema?: string; readonly name: string }[],
): Promise<readonly (TableInfo | undefined)[]> {
  const { rows } = await database.query<TableInfo & { position: number }>(TABLES, [
    wanted.map((table) => table.schema ?? null),
    wanted.map((table) => table.name),
  ]);
  const found = new Map(rows.map((row) => [row.position, row]));
  return wanted.map((_, index) => found.get(index + 1));
}

export interface ServerInfo {
  /** `server_version_num`. */
  readonly version: string;
  /** What the collation is that folds case: it changes as `ColumnInfo.collation.facts` does. */
  readonly fold: string;
  /** Whether names fold by ICU: the collation is there and serves this database's encoding. */
  readonly icu: boolean;
  /** Which of the asked zones exist. */
  readonly zones: ReadonlySet<string>;
  readonly user: string;
}

export async function readServer(database: Database, zones: readonly string[]): Promise<ServerInfo> {
  const { rows } = await database.query<{ icu: boolean; zones: string[]; user: string; version: string; fold: string }>(
    `with icu as (
       select c.oid from pg_catalog.pg_collation c
       where c.collname = 'und-x-icu' and c.collnamespace = 'pg_catalog'::regnamespace
         and c.collencoding in (-1, (select d.encoding from pg_catalog.pg_database d where d.datname = current_database()))
     ), folding as (
       select coalesce((select i.oid from icu i), 100::oid) as oid
     )
     select exists (select from icu) as icu,
       array(select z.name from pg_catalog.pg_timezone_names z where z.name = any ($1::text[])) as zones,
       current_user::text as user, current_setting('server_version_num') as version,
       (select ${COLLATION_FACTS('f0.oid')} from folding f0) as fold`,
    [zones],
  );
  const [row] = rows;
  if (!row) throw new Error('no row');
  return { ...row, zones: new Set(row.zones) };
}

/** Every table and view of the team, for suggestions and for `init`. */
export async function listTables(
  database: Database,
): Promise<readonly { schema: string; name: string; kind: string }[]> {
  const { rows } = await database.query<{ schema: string; name: string; kind: string }>(
    `select n.nspname as schema, c.relname as name, c.relkind::text as kind
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relpersistence <> 't' and not c.relispartition
       and n.nspname not in ('pg_catalog', 'information_schema', 'segmentd', 'segmentd_internal', 'segmentd_queue') and n.nspname !~ '^pg_'
     order by 1, 2`,
  );
  return rows;
}
