-- Tokens in order of their names.
-- Rows: one a token. Locks: none.
select
    t.name,
    t.role,
    coalesce(t.actor, t.created_by) as created_by,
    t.created_by as database_role,
    to_char(t.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
    to_char(t.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as expires_at,
    to_char(t.used_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as used_at
from segmentd_internal.api_token t
order by t.name
