-- The person of a session that has not ended.
-- $1 hash of the cookie's value
-- Rows: none or one. Locks: none.
select s.name, s.role from segmentd_internal.web_session s where s.hash = $1 and s.expires_at > clock_timestamp()
