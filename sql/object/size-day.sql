-- Entries and exits of each segment and day (UTC), kept by membership/diff.ts in the transaction that moves the members.
-- segmentd_internal.member_count holds the last day on which each shard of a segment changed, so that a day costs the
-- writer nothing beside the count. When a later day begins there, this trigger moves the former day to size_day. Drains
-- of different shards write different rows; two drains that wrote one row for each day could deadlock. Numbers are only
-- added, so the order of writers does not matter.
create or replace function segmentd_internal.close_size_day() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into segmentd_internal.size_day as d (segment_id, day, shard, entries, exits)
  values (old.segment_id, old.day, old.shard, old.entries, old.exits)
  on conflict (segment_id, day, shard) do update set entries = d.entries + excluded.entries, exits = d.exits + excluded.exits;
  return null;
end
$$;
comment on function segmentd_internal.close_size_day() is 'Moves the numbers of a day that is over to segmentd_internal.size_day.';

create or replace trigger close_size_day after update on segmentd_internal.member_count
  for each row when (old.day <> new.day and (old.entries <> 0 or old.exits <> 0))
  execute function segmentd_internal.close_size_day();

-- Folds the rows of single shards into one row for each segment and day, of shard -1. Without it a year of a busy
-- segment has 23,000 rows instead of 365. A row that another session writes now is left for the next call.
create or replace function segmentd_internal.fold_size_days(most integer default 10000) returns integer
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  with taken as (
    delete from segmentd_internal.size_day d
    where d.ctid = any (array(select s.ctid from segmentd_internal.size_day s where s.shard >= 0 limit most for update skip locked))
    returning d.segment_id, d.day, d.entries, d.exits
  ), folded as (
    insert into segmentd_internal.size_day as d (segment_id, day, shard, entries, exits)
    select t.segment_id, t.day, -1, sum(t.entries), sum(t.exits) from taken t group by 1, 2 order by 1, 2
    on conflict (segment_id, day, shard) do update set entries = d.entries + excluded.entries, exits = d.exits + excluded.exits
  )
  select count(*)::integer from taken
$$;
comment on function segmentd_internal.fold_size_days(integer) is 'Folds the rows of segmentd_internal.size_day into one for each segment and day. Returns how many rows it took.';

create or replace view segmentd_internal.day_change as
select b.segment_id, b.day, sum(b.entries)::bigint as entries, sum(b.exits)::bigint as exits
from (
  select d.segment_id, d.day, d.entries, d.exits from segmentd_internal.size_day d
  union all
  select c.segment_id, c.day, c.entries, c.exits from segmentd_internal.member_count c
) b
group by b.segment_id, b.day
having sum(b.entries) <> 0 or sum(b.exits) <> 0;
comment on view segmentd_internal.day_change is 'Entries and exits of each segment on every day (UTC) on which it changed.';
comment on column segmentd_internal.day_change.segment_id is 'The segment.';
comment on column segmentd_internal.day_change.day is 'Day in UTC.';
comment on column segmentd_internal.day_change.entries is 'How often contacts entered on that day.';
comment on column segmentd_internal.day_change.exits is 'How often contacts left on that day.';
