-- Creates a segment; the worker validates its condition and builds it.
-- $1 key, $2 name, $3 description, $4 kind, $5 condition, $6 timezone, $7 tags, $8 whether the key of a deleted segment may be taken
-- Rows: the id, none when the key is taken (a conflict must not abort a caller's transaction). Locks: the row, and that of the deleted one.
insert into segmentd.segment (key, name, description, kind, condition, timezone, tags, confirmed_version)
-- A 0 lets the trigger take over the key of a deleted segment.
values ($1, $2::text, $3::text, $4, $5::jsonb, $6::text, coalesce($7::text[], '{}'), case when $8 then 0 end)
on conflict (key) do nothing
returning id
