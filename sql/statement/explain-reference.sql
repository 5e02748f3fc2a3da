-- Segments with the version that their membership follows now; a frozen segment follows none.
-- $1 keys
-- Rows: one a segment that exists. Locks: none.
select
    s.id,
    s.key,
    case when s.frozen_at is null and segmentd_internal.is_followed(s.state) then v.version end as version,
    v.kind,
    exists (select from segmentd.override w where w.segment_id = s.id and w.kind <> 'member') as overrides,
    v.condition,
    v.timezone
from segmentd.segment s
left join segmentd.segment_version v on v.segment_id = s.id and v.version = s.live_version
where s.key = any ($1::text[]) and s.state <> 'deleted'
