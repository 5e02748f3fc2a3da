/**
 * The trigger function of a row trigger: one call for each row that an insert, an update or a delete writes. A write of
 * one row costs 168,000 instructions more than without capture, where a statement trigger costs 226,000, because no
 * transition table is kept and read (Postgres 18, 16 columns). The append takes 65,000 of them, the mask 58,000, the
 * doorbell 10,000, the exception block 4,000. A write of many rows pays more for each row. Invariant: as in
 * statement-body.ts, a failure leads to a coarser row of the outbox and never to an error of the team's statement. The
 * function sets no search path, which would cost 6,500 instructions a call, so every name and operator is qualified.
 */
import { ident, sql, type Fragment } from '../../compile/fragment.ts';
import type { SourceTable } from '../source.ts';
import { maskOf } from './changed-mask.ts';
import { noteKeyChanges } from './key-change-note.ts';
import {
  append,
  appended,
  appendEverything,
  keyTypeOf,
  linkOf,
  ring,
  xidAfterRing,
  type BodyOptions,
} from './outbox-row.ts';

export function rowBody(
  source: SourceTable,
  operation: 'insert' | 'update' | 'delete',
  options: BodyOptions,
): Fragment {
  return operation === 'update' ? updatedRowBody(source, options) : otherRowBody(source, operation, options);
}

function otherRowBody(source: SourceTable, operation: 'insert' | 'delete', options: BodyOptions): Fragment {
  return sql`
declare
  key ${keyTypeOf(source)};
  rang boolean;
begin
  begin
    key := ${linkOf(source, operation === 'insert' ? 'new' : 'old')};
  exception
    when others then
    ${appendEverything(source, options, { once: true })}
    return null;
  end;
  if key is not null then
    ${append(source, sql`values (${appended(source, sql`key`, sql`null`, xidAfterRing(options))})`)};
  end if;
  return null;
end
`;
}

/**
 * Each expression costs the writer a microsecond, so the usual case has four. A mask is never below zero: -1 stands for
 * a link that changed, that is or was null, or that no longer fits beside the columns.
 */
function updatedRowBody(source: SourceTable, options: BodyOptions): Fragment {
  const mask = maskOf(source, (column) => [sql`old.${ident(column)}`, sql`new.${ident(column)}`], false, options.wide);
  const isText = source.kind === 'through' || source.keyType === 'text';
  // The column's own collation may take two keys for one.
  const oldLink = isText ? sql`(${linkOf(source, 'old')}) collate pg_catalog."C"` : linkOf(source, 'old');
  return sql`
declare
  old_key ${keyTypeOf(source)};
  new_key ${keyTypeOf(source)};
  changed bigint;
  rang boolean;
begin
  begin
    new_key := ${linkOf(source, 'new')};
    changed := case when ${oldLink} operator(pg_catalog.=) new_key then ${mask} else -1 end;
  exception
    when others then changed := -1;
  end;
  if changed operator(pg_catalog.>) 0 then
    ${append(source, sql`values (${appended(source, sql`new_key`, sql`changed`, xidAfterRing(options))})`)};
    return null;
  end if;
  if changed operator(pg_catalog.=) 0 then
    return null;
  end if;
  begin
    old_key := ${linkOf(source, 'old')};
    new_key := ${linkOf(source, 'new')};
  exception
    when others then
    ${appendEverything(source, options, { once: true })}
    return null;
  end;
  if old_key is null and new_key is null then
    return null;
  end if;
  ${append(source, sql`select ${appended(source, sql`x.k`, sql`null::bigint`)} from pg_catalog.unnest(array[old_key, new_key]) with ordinality as x(k, n) where x.k is not null and (x.n operator(pg_catalog.=) 1 or old_key is null or old_key operator(pg_catalog.<>) new_key)`)};${
    source.kind === 'contact'
      ? sql`
  if old_key operator(pg_catalog.<>) new_key then${noteKeyChanges(sql`(select old_key, new_key)`)}
  end if;`
      : sql``
  }${ring(options)}
  return null;
end
`;
}
