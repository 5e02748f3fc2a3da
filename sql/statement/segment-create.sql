-- Creates a segment, or takes the row of one that was deleted; the worker judges its condition and builds it.
-- $1 key, $2 name, $3 description, $4 kind, $5 condition, $6 timezone, $7 tags, $8 whether the key of a deleted segment may be taken
-- Rows: the id, none when the key is taken (a conflict must not abort a caller's transaction). Locks: the row.
insert into segmentd.segment as s (key, name, description, kind, condition, timezone, tags)
values ($1, $2::text, $3::text, $4, $5::jsonb, $6::text, coalesce($7::text[], '{}'))
on conflict (key) do update
set name = coalesce(excluded.name, excluded.key),
    description = excluded.description,
    kind = excluded.kind,
    condition = excluded.condition,
    timezone = excluded.timezone,
    tags = excluded.tags,
    wanted_state = 'live',
    -- To the triggers: another life, that keeps nothing which was decided by hand in the one before.
    confirmed_version = 0
where s.state = 'deleted' and $8
returning id
