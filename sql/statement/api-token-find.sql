-- The person of a token that has not ended. Its use is noted once a minute, so that a busy program does not write at every request.
-- $1 hash of the token
-- Rows: none or one. Locks: the row, at most once a minute.
with found as (
    select t.name, t.role, t.used_at from segmentd_internal.api_token t
    where t.hash = $1 and (t.expires_at is null or t.expires_at > clock_timestamp())
), used as (
    update segmentd_internal.api_token t set used_at = clock_timestamp()
    from found f
    where t.name = f.name and (f.used_at is null or f.used_at < clock_timestamp() - interval '1 minute')
)
select f.name, f.role from found f
