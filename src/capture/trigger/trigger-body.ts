/**
 * What a trigger function does: append what changed to the outbox. It may never make the team's statement fail, whatever
 * happened to the table since: everything that reads its columns stands in an exception block that writes nothing (a
 * subtransaction without an id of its own), and each failure falls back to a coarser truth: which contacts and which
 * columns → which contacts → "everything in this source".
 *
 * Somebody may even rename the schema segmentd. Then every name of ours is unknown, so no declaration uses one, and each
 * first look at a row mentions our domain: it fails, and "everything" goes to wherever the function itself stands by now.
 *
 * One row is the hot path: one SELECT of both transition tables, `into strict`, whose error says that there were none or
 * more. It adds 25 µs to a statement, 9 of them the mask of 13 columns; counting the rows first cost 8 more.
 * Old and new rows are paired by position; any pairing is right, because a pair that does not belong together only shows
 * more columns as changed, and both of its links. So no primary key is needed.
 */
import { empty, ident, integer, join, keyword, sql, type Fragment } from '../../compile/fragment.ts';
import type { CapturedColumn, SourceTable } from '../source.ts';
import type { Operation } from './trigger.ts';

/** Statements that change more rows than this do not say which columns: comparing 100,000 rows costs more than it saves. */
const MASKED_ROWS = 1_000;
/** Nor which contacts, beyond this: their keys would fill the memory of the team's session (8 to 40 bytes each). */
const NAMED_ROWS = 5_000_000;

/** Types whose `is distinct from` is there, never raises, and tells apart whatever a condition could tell apart. */
const PLAIN_TYPE =
  /^(smallint|integer|bigint|numeric(\(.*\))?|real|double precision|boolean|date|uuid|jsonb|text|character varying(\(\d+\))?|(timestamp|time)(\(\d\))? with(out)? time zone)(\[\])?$/;

export function triggerBody(
  source: SourceTable,
  operation: Operation,
  options: { readonly doorbell: boolean },
): Fragment {
  const ring = options.doorbell
    ? sql`
  rang := segmentd.doorbell();`
    : empty;
  if (operation === 'row') return rowBody(source, options);
  if (operation === 'truncate') {
    return sql`
declare
  rang boolean;
begin
  ${everything(source, options)}
  return null;
end
`;
  }
  const type = keyword(source.kind === 'through' ? 'text' : source.keyType);
  return sql`
declare
  old_key ${type};
  new_key ${type};
  changed bigint;
  keys ${type}[];
  old_keys ${type}[];
  masks bigint[];
  rows integer;
  -- null one row; 2 several, with masks; 3 several, without; 4 everything
  tier integer;${
    operation === 'update' && source.kind === 'contact'
      ? sql`
  moved boolean;`
      : empty
  }
  rang boolean;
begin
  begin${operation === 'update' ? oneUpdated(source) : one(source, operation)}
  exception
    when no_data_found then return null;
    when too_many_rows then tier := 2;
    when others then tier := 3;
  end;
  if tier is null and ${operation === 'update' ? sql`old_key = new_key and changed <> 0` : sql`new_key is not null`} then
    -- Each expression costs the writer a microsecond, so the usual case has two and rings in the second.
    ${append(source, sql`values (${appended(source, sql`new_key`, sql`changed`, options.doorbell ? sql`case when segmentd.doorbell() is null then null else pg_current_xact_id() end` : undefined)})`)};
    return null;
  end if;
  if tier is null then${
    operation === 'update'
      ? sql`
    if old_key = new_key then
      if changed = 0 then return null; end if;
      ${append(source, sql`values (${appended(source, sql`new_key`, sql`changed`)})`)};
    elsif old_key is null and new_key is null then
      return null;
    elsif old_key is null or new_key is null then
      ${append(source, sql`values (${appended(source, sql`coalesce(old_key, new_key)`, sql`null`)})`)};
    else
      ${append(source, sql`select ${appended(source, sql`x.k`, sql`null::bigint`)} from unnest(array[old_key, new_key]) as x(k)`)};${source.kind === 'contact' ? noteKeys(sql`(select old_key, new_key)`) : empty}
    end if;${ring}`
      : empty
  }
    return null;
  end if;
  if tier = 2 then
    select count(*) into rows from (select from ${operation === 'insert' ? sql`segmentd_new` : sql`segmentd_old`} limit ${integer(NAMED_ROWS + 1)}) x;
    if rows > ${integer(NAMED_ROWS)} then
      tier := 4;
    ${operation === 'update' ? sql`elsif rows <= ${integer(MASKED_ROWS)} then${some(source)}` : empty}
    else
      tier := 3;
    end if;
  end if;
  if tier = 3 then
    begin${operation === 'update' ? manyUpdated(source) : many(source, operation)}
    exception
      when others then tier := 4;
    end;
  end if;${
    operation === 'update' && source.kind === 'contact'
      ? sql`
  -- In tier 2 a null mask may be a key, in tier 3 the lists of keys were compared, and tier 4 has compared nothing.
  if tier = 4 or moved or tier = 2 and array_position(masks, null) is not null then${noteKeys(paired(source), sql`tier <> 4`)}
  end if;`
      : empty
  }
  if tier = 4 then
    ${everything(source, options)}
    return null;
  elsif keys is null then
    return null;
  elsif tier = 3 then
    ${append(source, sql`select ${appended(source, sql`x.k`, sql`null::bigint`)} from (select unnest(keys) as k) x where x.k is not null`)};
  else
    ${append(source, sql`select ${appended(source, sql`x.k`, sql`x.m`)} from unnest(keys, masks) as x(k, m)`)};
  end if;${ring}
  return null;
end
`;
}

