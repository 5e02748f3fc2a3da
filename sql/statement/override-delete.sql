-- Deletes overrides. $1 segment id, $2 contact keys as text. Rows: none. Locks: the rows.
delete from segmentd.override w where w.segment_id = $1::int and w.contact_id = any ($2::text[]::segmentd.contact_key[])
