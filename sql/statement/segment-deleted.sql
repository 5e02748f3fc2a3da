-- The segment that has a key, deleted or not.
-- $1 key
-- Rows: one or none; `age` in whole days since it was deleted. Locks: none.
select
    s.state,
    s.wanted_state,
    s.version,
    v.condition,
    v.timezone,
    to_char(s.deleted_at at time zone 'UTC', 'YYYY-MM-DD') as deleted_on,
    floor(extract(epoch from segmentd_internal.clock() - s.deleted_at) / 86400)::int as age
from segmentd.segment s
left join segmentd.segment_version v on v.segment_id = s.id and v.version = s.version
where s.key = $1
