-- Removes a token.
-- $1 name
-- Rows: none. Locks: the row.
delete from segmentd_internal.api_token t where t.name = $1
