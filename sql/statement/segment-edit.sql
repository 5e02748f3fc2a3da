-- Edits the callers' columns of a segment; null leaves a column as it is, an empty text clears it. Triggers bump the version.
-- $1 key, $2 name, $3 description, $4 condition, $5 timezone, $6 tags, $7 whether the new version is confirmed, $8 kind,
-- $9 the version that the caller read, or null
-- Rows: the id, none when there is no such segment or it has another version. Locks: the row.
update segmentd.segment
set name = case when $2::text is null then name else nullif($2, '') end,
    description = case when $3::text is null then description else nullif($3, '') end,
    kind = coalesce($8::text, kind),
    condition = coalesce($4::jsonb, condition),
    timezone = case when $5::text is null then timezone else nullif($5, '') end,
    tags = coalesce($6::text[], tags),
    -- a trigger cuts it down to the version that this makes
    confirmed_version = case when $7 then version + 1 else confirmed_version end
where key = $1 and wanted_state <> 'deleted' and ($9::int is null or version = $9)
returning id
