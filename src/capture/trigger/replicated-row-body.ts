/**
 * The trigger function for rows that logical replication writes. It appends both links where the link changed, and says
 * no columns: every segment that reads the source is checked.
 */
import { empty, sql, type Fragment } from '../../compile/fragment.ts';
import type { SourceTable } from '../source.ts';
import { noteKeyChanges } from './key-change-note.ts';
import { append, appended, appendEverything, keyTypeOf, linkOf, ring, type BodyOptions } from './outbox-row.ts';

export function replicatedRowBody(source: SourceTable, options: BodyOptions): Fragment {
  const type = keyTypeOf(source);
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
    ${appendEverything(source, options)}
    return null;
  end;
  ${append(source, sql`select ${appended(source, sql`x.k`, sql`null::bigint`)} from (select distinct unnest(array[old_key, new_key]) as k) x where x.k is not null`)};${
    source.kind === 'contact'
      ? sql`
  if old_key <> new_key then${noteKeyChanges(sql`(select old_key, new_key)`)}
  end if;`
      : empty
  }${ring(options)}
  return null;
end
`;
}
