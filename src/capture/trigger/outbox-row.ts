/**
 * What a trigger function appends to the outbox: one row for a contact or for the value of a link, or one row that says
 * "everything in this source". The functions only append; they never read what stands in the outbox.
 */
import { empty, ident, integer, sql, type Fragment } from '../../compile/fragment.ts';
import type { SourceTable } from '../source.ts';

export interface BodyOptions {
  /** Whether the function rings the doorbell of a sleeping worker. */
  readonly doorbell: boolean;
}

/** The type of the keys that a function of this source holds in its variables. */
export function keyTypeOf(source: SourceTable): string {
  return source.kind === 'through' ? 'text' : source.keyType;
}

/**
 * The link of the row `alias`: the key of a contact, or as text the value that another table refers to. Each form
 * mentions our domain, so that reading a row fails at once while the schema segmentd_internal has another name.
 */
export function linkOf(source: SourceTable, alias: string): Fragment {
  const column = sql`${ident(alias)}.${ident(source.link.column)}`;
  // The planner leaves nothing of the comparison, but it cannot read it when the schema has another name.
  return source.kind === 'through'
    ? sql`case when null::segmentd_internal.captured_key is null then ${column}::text end`
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
  xid: Fragment = sql`pg_current_xact_id()`,
): Fragment {
  const shard =
    source.kind === 'through' ? sql`segmentd_internal.link_shard(${key})` : sql`segmentd_internal.shard(${key}::text)`;
  return sql`${shard}, ${integer(source.id)}, ${key}, ${mask}, ${xid}`;
}

/** Rings after the append; empty where the installation does without a doorbell. */
export function ring({ doorbell }: BodyOptions): Fragment {
  return doorbell
    ? sql`
  rang := segmentd_internal.doorbell();`
    : empty;
}

/**
 * Appends "everything in this source" to the schema in which this function stands, whatever its name is. The statement
 * is dynamic, because a static one would name the schema. Where even that fails (our table was dropped) the team's
 * write goes on, and the server's log says what was lost.
 */
export function appendEverything(source: SourceTable, { doorbell }: BodyOptions): Fragment {
  const rung = doorbell
    ? sql`
      execute format('select %I.doorbell()', schema_name) into rang;`
    : empty;
  return sql`declare
      schema_name constant name := (
        select n.nspname from pg_trigger t join pg_proc p on p.oid = t.tgfoid join pg_namespace n on n.oid = p.pronamespace
        where t.tgrelid = tg_relid and t.tgname = tg_name);
    begin
      execute format('insert into %I.change (shard, source, xid) values (64, ${integer(source.id)}, pg_current_xact_id())', schema_name);${rung}
    exception
      when undefined_table or undefined_function or invalid_schema_name or insufficient_privilege then
        raise warning 'segmentd could not capture a change of %.%: %', tg_table_schema, tg_table_name, sqlstate
          using hint = 'Run "segmentd install", then "segmentd rebuild --all".';
    end;`;
}
