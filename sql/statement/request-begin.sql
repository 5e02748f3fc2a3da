-- Begins a request that may be repeated. A key of more than 24 hours ago begins anew, and so does a request whose process ended.
-- $1 person, $2 key, $3 hash of the request, $4 seconds of the lease
-- Rows: one. `mine`: the caller carries it out; else `status` is null while another process does. Locks: the row.
with begun as (
  insert into segmentd_internal.repeatable_request as r (person, key, hash, lease_until)
  values ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))
  on conflict (person, key) do update
    set hash = excluded.hash, status = null, headers = null, body = null, lease_until = excluded.lease_until, created_at = clock_timestamp()
    where r.created_at < clock_timestamp() - interval '24 hours' or r.status is null and r.lease_until < clock_timestamp() and r.hash = excluded.hash
  returning r.hash
)
select true as mine, b.hash, null::smallint as status, null::jsonb as headers, null::text as body from begun b
union all
select false, r.hash, r.status, r.headers, r.body from segmentd_internal.repeatable_request r
where r.person = $1 and r.key = $2 and not exists (select from begun)
