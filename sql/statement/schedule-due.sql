-- Schedules that are due, or that no worker has seen yet.
-- Rows: at most 100. Locks: those schedules, until the transaction ends; rows that another worker has are left out.
select
    c.id, c.segment_id, c.cron, c.timezone,
    -- Infinite, or before our era: no instant that was missed.
    case when c.next_at > '0001-01-02' then to_char(c.next_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end as due_at,
    to_char(segmentd_internal.clock() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now
from segmentd_internal.schedule c
where c.next_at is null or c.next_at <= segmentd_internal.clock()
order by c.id
limit 100
for no key update skip locked
