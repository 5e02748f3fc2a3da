-- Notes a failure of work. $1 text work, $2 text or null SQLSTATE, $3 int failures since the last note, $4 float8
-- milliseconds after which a row without a new failure is over. Rows: none. Locks: the row of the work; deletes the
-- rows that are over.
with over as (
  delete from segmentd_internal.trouble t where t.work <> $1 and t.last_at < clock_timestamp() - $4::float8 * interval '1 millisecond'
)
insert into segmentd_internal.trouble as t (work, sqlstate, since, last_at, failures) values ($1, $2, clock_timestamp(), clock_timestamp(), $3)
on conflict (work) do update set sqlstate = excluded.sqlstate, last_at = excluded.last_at,
  since = case when t.last_at < excluded.last_at - $4::float8 * interval '1 millisecond' then excluded.since else t.since end,
  failures = case when t.last_at < excluded.last_at - $4::float8 * interval '1 millisecond' then excluded.failures else t.failures + excluded.failures end