/**
 * One row that logical replication wrote. It says no columns: whoever reads the source is asked. Both links, where one changed.
 */
function rowBody(source: SourceTable, options: { readonly doorbell: boolean }): Fragment {
  const type = keyword(source.kind === 'through' ? 'text' : source.keyType);
  return sql`
declare
  old_key ${type};
  new_key ${type};
  rang boolean;
begin
  begin
    if tg_op <> 'INSERT' then
      old_key := ${linkOf(source, 'old')};
    end if;
    if tg_op <> 'DELETE' then
      new_key := ${linkOf(source, 'new')};
    end if;
  exception
    when others then
    ${everything(source, options)}
    return null;
  end;
  ${append(source, sql`select ${appended(source, sql`x.k`, sql`null::bigint`)} from (select distinct unnest(array[old_key, new_key]) as k) x where x.k is not null`)};${
    source.kind === 'contact'
      ? sql`
  if old_key <> new_key then${noteKeys(sql`(select old_key, new_key)`)}
  end if;`
      : empty
  }${
    options.doorbell
      ? sql`
  rang := segmentd.doorbell();`
      : empty
  }
  return null;
end
`;
}

/**
 * The one updated row: both links and the mask, null where a column changed that other rows lead to. The subselects name
 * every column in the order of the table, so that the scans have nothing to project: 20,000 instructions less of 213,000.
 */
function oneUpdated(source: SourceTable): Fragment {
  return sql`
    select ${linkOf(source, 'o')}, ${linkOf(source, 'n')}, ${maskOf(source, (column) => [sql`o.${ident(column)}`, sql`n.${ident(column)}`])}
    into strict old_key, new_key, changed
    from (select * from segmentd_old offset 0) o left join (select * from segmentd_new offset 0) n on true;`;
}

/** The one inserted or deleted row. The other key stays null, so that the row is appended without a mask. */
function one(source: SourceTable, operation: 'insert' | 'delete'): Fragment {
  return sql`
    select ${linkOf(source, 'r')} into strict new_key from ${rowsOf(operation)} r;`;
}

/**
 * What was decided by hand of a contact is to follow its key (override/key-change.ts): the pairs of this statement under one
 * number, and a ticket in the outbox. In a block of its own, because the write of the team passes whatever happens to our table.
 * `pairs` is a table of old and new keys.
 */
function noteKeys(pairs: Fragment, warn: Fragment = sql`true`): Fragment {
  return sql`
    declare
      number_of bigint;
      noted_at timestamptz;
    begin
      number_of := nextval('segmentd.key_change_id_seq');
      noted_at := clock_timestamp();
      insert into segmentd.key_change (id, old_key, new_key, at)
      select number_of, p.o, p.n, noted_at from ${pairs} as p(o, n) where p.o <> p.n;
      if found then
        insert into segmentd.change (shard, source, xid) values (64, 0, pg_current_xact_id());
      end if;
    exception
      when others then
        if ${warn} then
          raise warning 'segmentd could not note a changed key of %.%: %', tg_table_schema, tg_table_name, sqlstate
            using hint = 'What was decided by hand of the contact is removed with its old key.';
        end if;
    end;`;
}

/** Old and new keys of the rows by their position. None if a trigger of a partition refused a row on its way: then they do not fit. */
function paired(source: SourceTable): Fragment {
  const side = (table: Fragment): Fragment =>
    sql`(select row_number() over () as i, ${linkOf(source, 'r')} as k from ${table} r)`;
  return sql`(
        select o.k, n.k from ${side(sql`segmentd_old`)} o join ${side(sql`segmentd_new`)} n using (i)
        where (select count(*) from segmentd_old) = (select count(*) from segmentd_new))`;
}

