-- Erases the events of a contact up to an instant, and takes them out of the sizes by day. A contact whose first entry
-- was pruned was a member before the log begins: in the sizes it leaves on the last day before that.
-- $1 contact key as text, $2 instant
-- Rows: one, with the number of erased events. Locks: its events; rows of size_day of its shard, which the caller holds.
with erased as (
  delete from segmentd.membership_event e
  where e.contact_id = $1::text::segmentd.contact_key and e.at <= $2::timestamptz
  returning e.segment_id, e.kind, e.at, e.id
), earliest as (
  select distinct on (e.segment_id) e.segment_id, e.kind from erased e order by e.segment_id, e.at, e.id
), changed as (
  select e.segment_id, (e.at at time zone 'UTC')::date as day,
    -count(*) filter (where e.kind = 'entered') as entries, -count(*) filter (where e.kind = 'left') as exits
  from erased e group by 1, 2
  union all
  select f.segment_id, (i.events_since at time zone 'UTC')::date - 1, 0, 1
  from earliest f cross join segmentd_internal.installation i
  where f.kind = 'left' and i.events_since is not null
), counted as (
  insert into segmentd_internal.size_day as d (segment_id, day, shard, entries, exits)
  select c.segment_id, c.day, segmentd_internal.shard($1::text), sum(c.entries), sum(c.exits) from changed c group by 1, 2
  on conflict (segment_id, day, shard) do update set entries = d.entries + excluded.entries, exits = d.exits + excluded.exits
)
select count(*)::int as events from erased
