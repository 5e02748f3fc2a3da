-- Segments whose conditions read events. Rows: key, `months` for which workers keep events, `days` that its live or accepted
-- version needs, rounded up; none while events are kept for ever, or no worker has said how long. Locks: none.
select s.key, i.event_months as months, ceil(max(segmentd_internal.events_needed(v.condition)) / 86400)::float8 as days
from segmentd_internal.installation i
cross join segmentd.segment s
join segmentd.segment_version v on v.segment_id = s.id and (v.version = s.live_version or v.version = s.version and v.state in ('accepted', 'held'))
where i.event_months > 0 and segmentd_internal.events_needed(v.condition) is not null
group by s.key, i.event_months
order by s.key
