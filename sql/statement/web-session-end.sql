-- Ends a session, and notes it in the action log.
-- $1 hash of the cookie's value
-- Rows: none. Locks: the row.
with ended as (
    delete from segmentd_internal.web_session s where s.hash = $1 returning s.name, s.way, s.role
)
insert into segmentd_internal.action_log (actor, database_role, way, action, detail)
select e.name, session_user, e.way, 'sign-out', jsonb_build_object('role', e.role) from ended e
