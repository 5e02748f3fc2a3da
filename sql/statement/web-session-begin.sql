-- Begins a session of a browser, notes it in the action log, and deletes the sessions that have ended.
-- $1 hash of the cookie's value, $2 name of the person, $3 role, $4 hours until its end, $5 how the person signed in
-- Rows: none. Locks: the new rows, and those that have ended.
with ended as (
    delete from segmentd_internal.web_session s where s.expires_at < clock_timestamp()
), noted as (
    insert into segmentd_internal.action_log (actor, database_role, way, action, detail)
    values ($2::text, session_user, $5::text, 'sign-in', jsonb_build_object('role', $3::text))
)
insert into segmentd_internal.web_session (hash, name, role, way, expires_at)
values ($1, $2::text, $3::text, $5::text, clock_timestamp() + make_interval(hours => $4::int))
