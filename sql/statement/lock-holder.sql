-- Sessions and prepared transactions that hold or want advisory locks of segmentd in this database: who, which, since
-- when. Rows: one a session. Locks: none. $1 the first integers of our keys
with held as (
  select l.pid, l.virtualtransaction, l.granted, l.classid::bigint::int as class, l.objid::bigint as second
  from pg_catalog.pg_locks l
  where l.locktype = 'advisory' and l.objsubid = 2 and l.classid::bigint = any ($1::bigint[])
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
    and l.pid is distinct from pg_catalog.pg_backend_pid()
)
select h.pid, coalesce(a.usename, p.owner)::text as role, coalesce(a.application_name, '') as application, pg_catalog.host(a.client_addr) as address, p.gid as prepared,
  extract(epoch from clock_timestamp() - coalesce(p.prepared, a.xact_start, a.state_change, a.backend_start))::float8 as seconds,
  bool_or(h.granted) as granted,
  jsonb_agg(jsonb_build_array(h.class, h.second) order by h.class, h.second) as locks
from held h
left join pg_catalog.pg_stat_activity a on a.pid = h.pid
-- A prepared transaction has no process; the lock on its own transaction number identifies it.
left join pg_catalog.pg_locks x on h.pid is null and x.pid is null and x.locktype = 'transactionid' and x.virtualtransaction = h.virtualtransaction
left join pg_catalog.pg_prepared_xacts p on p.transaction = x.transactionid
group by h.pid, h.virtualtransaction, a.usename, p.owner, a.application_name, a.client_addr, p.gid, p.prepared, a.xact_start, a.state_change, a.backend_start
order by seconds desc nulls last, h.pid
