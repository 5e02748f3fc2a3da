-- How far the index build of a session is, from 0 to 1: it scans the table, then it validates what was written meanwhile.
-- $1 int process id of the session. Rows: none while it builds no index. Locks: none.
select p.phase,
  case
    when p.phase like 'building index%' and p.blocks_total > 0 then 0.8 * p.blocks_done / p.blocks_total
    when p.phase like 'index validation%' and p.blocks_total > 0 then 0.8 + 0.2 * p.blocks_done / p.blocks_total
    when p.phase like 'building index%' then 0.8
    when p.phase like 'index validation%' or p.phase like 'waiting for old snapshots%' then 0.9
    else 0
  end::float8 as fraction
from pg_catalog.pg_stat_progress_create_index p
where p.pid = $1
