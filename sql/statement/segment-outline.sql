-- What a list of people says of each segment beside its own row: sizes, changes, freshness, proof, uses.
-- $1 segment ids in the order of the page, $2 days of sizes, $3 most events that are read for the change of a day, $4 keys of
-- the segments: as a value of its own, so that the view is computed for these alone.
-- Rows: one a segment, in that order. Locks: none.
with today as materialized (
    select c.now, (c.now at time zone 'UTC')::date as day, ((c.now at time zone 'UTC')::date)::timestamp at time zone 'UTC' as begins
    from (select segmentd_internal.clock() as now) c
), counted as materialized (
    -- A row for each shard: sizes and the last day of each come from one look at them.
    select c.segment_id, c.day, sum(c.members) as members, sum(c.entries)::bigint as entries, sum(c.exits)::bigint as exits
    from segmentd_internal.member_count c
    where c.segment_id = any ($1::int[])
    group by c.segment_id, c.day
), change as materialized (
    -- What segmentd_internal.day_change says of these days, in one row or more for each day: the reader adds them up.
    select d.segment_id, t.day - d.day as ago, d.entries, d.exits
    from segmentd_internal.size_day d
    cross join today t
    where d.segment_id = any ($1::int[]) and d.day > (select t.day - $2::int from today t)
    union all
    select c.segment_id, t.day - c.day, c.entries, c.exits
    from counted c
    cross join today t
    where c.day > (select t.day - $2::int from today t)
), series as materialized (
    -- JSON: the driver reads an array of Postgres character by character.
    select c.segment_id, json_agg(c.ago) as ago, json_agg(c.entries - c.exits) as net
    from change c
    group by c.segment_id
), size as (
    select c.segment_id, sum(c.members)::text as members
    from counted c
    group by c.segment_id
), yesterday as materialized (
    -- The least first: a segment with very many events does not take the room of the others.
    select c.segment_id, sum(sum(c.entries + c.exits)) over (order by sum(c.entries + c.exits), c.segment_id) <= $3::bigint as is_read
    from change c
    where c.ago = 1
    group by c.segment_id
), evening as (
    select y.segment_id, y.is_read, coalesce(e.net, 0) as net
    from yesterday y
    cross join today t
    left join lateral (
        select sum(case v.kind when 'entered' then 1 else -1 end) as net
        from segmentd.membership_event v
        where y.is_read and v.segment_id = y.segment_id and v.at > t.now - interval '24 hours' and v.at < t.begins
    ) e on true
), used as materialized (
    select r.key, count(distinct s.id)::int as readers
    from segmentd.segment_version v
    join segmentd.segment s on s.id = v.segment_id and v.version in (s.version, s.live_version)
    cross join lateral unnest(coalesce(v.reads_segments, segmentd_internal.segments_read(v.condition))) r(key)
    -- Postgres looks each key up in a hash of $4; `&&` would compare it with all of them.
    where s.wanted_state <> 'deleted' and coalesce(v.reads_segments, '{?}') <> '{}' and r.key = any ($4::text[])
    group by r.key
), standing as materialized (
    select f.key, f.fresh_as_of, f.time_as_of, f.progress, f.stale from segmentd.segment_status f where f.key = any ($4::text[])
)
select
    s.id,
    s.key,
    s.name,
    s.description,
    s.kind,
    s.condition,
    v.sentence,
    s.timezone,
    s.tags,
    s.state,
    s.wanted_state,
    s.version,
    s.live_version,
    s.error,
    coalesce(n.members, '0') as members,
    to_char(s.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
    to_char(s.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at,
    coalesce(s.updated_actor, s.updated_by) as updated_by,
    s.updated_by as database_role,
    w.applied,
    -- Sizes are known from the day on which the segment, or their record, began.
    greatest(0, least(t.day - greatest((s.created_at at time zone 'UTC')::date, i.sizes_since), $2::int - 1)) as days_back,
    coalesce(d.ago, '[]') as change_ago,
    coalesce(d.net, '[]') as change_net,
    case when e.is_read is not false then coalesce(e.net, 0)::text end as evening_net,
    to_char((t.now - interval '24 hours') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as day_ago,
    to_char((t.begins - interval '1 day') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as yesterday,
    to_char(f.fresh_as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as fresh_as_of,
    f.progress,
    f.stale,
    case when s.frozen_at is null and s.live_version is not null and b.finished_at < a.passed_from then
        to_char(a.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    end as proved_at,
    a.total::text as proved_contacts,
    coalesce((a.passed_differing ->> s.id::text)::int, 0) as proved_differences,
    (extract(epoch from i.rows_as_of - f.time_as_of) * 1000)::float8 as late_by,
    coalesce(u.readers, 0) + (select count(*) from segmentd_internal.schedule x where x.segment_id = s.id)::int as used_by
from segmentd.segment s
cross join today t
cross join segmentd_internal.installation i
left join segmentd_internal.audit a on true
left join segmentd.segment_version v on v.segment_id = s.id and v.version = coalesce(s.live_version, s.version)
left join segmentd.segment_version w on w.segment_id = s.id and w.version = s.version
left join segmentd_internal.build b on b.segment_id = s.id
left join standing f on f.key = s.key
left join size n on n.segment_id = s.id
left join series d on d.segment_id = s.id
left join evening e on e.segment_id = s.id
left join used u on u.key = s.key
where s.id = any ($1::int[])
order by array_position($1::int[], s.id)
