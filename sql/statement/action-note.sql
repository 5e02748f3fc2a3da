-- Appends an entry to the action log, for the person and the login of the session.
-- $1 action, $2 key of the segment or null, $3 contact or null, $4 detail as JSON or null
-- Rows: one without meaning. Locks: none.
select segmentd_internal.note_action($1::text, $2::text, $3::text::segmentd.contact_key, $4::text::jsonb)
