-- The cursor of a consumer of the change feed, made if there is none.
-- $1 name, $2 snapshot to begin with or null for now, $3 its clock or null for now, $4 whether to begin anew
-- Rows: one. Locks: the consumer's row, for the moment.
with made as (
  insert into segmentd_internal.feed_consumer as c (name, snapshot, as_of)
  values ($1, coalesce($2::text::pg_snapshot, pg_current_snapshot()), coalesce($3::text::timestamptz, segmentd.instant()))
  on conflict (name) do update set
    snapshot = excluded.snapshot, as_of = excluded.as_of, window_snapshot = null, window_as_of = null, position = null, last_position = null
    where $4::boolean
  returning c.*
), cursor as (
  select m.* from made m
  union all
  select c.* from segmentd_internal.feed_consumer c where c.name = $1 and not exists (select from made)
)
select
    p.snapshot::text as snapshot,
    to_char(p.as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as as_of,
    p.window_snapshot::text as window_snapshot,
    to_char(p.window_as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as window_as_of,
    p.position::text as position,
    p.last_position::text as last_position,
    coalesce(p.as_of - interval '1 hour' >= i.events_since, true) as reached,
    pg_snapshot_xmax(p.snapshot) <= pg_snapshot_xmax(pg_current_snapshot()) as ours,
    exists (select from made) as is_new
from cursor p cross join segmentd_internal.installation i
