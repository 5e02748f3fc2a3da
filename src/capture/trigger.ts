/**
 * Builds the trigger functions of one source. They append what changed to the outbox and may never make the team's
 * statement fail, whatever happened to the table since: everything that reads its columns stands in an exception block
 * that writes nothing (a subtransaction without an id of its own), and each failure falls back to a coarser truth:
 * which contacts and which columns → which contacts → "everything in this source".
 *
 * One row is the hot path: one SELECT of both transition tables, `into strict`, whose error says that there were none or
 * more. It adds 24 µs to a statement, 10 of them the mask; counting the rows first cost 8 more.
 * Old and new rows are paired by position; any pairing is right, because a pair that does not belong together only shows
 * more columns as changed, and both of its links. So no primary key is needed.
 */
import { hashOf } from '../postgres/sql-file.ts';
import { empty, ident, integer, join, keyword, literal, render, sql, type Fragment } from '../compile/fragment.ts';
import type { CapturedColumn, Source } from './source.ts';

export type Operation = 'insert' | 'update' | 'delete' | 'truncate';
export const OPERATIONS: readonly Operation[] = ['insert', 'update', 'delete', 'truncate'];

export interface CaptureFunction {
  readonly operation: Operation;
  /** Name in the schema segmentd. */
  readonly name: string;
  /** Name of the triggers that call it. */
  readonly trigger: string;
  readonly body: string;
  /** Of the body: kept in the function's comment, so that an unchanged one is left alone. */
  readonly hash: string;
}

/** Statements that change more rows than this do not say which columns: comparing 100,000 rows costs more than it saves. */
const MASKED_ROWS = 1_000;

/** Types whose `is distinct from` is there, never raises, and tells apart whatever a condition could tell apart. */
const PLAIN_TYPE =
  /^(smallint|integer|bigint|numeric(\(.*\))?|real|double precision|boolean|date|uuid|jsonb|text|character varying(\(\d+\))?|(timestamp|time)(\(\d\))? with(out)? time zone)(\[\])?$/;

export function captureFunctions(source: Source, options: { readonly doorbell: boolean }): readonly CaptureFunction[] {
  const ring = options.doorbell ? sql`\n  rang := segmentd.doorbell();` : empty;
  return OPERATIONS.map((operation) => {
    const body = render(bodyOf(source, operation, ring)).text;
    return {
      operation,
      name: `capture_${source.id}_${operation}`,
      trigger: `segmentd_${source.id}_${operation}`,
      body,
      hash: hashOf(body),
    };
  });
}

function bodyOf(source: Source, operation: Operation, ring: Fragment): Fragment {
  switch (operation) {
    case 'truncate':
      return sql`
declare
  rang boolean;
begin
  ${everything(source)}${ring}
  return null;
end
`;
    case 'update':
      return body(source, ring, single(source), many(source), sql`
      select array_agg(k) into keys from (
        select ${linkOf(source, 'o')} as k from segmentd_old o
        union
        select ${linkOf(source, 'n')} from segmentd_new n
      ) x where k is not null`);
    default:
      return body(source, ring, singleRow(source, operation), empty, sql`
      select array_agg(distinct ${linkOf(source, 'r')}) into keys from ${rowsOf(operation)} r
      where r.${ident(source.link.column)} is not null`);
  }
}

/** The common frame. `tier`: 0 one row; 2 several, with masks; 3 several, without; 4 everything. */
function body(source: Source, ring: Fragment, one: Fragment, masked: Fragment, unmasked: Fragment): Fragment {
  const type = keyword(source.kind === 'through' ? 'text' : 'segmentd.contact_key');
  const afterMany = masked === empty ? sql`3` : sql`2`;
  return sql`
declare
  old_key ${type};
  new_key ${type};
  changed bigint;
  keys ${type}[];
  masks bigint[];
  tier integer := 0;
  rang boolean;
begin
  begin${one}
  exception
    when no_data_found then return null;
    when too_many_rows then tier := ${afterMany};
    when others then tier := 3;
  end;
  if tier = 0 then
    if old_key = new_key then
      if changed = 0 then return null; end if;
      ${append(source, sql`values (${appended(source, sql`new_key`, sql`changed`)})`)};
    elsif old_key is null and new_key is null then
      return null;
    elsif old_key is null or new_key is null then
      ${append(source, sql`values (${appended(source, sql`coalesce(old_key, new_key)`, sql`null`)})`)};
    else
      ${append(source, sql`select ${appended(source, sql`x.k`, sql`null::bigint`)} from unnest(array[old_key, new_key]) as x(k)`)};
    end if;${ring}
    return null;
  end if;${masked}
  if tier = 3 then
    masks := null;
    begin${unmasked};
    exception
      when others then tier := 4;
    end;
  end if;
  if tier = 4 then
    ${everything(source)}
  elsif keys is null then
    return null;
  else
    ${append(source, sql`select ${appended(source, sql`x.k`, sql`x.m`)} from unnest(keys, masks) as x(k, m)`)};
  end if;${ring}
  return null;
end
`;
}

/** The one updated row: both links and the mask, null where a column changed that other rows lead to. */
function single(source: Source): Fragment {
  return sql`
    select ${linkOf(source, 'o')}, ${linkOf(source, 'n')}, ${maskOf(source, (column) => [sql`o.${ident(column)}`, sql`n.${ident(column)}`])}
    into strict old_key, new_key, changed
    from segmentd_old o left join segmentd_new n on true;`;
}

/** The one inserted or deleted row. The other key stays null, so that the row is appended without a mask. */
function singleRow(source: Source, operation: 'insert' | 'delete'): Fragment {
  return sql`
    select ${linkOf(source, 'r')} into strict new_key
    from ${rowsOf(operation)} r;`;
}

