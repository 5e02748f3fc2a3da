-- Writes overrides, and replaces those that stand already. It updates the row in any case: a drain that purges the overrides of a
-- deleted contact must not purge one that was renewed.
-- $1 segment id, $2 contact keys as text, $3 kind, $4 note, $5 until when or null. Rows: none. Locks: the rows.
insert into segmentd.override as w (segment_id, contact_id, kind, note, expires_at)
select $1::int, k.key::segmentd.contact_key, $3::text, $4::text, $5::text::timestamptz
from unnest($2::text[]) as k(key)
order by 2
on conflict (segment_id, contact_id) do update
set kind = excluded.kind, note = excluded.note, expires_at = excluded.expires_at, created_by = excluded.created_by, actor = excluded.actor, created_at = excluded.created_at
