/**
 * What a trigger function appends to the outbox: one row for a contact or for the value of a link, or one row that says
 * "everything in this source". The functions only append. A row trigger reads the outbox in one case: whether its own
 * transaction has said "everything" already. Every name and operator is qualified, because a row function has the search
 * path of the writer.
 */
import { empty, ident, integer, keyword, sql, type Fragment } from '../../compile/fragment.ts';
import type { KeyType } from '../../catalogue/catalogue.ts';
import type { SourceTable } from '../source.ts';
import type { Wide } from './changed-mask.ts';

export interface BodyOptions {
  /** Whether the function rings the doorbell of a sleeping worker. */
  readonly doorbell: boolean;
  /** How values that are stored apart from their row are compared; undefined in a table that has none. */
  readonly wide?: Wide | undefined;
}

/** The type of the keys that a function of this source holds in its variables. */
export function keyTypeOf(source: SourceTable): Fragment {
  return keyword(VARIABLE_TYPE[source.kind === 'through' ? 'text' : source.keyType]);
}

/** Only the types of the SQL standard have names that no search path changes. */
const VARIABLE_TYPE: Readonly<Record<KeyType, string>> = {
  integer: 'integer',
  bigint: 'bigint',
  uuid: 'pg_catalog.uuid',
  text: 'pg_catalog.text',
};

/**
 * The link of the row `alias`: the key of a contact, or as text the value that another table refers to. Each form
 * mentions our domain, so that reading a row fails at once while the schema segmentd_internal has another name.
 */
export function linkOf(source: SourceTable, alias: string): Fragment {
  const column = sql`${ident(alias)}.${ident(source.link.column)}`;
  // The planner leaves nothing of the comparison, but it cannot read it when the schema has another name.
  return source.kind === 'through'
    ? sql`case when null::segmentd_internal.captured_key is null then ${column}::pg_catalog.text end`
    : sql`${column}::segmentd_internal.captured_key`;
}

/** The transition table that holds the rows of an insert or a delete. */
export function rowsOf(operation: 'insert' | 'delete'): Fragment {
  return operation === 'insert' ? sql`segmentd_new` : sql`segmentd_old`;
}

/** `rows` is a `values` list or a query with the columns of `appended`. */
export function append(source: SourceTable, rows: Fragment): Fragment {
  const key = source.kind === 'through' ? sql`link` : sql`contact_id`;
  return sql`insert into segmentd_internal.change (shard, source, ${key}, mask, xid) ${rows}`;
}

/** The columns of one row of the outbox. */
export function appended(
  source: SourceTable,
  key: Fragment,
  mask: Fragment,
  xid: Fragment = sql`pg_catalog.pg_current_xact_id()`,
): Fragment {
  const shard =
    source.kind === 'through'
      ? sql`segmentd_internal.link_shard(${key})`
      : sql`segmentd_internal.shard(${key}::pg_catalog.text)`;
  return sql`${shard}, ${integer(source.id)}, ${key}, ${mask}, ${xid}`;
}

/** Rings after the append; empty where the installation does without a doorbell. */
export function ring({ doorbell }: BodyOptions): Fragment {
  return doorbell
    ? sql`
  rang := segmentd_internal.doorbell();`
    : empty;
}

/** The transaction of a row, and a ring: an expression of its own would cost more than the ring itself. */
export function xidAfterRing({ doorbell }: BodyOptions): Fragment | undefined {
  return doorbell
    ? sql`case when segmentd_internal.doorbell() is null then null else pg_catalog.pg_current_xact_id() end`
    : undefined;
}

/**
 * Appends "everything in this source" to the schema in which this function stands, whatever its name is. The statement
 * is dynamic, because a static one would name the schema. Where even that fails (our table was dropped) the team's
 * write goes on, and the server's log says what was lost.
 * @param once says it once a transaction: a row trigger would say it for each row
 */
export function appendEverything(
  source: SourceTable,
  { doorbell }: BodyOptions,
  { once = false }: { readonly once?: boolean } = {},
): Fragment {
  const unlessSaid = once
    ? sql` where not exists (select from %1$I.change c where c.shard operator(pg_catalog.=) 64 and c.xid operator(pg_catalog.=) pg_catalog.pg_current_xact_id() and c.source operator(pg_catalog.=) ${integer(source.id)} and c.link is null)`
    : empty;
  const rung = doorbell
    ? sql`
      execute pg_catalog.format('select %I.doorbell()', schema_name) into rang;`
    : empty;
  return sql`declare
      schema_name constant pg_catalog.name := (
        select n.nspname from pg_catalog.pg_trigger t
        join pg_catalog.pg_proc p on p.oid operator(pg_catalog.=) t.tgfoid
        join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) p.pronamespace
        where t.tgrelid operator(pg_catalog.=) tg_relid and t.tgname operator(pg_catalog.=) tg_name);
    begin
      execute pg_catalog.format('insert into %1$I.change (shard, source, xid) select 64, ${integer(source.id)}, pg_catalog.pg_current_xact_id()${unlessSaid}', schema_name);${rung}
    exception
      when undefined_table or undefined_function or invalid_schema_name or insufficient_privilege then
        raise warning 'segmentd could not capture a change of %.%: %', tg_table_schema, tg_table_name, sqlstate
          using hint = 'Run "segmentd install", then "segmentd rebuild --all".';
    end;`;
}
