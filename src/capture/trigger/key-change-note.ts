/**
 * Notes that the key of a contact changed, so that its overrides follow (override/key-change.ts). One statement's pairs
 * have one number, and one ticket in the outbox announces them. The note stands in a block of its own: the team's write
 * passes whatever happens to our table.
 */
import { sql, type Fragment } from '../../compile/fragment.ts';
import type { SourceTable } from '../source.ts';
import { linkOf } from './outbox-row.ts';

/**
 * @param pairs a table of old and new keys
 * @param warn when a failed note is worth a warning in the server's log
 */
export function noteKeyChanges(pairs: Fragment, warn: Fragment = sql`true`): Fragment {
  return sql`
    declare
      number_of bigint;
      noted_at timestamp with time zone;
    begin
      number_of := pg_catalog.nextval('segmentd_internal.key_change_id_seq');
      noted_at := pg_catalog.clock_timestamp();
      insert into segmentd_internal.key_change (id, old_key, new_key, at)
      select number_of, p.o, p.n, noted_at from ${pairs} as p(o, n) where p.o operator(pg_catalog.<>) p.n;
      if found then
        insert into segmentd_internal.change (shard, source, xid) values (64, 0, pg_catalog.pg_current_xact_id());
      end if;
    exception
      when others then
        if ${warn} then
          raise warning 'segmentd could not capture a changed key of %.%: %', tg_table_schema, tg_table_name, sqlstate
            using hint = 'The overrides of the contact are removed with its old key.';
        end if;
    end;`;
}

/**
 * Old and new keys of the rows, paired by position. There are none when the two sides differ in length: a trigger of a
 * partition refused a row on its way, so positions do not fit.
 */
export function pairedKeys(source: SourceTable): Fragment {
  const side = (table: Fragment): Fragment =>
    sql`(select row_number() over () as i, ${linkOf(source, 'r')} as k from ${table} r)`;
  return sql`(
        select o.k, n.k from ${side(sql`segmentd_old`)} o join ${side(sql`segmentd_new`)} n using (i)
        where (select count(*) from segmentd_old) = (select count(*) from segmentd_new))`;
}
