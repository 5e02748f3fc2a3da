-- Exports of every kind: downloads, files of the command line, runs of schedules.
-- $1 segment key or null, $2 run id or null, $3 only runs before this id or null, $4 most rows
-- Rows: the latest first. Locks: none.
select
    r.id::text as id, s.key, r.state, r.schedule_id, r.request is not null as download,
    r.request is not null and r.wait_until is null and r.state in ('waiting', 'failed') and r.requested_at > clock_timestamp() - interval '1 day' as ready,
    coalesce(r.manifest ->> 'format', r.request ->> 'format', c.format) as format,
    coalesce(r.manifest -> 'columns', r.request -> 'columns', to_jsonb(c.columns)) as columns,
    coalesce((r.manifest ->> 'gzip')::boolean, (r.request ->> 'gzip')::boolean, c.gzip, false) as gzip,
    coalesce(r.manifest #>> '{delta,name}', r.request ->> 'delta', c.delta) as delta,
    (r.manifest #>> '{delta,number}')::int as number,
    coalesce((r.manifest ->> 'count')::bigint, r.written)::float8 as written,
    coalesce((r.manifest ->> 'count')::bigint, r.total)::float8 as total,
    coalesce((r.manifest ->> 'bytes')::bigint, r.bytes)::float8 as bytes,
    coalesce(r.actor, r.created_by) as created_by, r.created_by as database_role,
    r.error, r.attempt, regexp_replace(r.file, '^.*[/\\]', '') as file,
    to_char(r.requested_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as requested_at,
    to_char(r.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as started_at,
    to_char(r.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as finished_at
from segmentd_internal.export_run r
join segmentd.segment s on s.id = r.segment_id
left join segmentd_internal.schedule c on c.id = r.schedule_id
where ($1::text is null or s.key = $1) and ($2::text is null or r.id = $2::text::bigint) and ($3::text is null or r.id < $3::text::bigint)
order by r.id desc
limit $4
