-- Exports that may hold a contact: of segments that it was in, written since it first was. $1 contact key as text.
-- Rows: one an export, the oldest first. Locks: none.
with seen as (
    select t.segment_id, min(t.at) as at
    from (
        select e.segment_id, e.at from segmentd.membership_event e where e.contact_id = $1::text::segmentd.contact_key
        union all
        select m.segment_id, m.entered_at from segmentd.membership m where m.contact_id = $1::text::segmentd.contact_key
    ) t
    group by t.segment_id
)
select r.id::text as run, s.key as segment, r.file, coalesce(r.manifest #>> '{delta,name}', c.delta) as delta,
    to_char(r.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as finished_at
from segmentd_internal.export_run r
join segmentd.segment s on s.id = r.segment_id
join seen on seen.segment_id = r.segment_id
left join segmentd_internal.schedule c on c.id = r.schedule_id
where r.state in ('running', 'done') and coalesce(r.finished_at, 'infinity') >= seen.at
order by r.id
