-- The sources and versions that events name.
-- $1 source ids, $2 keys and $3 numbers of versions of segments, side by side
-- Rows: one. `sources`: id, key, and the columns with their bits; `versions`: key, version, condition and zone. Locks: none.
select
    coalesce((
        select json_agg(json_build_object('id', s.id, 'key', s.key, 'columns', (
            select coalesce(json_object_agg(c.column_name, c.bit), '{}') from segmentd_internal.source_column c where c.source_id = s.id
        )))
        from segmentd_internal.source s
        where s.id = any ($1::int[])
    ), '[]') as sources,
    coalesce((
        select json_agg(json_build_object('segment', s.key, 'version', v.version, 'condition', v.condition, 'timezone', v.timezone))
        from unnest($2::text[], $3::int[]) as asked(key, version)
        join segmentd.segment s on s.key = asked.key
        join segmentd.segment_version v on v.segment_id = s.id and v.version = asked.version
    ), '[]') as versions
