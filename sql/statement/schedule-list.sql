-- Schedules with their last run.
-- $1 id or null, $2 segment key or null
-- Rows: one a schedule. Locks: none.
select
    c.id, s.key, c.cron, c.timezone, c.format, c.columns, c.gzip, c.folder, c.delta, c.passing, c.formulas, c.consistent, c.fresh,
    case when isfinite(c.next_at) then to_char(c.next_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end as next_at,
    coalesce(c.next_at = 'infinity', false) as paused,
    c.error, coalesce(c.actor, c.created_by) as created_by, c.created_by as database_role,
    coalesce(r.actor, r.created_by) as run_by, r.created_by as run_role,
    r.id::text as run_id, r.schedule_id, r.state, r.attempt, r.file, r.manifest ->> 'count' as count, r.error as run_error,
    to_char(r.due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as due_at,
    to_char(r.requested_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as requested_at,
    to_char(r.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as finished_at
from segmentd_internal.schedule c
join segmentd.segment s on s.id = c.segment_id
left join lateral (select l.* from segmentd_internal.export_run l where l.schedule_id = c.id order by l.id desc limit 1) r on true
where ($1::int is null or c.id = $1) and ($2::text is null or s.key = $2)
order by c.id
