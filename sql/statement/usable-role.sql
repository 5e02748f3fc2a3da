-- Which of some roles the login cannot act under.
-- $1 names of roles
-- Rows: one. Locks: none.
select
    session_user::text as login,
    (select l.rolsuper or l.rolcreaterole from pg_catalog.pg_roles l where l.rolname = session_user) as may_create,
    coalesce(array_agg(w.name order by w.name) filter (where r.oid is null), '{}') as lacking,
    coalesce(array_agg(w.name order by w.name) filter (where not pg_catalog.pg_has_role(
        session_user, r.oid, case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end)), '{}') as unusable
from unnest($1::text[]) as w(name)
left join pg_catalog.pg_roles r on r.rolname = w.name
