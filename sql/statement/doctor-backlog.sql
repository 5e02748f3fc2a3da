-- How far behind the workers are. No parameters. One row; counts stop at 100,001. Locks: none.
select
  (select count(*)::int from (select from segmentd_internal.change limit 100001) c) as changes,
  (select count(*)::int from (select from segmentd_internal.recheck limit 100001) r) as rechecks,
  extract(epoch from clock_timestamp() - i.rows_as_of)::float8 as behind,
  extract(epoch from i.rows_as_of - i.time_as_of)::float8 as time_behind,
  i.doorbell,
  array(select s.key from segmentd.segment s where s.state in ('invalid', 'failed') and s.wanted_state = 'live' order by s.key) as troubled,
  array(select s.key from segmentd.segment s where s.state = 'held' and s.wanted_state = 'live' order by s.key) as held
from segmentd_internal.installation i
