/**
 * The parts of a statement trigger that read several changed rows, each coarser than the one before: which contacts and
 * which columns, then which contacts. Old and new rows are paired by position. Any pairing is right: a pair that does
 * not belong together only shows more columns as changed, and both of its links. So no primary key is needed.
 */
import { empty, ident, join, sql, type Fragment } from '../../compile/fragment.ts';
import type { SourceTable } from '../source.ts';
import { maskOf } from './changed-mask.ts';
import { linkOf, rowsOf, type BodyOptions } from './outbox-row.ts';

/** Reads updated rows with their masks. Columns are renamed first: the team may have one with a name of ours. */
export function readUpdatedRowsWithMasks(source: SourceTable, { wide }: BodyOptions): Fragment {
  const columns = [...new Set([...source.columns.map((column) => column.name), ...source.targets])];
  const renamed = new Map(columns.map((column, index) => [column, `c${index}`]));
  const side = (name: string, table: Fragment): Fragment => {
    const list = columns.map((column) => sql`, r.${ident(column)} as ${ident(renamed.get(column) ?? '')}`);
    return sql`(select row_number() over () as i, ${linkOf(source, 'r')} as k${join(list, empty)} from ${table} r) ${ident(name)}`;
  };
  const sides = (column: string): readonly [Fragment, Fragment] => {
    const name = ident(renamed.get(column) ?? '');
    return [sql`o.${name}`, sql`n.${name}`];
  };
  const mask = maskOf(source, sides, true, wide);
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

/**
 * Reads updated rows without masks. When no link changed, which an update in place shows by equal lists, the new links
 * are all.
 */
export function readUpdatedRows(source: SourceTable): Fragment {
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
      else${DISTINCT_KEYS}`
      }
      end if;`;
}

/** Reads inserted or deleted rows. */
export function readRows(source: SourceTable, operation: 'insert' | 'delete'): Fragment {
  return sql`
      select array_agg(${linkOf(source, 'r')}) into keys from ${rowsOf(operation)} r;${source.kind === 'contact' ? empty : DISTINCT_KEYS}`;
}

/** Not for the contacts themselves, whose key is unique. */
const DISTINCT_KEYS = sql`
        select array_agg(x.k) into keys from (select distinct unnest(keys) as k) x;`;