/** A few updated rows. Columns are renamed first: the team may have one called like ours. */
function some(source: SourceTable): Fragment {
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
      begin
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
      exception
        when others then tier := 3;
      end;`;
}

/** Many updated rows. When no link changed, which an update in place shows by equal lists, the new links are all. */
function manyUpdated(source: SourceTable): Fragment {
  const both = sql`${
    source.kind === 'contact'
      ? sql`
        moved := true;`
      : empty
  }
        select array_agg(x.k) into keys from (select unnest(keys) as k union select unnest(old_keys)) x;`;
  return sql`
      select array_agg(${linkOf(source, 'n')}) into keys from segmentd_new n;
      select array_agg(${linkOf(source, 'o')}) into old_keys from segmentd_old o;
      if keys is distinct from old_keys then${both}${
        source.kind === 'contact'
          ? empty
          : sql`
      else${distinct}`
      }
      end if;`;
}

function many(source: SourceTable, operation: 'insert' | 'delete'): Fragment {
  return sql`
      select array_agg(${linkOf(source, 'r')}) into keys from ${rowsOf(operation)} r;${source.kind === 'contact' ? empty : distinct}`;
}

/** Not for the contacts themselves, whose key is unique. */
const distinct = sql`
        select array_agg(x.k) into keys from (select distinct unnest(keys) as k) x;`;

type Sides = (column: string) => readonly [old: Fragment, now: Fragment];

/**
 * One boolean a bit, the highest first, read as a number. A chain of `case … | case …` says the same in three times as many
 * steps, and setting up the steps of an expression, not running them, is what an update of one row pays for.
 */
function maskOf(source: SourceTable, sides: Sides): Fragment {
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

/** Whether a column's value changed. Never blind; for odd types the record image, which no operator class can fail. */
function difference(column: CapturedColumn, [old, now]: readonly [Fragment, Fragment]): Fragment {
  if (PLAIN_TYPE.test(column.sqlType) && !column.collate) return sql`${old} is distinct from ${now}`;
  return sql`row(${old})::record *<> row(${now})::record`;
}

function rowsOf(operation: 'insert' | 'delete'): Fragment {
  return operation === 'insert' ? sql`segmentd_new` : sql`segmentd_old`;
}

function linkOf(source: SourceTable, alias: string): Fragment {
  const column = sql`${ident(alias)}.${ident(source.link.column)}`;
  // The planner leaves nothing of the comparison, but it cannot read it when the schema has another name.
  return source.kind === 'through'
    ? sql`case when null::segmentd.contact_key is null then ${column}::text end`
    : sql`${column}::segmentd.contact_key`;
}

function append(source: SourceTable, rows: Fragment): Fragment {
  const key = source.kind === 'through' ? sql`link` : sql`contact_id`;
  return sql`insert into segmentd.change (shard, source, ${key}, mask, xid) ${rows}`;
}

function appended(
  source: SourceTable,
  key: Fragment,
  mask: Fragment,
  xid: Fragment = sql`pg_current_xact_id()`,
): Fragment {
  const shard = source.kind === 'through' ? sql`segmentd.link_shard(${key})` : sql`segmentd.shard(${key}::text)`;
  return sql`${shard}, ${integer(source.id)}, ${key}, ${mask}, ${xid}`;
}

/**
 * Into the schema in which this function stands, whatever its name is. Dynamic, because a static statement would name it.
 * Where even that fails (our table was dropped) the write goes on, and the server's log says what was lost.
 */
function everything(source: SourceTable, { doorbell }: { readonly doorbell: boolean }): Fragment {
  const ring = doorbell
    ? sql`
      execute format('select %I.doorbell()', schema_name) into rang;`
    : empty;
  return sql`declare
      schema_name constant name := (
        select n.nspname from pg_trigger t join pg_proc p on p.oid = t.tgfoid join pg_namespace n on n.oid = p.pronamespace
        where t.tgrelid = tg_relid and t.tgname = tg_name);
    begin
      execute format('insert into %I.change (shard, source, xid) values (64, ${integer(source.id)}, pg_current_xact_id())', schema_name);${ring}
    exception
      when undefined_table or undefined_function or invalid_schema_name or insufficient_privilege then
        raise warning 'segmentd could not note a change of %.%: %', tg_table_schema, tg_table_name, sqlstate
          using hint = 'Run "segmentd install", then "segmentd rebuild --all".';
    end;`;
}
