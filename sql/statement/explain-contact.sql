-- What is stored of one contact in one segment, why, and what waits for it. A member's entry is found by its instant;
-- else the last time it left.
-- $1 segment id, $2 contact key as text
-- Rows: one. Locks: none.
select
    to_char(m.entered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as entered_at,
    to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
    e.reason,
    e.version,
    case when h.contact_id is not null then json_build_object('kind', h.kind, 'note', h.note, 'createdBy', coalesce(h.actor, h.created_by), 'databaseRole', h.created_by,
        'createdAt', to_char(h.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'expiresAt', to_char(h.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) end as override,
    (select count(*)::int from (
        select from segmentd_internal.change c where c.shard in (segmentd_internal.shard(k.id::text), 128 + segmentd_internal.shard(k.id::text)) and c.contact_id = k.id limit 1000) c) as changes,
    (select count(*)::int from (
        select from segmentd_internal.recheck r
        where r.shard = segmentd_internal.shard(k.id::text) and r.segment_id = $1 and r.contact_id = k.id and r.epoch is null limit 1000) r) as rechecks,
    exists (select from segmentd_internal.change c where c.shard between 64 and 127) as unresolved,
    exists (select from segmentd_internal.rebuild_request q where q.segment_id = $1) as rebuild
from (select $2::text::segmentd.contact_key as id) k
left join segmentd.membership m on m.segment_id = $1 and m.contact_id = k.id
left join segmentd.override h on h.segment_id = $1 and h.contact_id = k.id
left join lateral (
    (select i.at, i.reason, i.version, i.id from segmentd.membership_event i
    where i.segment_id = $1 and i.contact_id = k.id and i.kind = 'entered' and i.at = m.entered_at
    order by i.id desc limit 1)
    union all
    (select o.at, o.reason, o.version, o.id from segmentd.membership_event o
    where m.contact_id is null and o.segment_id = $1 and o.contact_id = k.id and o.kind = 'left'
    order by o.at desc, o.id desc limit 1)
) e on true
