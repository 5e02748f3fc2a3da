-- Adds a token for a program.
-- $1 name, $2 hash of the token, $3 role, $4 days until its end or null
-- Rows: none. Locks: the new row.
insert into segmentd_internal.api_token (name, hash, role, expires_at)
values ($1, $2, $3, clock_timestamp() + make_interval(days => $4::int))