/** A few updated rows. Columns are renamed first: the team may have one called like ours. */
function many(source: Source): Fragment {
  const columns = [...new Set([...source.columns.map((column) => column.name), ...source.targets])];
  const renamed = new Map(columns.map((column, index) => [column, `c${index}`]));
  const side = (name: string, table: Fragment): Fragment => {
    const list = columns.map((column) => sql`, r.${ident(column)} as ${ident(renamed.get(column) ?? '')}`);
    return sql`(select row_number() over () as i, ${linkOf(source, 'r')} as k${join(list, empty)} from ${table} r) ${ident(name)}`;
  };
  const mask = maskOf(source, (column) => {
    const name = ident(renamed.get(column) ?? '');
    return [sql`o.${name}`, sql`n.${name}`];
  });
  return sql`
  if tier = 2 then
    begin
      if (select count(*) from (select from segmentd_old limit ${integer(MASKED_ROWS + 1)}) x) > ${integer(MASKED_ROWS)} then
        tier := 3;
      else
        with pair as materialized (
          select o.k as old_key, n.k as new_key, ${mask} as mask
          from ${side('o', sql`segmentd_old`)} full join ${side('n', sql`segmentd_new`)} using (i)
        )
        select array_agg(x.k), array_agg(x.m) into keys, masks from (
          select p.new_key as k, p.mask as m from pair p where p.old_key = p.new_key and (p.mask <> 0 or p.mask is null)
          union
          select p.old_key, null from pair p where p.old_key is distinct from p.new_key and p.old_key is not null
          union
          select p.new_key, null from pair p where p.old_key is distinct from p.new_key and p.new_key is not null
        ) x;
      end if;
    exception
      when others then tier := 3;
    end;
  end if;`;
}

type Sides = (column: string) => readonly [old: Fragment, now: Fragment];

function maskOf(source: Source, sides: Sides): Fragment {
  const bits = new Map<number, Fragment[]>();
  for (const column of source.columns) {
    const bit = source.bits.get(column.name);
    if (bit === undefined) throw new Error(`no mask bit for ${column.name}`);
    const differs = difference(column, sides(column.name));
    bits.set(bit, [...(bits.get(bit) ?? []), differs]);
  }
  const parts = [...bits].map(([bit, differences]) => sql`
      case when ${join(differences, sql` or `)} then 1::bigint << ${integer(bit)} else 0 end`);
  const mask = parts.length === 0 ? sql`0::bigint` : join(parts, sql` |`);
  if (source.targets.length === 0) return mask;
  const moved = source.targets.map((target) => {
    const [old, now] = sides(target);
    return sql`${old} is distinct from ${now}`;
  });
  return sql`case when ${join(moved, sql` or `)} then null else ${mask} end`;
}

/** Whether a column's value changed. Never blind; for odd types the record image, which no operator class can fail. */
function difference(column: CapturedColumn, [old, now]: readonly [Fragment, Fragment]): Fragment {
  if (PLAIN_TYPE.test(column.sqlType) && !column.collate) return sql`${old} is distinct from ${now}`;
  return sql`row(${old})::record *<> row(${now})::record`;
}

function rowsOf(operation: 'insert' | 'delete'): Fragment {
  return operation === 'insert' ? sql`segmentd_new` : sql`segmentd_old`;
}

function linkOf(source: Source, alias: string): Fragment {
  const column = sql`${ident(alias)}.${ident(source.link.column)}`;
  return source.kind === 'through' ? sql`${column}::text` : sql`${column}::segmentd.contact_key`;
}

function append(source: Source, rows: Fragment): Fragment {
  const key = source.kind === 'through' ? sql`link` : sql`contact_id`;
  return sql`insert into segmentd.change (shard, source, ${key}, mask, xid) ${rows}`;
}

function appended(source: Source, key: Fragment, mask: Fragment): Fragment {
  const text = source.kind === 'through' ? key : sql`${key}::text`;
  return sql`segmentd.shard(${text}), ${integer(source.id)}, ${key}, ${mask}, pg_current_xact_id()`;
}

function everything(source: Source): Fragment {
  return sql`insert into segmentd.change (shard, source, xid) values (0, ${integer(source.id)}, pg_current_xact_id());`;
}

/** The statements that put a function in place. */
export function createFunction(capture: CaptureFunction): readonly Fragment[] {
  const name = sql`${ident('segmentd', capture.name)}()`;
  return [
    sql`create or replace function ${name} returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as ${literal(capture.body)}`,
    sql`comment on function ${name} is ${literal(commentOf(capture))}`,
  ];
}

export function commentOf(capture: CaptureFunction): string {
  return `Capture of segmentd, written by its installer (${capture.hash}).`;
}

const TRANSITION: Readonly<Record<Operation, Fragment>> = {
  insert: sql` referencing new table as segmentd_new`,
  update: sql` referencing old table as segmentd_old new table as segmentd_new`,
  delete: sql` referencing old table as segmentd_old`,
  truncate: empty,
};

/** The statements that put a trigger on one table, partition or child. `table` is already quoted. */
export function createTrigger(capture: CaptureFunction, table: Fragment): readonly Fragment[] {
  const { operation } = capture;
  const trigger = ident(capture.trigger);
  return [
    sql`create or replace trigger ${trigger} after ${keyword(operation)} on ${table}${TRANSITION[operation]} for each statement execute function ${ident('segmentd', capture.name)}()`,
    sql`alter table only ${table} enable always trigger ${trigger}`,
  ];
}
