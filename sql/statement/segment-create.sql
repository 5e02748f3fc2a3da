-- Creates a segment; the worker judges its condition and builds it.
-- $1 key, $2 name, $3 description, $4 kind, $5 condition, $6 timezone, $7 tags
-- Rows: the id, none when the key is taken (a conflict must not abort a caller's transaction). Locks: the new row.
insert into segmentd.segment (key, name, description, kind, condition, timezone, tags)
values ($1, $2::text, $3::text, $4, $5::jsonb, $6::text, coalesce($7::text[], '{}'))
on conflict (key) do nothing
returning id
