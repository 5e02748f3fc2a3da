-- Which credentials still let in.
-- $1 hashes of tokens and sessions
-- Rows: the hashes that do. Locks: none.
select t.hash from segmentd_internal.api_token t where t.hash = any ($1::text[]) and coalesce(t.expires_at > clock_timestamp(), true)
union all
select s.hash from segmentd_internal.web_session s where s.hash = any ($1::text[]) and s.expires_at > clock_timestamp()
