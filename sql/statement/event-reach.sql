-- How far the event log reaches back. Rows: one; `months` for which workers keep events (null: for ever, or not known yet),
-- `since` the day from which it is complete, `reach` the seconds since then (both null: nothing was pruned). Locks: none.
select nullif(i.event_months, 0) as months,
  to_char(i.events_since at time zone 'UTC', 'YYYY-MM-DD') as since,
  floor(extract(epoch from segmentd.instant() - i.events_since))::float8 as reach
from segmentd_internal.installation i
