-- Work that waits, counted up to a bound so that a long backlog does not make the query slow.
-- No parameters. Rows: one. Locks: none.
select
    to_char(i.fresh_as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as fresh_as_of,
    extract(epoch from clock_timestamp() - i.fresh_as_of)::float8 as lag,
    to_char(i.rows_as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as rows_as_of,
    extract(epoch from clock_timestamp() - i.rows_as_of)::float8 as rows_lag,
    to_char(i.time_as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time_as_of,
    extract(epoch from clock_timestamp() - i.time_as_of)::float8 as time_lag,
    pg_catalog.pg_is_in_recovery() as standby,
    (select count(*) from (select from segmentd_internal.change limit 100000) c)::text as changes,
    (select count(*) from (select from segmentd_internal.recheck limit 100000) r)::text as rechecks,
    -- As metric.sql counts them.
    (select count(*) from segmentd.segment s
     where s.wanted_state = 'live' and s.state in ('building', 'live', 'held', 'failed')
         and (s.state = 'building' or s.state = 'live' and s.live_version is distinct from s.version
             or exists (select from segmentd_internal.rebuild_request r where r.segment_id = s.id)))::text as rebuilds,
    exists (select from segmentd_internal.source s where s.installed_at is not null) as installed
from segmentd_internal.installation i
