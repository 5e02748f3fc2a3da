-- Rechecks of one contact in some segments, by the index on (shard, segment). $1 shard of the contact, $2 segments, $3
-- contact. Rows: one for each recheck with its row id, stable while the shard is locked. Locks: none.
select r.ctid::text as row_id, r.segment_id, r.contact_id::text as contact_id, r.reason, r.origin::text as origin
from unnest($2::int[]) as wanted(segment_id)
join segmentd_internal.recheck r on r.shard = $1::smallint and r.segment_id = wanted.segment_id and r.epoch is null
where r.contact_id = $3::text::segmentd.contact_key
