/**
 * Keys that the team changed by plain SQL: the overrides of the old key move to the new one. The trigger notes the pairs of each statement
 * under one rising number. A transaction that changes a key again waits for the first one, so a higher number is never seen
 * without the lower one that it rests on. The pairs of one statement move at once, because keys may be swapped; statements
 * move one after the other. Until then the overrides of the old key are not purged (purge-override.ts). A ticket in the outbox,
 * of source 0, is visible exactly when changed keys wait.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { render, param, sql, type Fragment } from '../compile/fragment.ts';
import { lockClass } from '../postgres/advisory-lock.ts';
import { lockTables } from '../postgres/give-way.ts';
import { tryShards } from '../postgres/lock.ts';
import type { Client } from '../postgres/pool.ts';
import { hashOf, statement } from '../postgres/sql-file.ts';
import { purgeOverridesOf } from './purge-override.ts';
import { contactExists } from './override.ts';

/** Statements of the team that one transaction follows. */
const STATEMENTS = 500;
/** Milliseconds: one statement of the team may have changed every key there is. */
export const KEY_CHANGE_TIMEOUT = 600_000;

export async function keysChanged(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ waits: boolean }>({
    name: 'keys-changed',
    text: 'select exists (select from segmentd_internal.key_change) as waits',
  });
  return rows[0]?.waits === true;
}

/**
 * Moves the overrides of changed keys, in the caller's transaction. Returns how many statements of the team it followed.
 * @throws 55P03 when a caller holds one of the overrides; it waits for no lock longer than the session's `lock_timeout`
 */
export async function followKeys(client: Client, catalogue: Catalogue): Promise<number> {
  const mine = await tryShards(client, lockClass.link, [0]);
  if (mine.length === 0) return 0;
  await lockTables(client, [catalogue.contacts.table]);
  const { rows } = await client.query<{ ids: string[]; origin: string | null }>({
    ...statement('key-change-take'),
    values: [STATEMENTS],
  });
  const { ids = [], origin = null } = rows[0] ?? {};
  if (ids.length === 0) return 0;
  const held = render(sql`select count(*) from (
    select from segmentd.override w
    where w.contact_id in (
      select k.old_key from segmentd_internal.key_change k where k.id = any (${param('ids', 'bigint[]')})
      union select k.new_key from segmentd_internal.key_change k where k.id = any (${param('ids', 'bigint[]')}))
    for update of w nowait) x`);
  await client.query(held.text, held.bind({ ids }));
  const move = render(moved(catalogue));
  const affected = new Set<string>();
  for (const id of ids) {
    const { rows: done } = await client.query<{ keys: string[] }>({
      name: `move ${hashOf(move.text)}`,
      text: move.text,
      values: move.bind({ id, origin }),
    });
    for (const key of done[0]?.keys ?? []) affected.add(key);
  }
  if (affected.size > 0) await purgeOverridesOf(client, catalogue, [...affected]);
  await client.query(
    `insert into segmentd_internal.change (shard, source, xid, origin)
     select 64, 0, pg_current_xact_id(), $1::text::xid8 where exists (select from segmentd_internal.key_change)`,
    [origin],
  );
  return ids.length;
}

/**
 * An override younger than the change of the key belongs to the contact that has the old key since. When no contact has it, the override was
 * written while the transaction was open, and moves too. Of two overrides in one segment the newer one stays. Snapshots
 * do not change. The sort takes all rows before the first is put back, or a swap would conflict with itself. More than 5,000 contacts
 * of one segment become a rebuild.
 */
function moved(catalogue: Catalogue): Fragment {
  return sql`with pair as materialized (
    delete from segmentd_internal.key_change k where k.id = ${param('id', 'bigint')} returning k.id, k.old_key, k.new_key, k.at
  ), taken as (
    delete from segmentd.override w using pair p, segmentd.segment s
    where w.contact_id = p.old_key and s.id = w.segment_id and s.kind <> 'snapshot' and s.wanted_state <> 'deleted'
      and (w.created_at <= p.at or not ${contactExists(catalogue, sql`p.old_key`)}
        and not exists (select from segmentd_internal.key_change later where later.new_key = p.old_key and later.id >= p.id))
    returning w.segment_id, p.old_key, p.new_key, w.kind, w.note, w.created_by, w.actor, w.created_at, w.expires_at
  ), sorted as materialized (
    select t.* from taken t order by t.segment_id, t.new_key
  ), put as (
    insert into segmentd.override as w (segment_id, contact_id, kind, note, created_by, actor, created_at, expires_at)
    select t.segment_id, t.new_key, t.kind, t.note, t.created_by, t.actor, t.created_at, t.expires_at from sorted t
    on conflict (segment_id, contact_id) do update
    set kind = excluded.kind, note = excluded.note, created_by = excluded.created_by, actor = excluded.actor, created_at = excluded.created_at, expires_at = excluded.expires_at
    where w.created_at < excluded.created_at
  ), asked as materialized (
    select x.segment_id, x.contact_id, count(*) over (partition by x.segment_id) as many
    from (select t.segment_id, t.old_key as contact_id from sorted t union select t.segment_id, t.new_key from sorted t) x
  ), queued as (
    insert into segmentd_internal.recheck (shard, segment_id, contact_id, reason, origin)
    select segmentd_internal.shard(a.contact_id::text), a.segment_id, a.contact_id, 'manual', coalesce(${param('origin', 'text')}::xid8, pg_current_xact_id())
    from asked a where a.many <= 5000
  ), requested as (
    insert into segmentd_internal.rebuild_request (segment_id, reason, origin)
    select distinct a.segment_id, 'manual', coalesce(${param('origin', 'text')}::xid8, pg_current_xact_id()) from asked a where a.many > 5000
  )
  select array(
    select w.contact_id::text from segmentd.override w join pair p on p.old_key = w.contact_id union select t.new_key::text from sorted t
  ) as keys`;
}
