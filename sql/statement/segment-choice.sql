-- Chooses a page of segments for a list of people: which, in which order, and how many there are.
-- $1 key or null; $2 text looked for in key, name, description, tags, the names of what the condition reads and its sentence,
-- which has the labels, or null;
-- $3 state, $4 kind, $5 tag, $6 field or relation that is read, each or null; $7 order: key, needs, members or edited;
-- $8 rank and $9 key of the last row of the page before, or null; $10 most rows; $11 segment ids and $12 their members, for the
-- order by members.
-- Rows: one a segment, and one without an id when the page is empty. Each says how many segments fit and how many of them
-- need a person. Locks: none.
with recursive reading as materialized (
    select s.id, s.key, r.key as read_key
    from segmentd.segment s
    join segmentd.segment_version v on v.segment_id = s.id and v.version = s.live_version
    cross join lateral unnest(coalesce(v.reads_segments, segmentd_internal.segments_read(v.condition))) r(key)
    where s.kind = 'dynamic' and exists (select from segmentd.segment f where f.frozen_at is not null)
), still (key) as (
    select s.key from segmentd.segment s where s.frozen_at is not null and s.live_version is not null
    union
    select r.key from still b join reading r on r.read_key = b.key
), late as materialized (
    -- A field without a usable index is looked at rarely: this segment is behind by more than a person would think.
    select distinct l.segment_id, l.version
    from segmentd_internal.edge e
    join segmentd_internal.segment_edge l on l.edge_id = e.id
    cross join segmentd_internal.installation i
    where e.as_of < i.rows_as_of - interval '10 seconds' or e.as_of is not null and e.every > 10000
), size as materialized (
    select u.segment_id, u.members from unnest($11::int[], $12::bigint[]) u(segment_id, members)
), found as materialized (
    select
        w.id,
        w.key,
        w.need,
        case $7::text
            when 'needs' then
                coalesce(array_position('{held,invalid,failed,stale,late}'::text[], w.need), 9)::bigint
            when 'members' then -coalesce(n.members, 0)
            when 'edited' then -(extract(epoch from w.updated_at) * 1000000)::bigint
            else 0
        end as rank
    from (
        select
            s.id,
            s.key,
            s.updated_at,
            case
                when s.wanted_state <> 'live' then null
                when s.state = 'held' then 'held'
                when s.state = 'invalid' or s.error ? 'issues' then 'invalid'
                when s.state = 'failed' or s.error is not null then 'failed'
                when s.key in (select b.key from still b) and segmentd_internal.is_followed(s.state) then 'stale'
                when (s.id, s.live_version) in (select l.segment_id, l.version from late l)
                    and segmentd_internal.is_followed(s.state) then 'late'
            end as need
        from (
            select s.id, s.key, s.updated_at, s.wanted_state, s.state, s.error, s.live_version
            from segmentd.segment s
            left join segmentd.segment_version v on v.segment_id = s.id and v.version = coalesce(s.live_version, s.version)
            where s.wanted_state <> 'deleted'
                and ($1::text is null or s.key = $1)
                and ($3::text is null or s.state = $3)
                and ($4::text is null or s.kind = $4)
                and ($5::text is null or $5 = any (s.tags))
                and ($6::text is null or $6 = any (v.reads))
                and (
                    $2::text is null
                    or position(lower($2) in lower(concat_ws(
                        E'\n', s.key, s.name, s.description, array_to_string(s.tags, E'\n'), array_to_string(v.reads, E'\n'), v.sentence
                    ))) > 0
                )
            -- What a segment needs is worked out for those that fit, and for no other.
            offset 0
        ) s
    ) w
    -- A full join can only hash or merge: Postgres expects few rows of the arrays, and a nested loop took 9 s for 10,000.
    full join size n on n.segment_id = w.id
    where coalesce(w.id, 0) > 0
)
select p.id, p.key, p.rank::text as rank, p.need, t.total, t.needing
from (select count(*)::int as total, (count(*) filter (where f.need is not null))::int as needing from found f) t
left join lateral (
    select f.id, f.key, f.rank, f.need
    from found f
    where $9::text is null or (f.rank, f.key) > ($8::bigint, $9)
    order by f.rank, f.key
    limit $10
) p on true
order by p.rank, p.key
