/**
 * The trigger function of an insert, an update or a delete. It tries tiers, each coarser than the one before: one row →
 * several rows with masks → several rows without → "everything in this source". Invariant: a failure only leads to a
 * coarser tier, never to an error of the team's statement. So everything that reads the team's columns stands in an
 * exception block that writes nothing (a subtransaction without an id of its own).
 */
import { empty, integer, sql, type Fragment } from '../../compile/fragment.ts';
import type { SourceTable } from '../source.ts';
import { noteKeyChanges, pairedKeys } from './key-change-note.ts';
import { readRows, readUpdatedRows, readUpdatedRowsWithMasks } from './many-rows.ts';
import { readRow, readUpdatedRow } from './one-row.ts';
import { append, appended, appendEverything, keyTypeOf, ring, xidAfterRing, type BodyOptions } from './outbox-row.ts';

/**
 * Statements that change more rows than this do not say which columns: comparing 100,000 rows costs more than it saves.
 */
const MASKED_ROWS = 1_000;
/** Nor which contacts, beyond this: their keys would fill the memory of the team's session (8 to 40 bytes each). */
const NAMED_ROWS = 5_000_000;

export function statementBody(
  source: SourceTable,
  operation: 'insert' | 'update' | 'delete',
  options: BodyOptions,
): Fragment {
  const type = keyTypeOf(source);
  const isKeyUpdate = operation === 'update' && source.kind === 'contact';
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
    isKeyUpdate
      ? sql`
  moved boolean;`
      : empty
  }
  rang boolean;
begin
  begin${operation === 'update' ? readUpdatedRow(source, options) : readRow(source, operation)}
  exception
    when no_data_found then return null;
    when too_many_rows then tier := 2;
    when others then tier := 3;
  end;
  if tier is null and ${operation === 'update' ? sql`old_key = new_key and changed <> 0` : sql`new_key is not null`} then
    -- Each expression costs the writer a microsecond, so the usual case has two and rings in the second.
    ${append(source, sql`values (${appended(source, sql`new_key`, sql`changed`, xidAfterRing(options))})`)};
    return null;
  end if;
  if tier is null then${operation === 'update' ? oneUpdatedRow(source, options) : empty}
    return null;
  end if;
  if tier = 2 then
    select count(*) into rows from (select from ${operation === 'insert' ? sql`segmentd_new` : sql`segmentd_old`} limit ${integer(NAMED_ROWS + 1)}) x;
    if rows > ${integer(NAMED_ROWS)} then
      tier := 4;
    ${operation === 'update' ? sql`elsif rows <= ${integer(MASKED_ROWS)} then${readUpdatedRowsWithMasks(source, options)}` : empty}
    else
      tier := 3;
    end if;
  end if;
  if tier = 3 then
    begin${operation === 'update' ? readUpdatedRows(source) : readRows(source, operation)}
    exception
      when others then tier := 4;
    end;
  end if;${
    isKeyUpdate
      ? sql`
  -- In tier 2 a null mask may be a key, in tier 3 the lists of keys were compared, and tier 4 has compared nothing.
  if tier = 4 or moved or tier = 2 and array_position(masks, null) is not null then${noteKeyChanges(pairedKeys(source), sql`tier <> 4`)}
  end if;`
      : empty
  }
  if tier = 4 then
    ${appendEverything(source, options)}
    return null;
  elsif keys is null then
    return null;
  elsif tier = 3 then
    ${append(source, sql`select ${appended(source, sql`x.k`, sql`null::bigint`)} from (select unnest(keys) as k) x where x.k is not null`)};
  else
    ${append(source, sql`select ${appended(source, sql`x.k`, sql`x.m`)} from unnest(keys, masks) as x(k, m)`)};
  end if;${ring(options)}
  return null;
end
`;
}

/**
 * What one updated row leaves beside the usual case: no change, a null mask, a link that is or was null, or a changed
 * link.
 */
function oneUpdatedRow(source: SourceTable, options: BodyOptions): Fragment {
  return sql`
    if old_key = new_key then
      if changed = 0 then return null; end if;
      ${append(source, sql`values (${appended(source, sql`new_key`, sql`changed`)})`)};
    elsif old_key is null and new_key is null then
      return null;
    elsif old_key is null or new_key is null then
      ${append(source, sql`values (${appended(source, sql`coalesce(old_key, new_key)`, sql`null`)})`)};
    else
      ${append(source, sql`select ${appended(source, sql`x.k`, sql`null::bigint`)} from unnest(array[old_key, new_key]) as x(k)`)};${source.kind === 'contact' ? noteKeyChanges(sql`(select old_key, new_key)`) : empty}
    end if;${ring(options)}`;
}
