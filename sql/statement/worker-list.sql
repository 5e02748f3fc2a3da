-- Workers that have been seen in the last 30 s by the server's clock, the oldest first. A row from the future was written
-- before the clock was set back.
-- Rows: one a worker. Locks: none.
select w.id::text as id, w.host, w.pid, w.version, w.queue_kind, w.queue_place,
  to_char(w.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as started_at,
  to_char(w.seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as seen_at,
  greatest(0, extract(epoch from clock_timestamp() - w.seen_at))::float8 as silent_for,
  coalesce(w.generation = i.generation, false) as is_current
from segmentd_internal.worker w cross join segmentd_internal.installation i
where w.seen_at between clock_timestamp() - interval '30 seconds' and clock_timestamp() + interval '30 seconds'
order by w.started_at, w.id
