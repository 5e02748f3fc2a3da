-- Keeps the answer of a request that may be repeated, or forgets the request when $3 is null.
-- $1 person, $2 key, $3 status or null, $4 headers, $5 body
-- Rows: none. Locks: the row.
with forgotten as (
  delete from segmentd_internal.repeatable_request r where r.person = $1 and r.key = $2 and $3::smallint is null
)
update segmentd_internal.repeatable_request r
set status = $3::smallint, headers = $4::jsonb, body = $5
where r.person = $1 and r.key = $2 and $3::smallint is not null
