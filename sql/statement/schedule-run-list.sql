-- Runs of schedules, the latest first.
-- $1 schedule id or null, $2 run id or null, $3 most rows
-- Rows: one a run. Locks: none.
select
    r.id::text as run_id, r.schedule_id, s.key, r.state, r.attempt, r.file, r.manifest ->> 'count' as count, r.error as run_error, coalesce(r.actor, r.created_by) as run_by, r.created_by as run_role,
    to_char(r.due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as due_at,
    to_char(r.requested_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as requested_at,
    to_char(r.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as finished_at
from segmentd_internal.export_run r
join segmentd.segment s on s.id = r.segment_id
where r.schedule_id is not null and ($1::bigint is null or r.schedule_id = $1::bigint) and ($2::text is null or r.id = $2::text::bigint)
order by r.id desc
limit $3
