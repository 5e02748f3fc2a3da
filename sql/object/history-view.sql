-- after: event-month
-- Membership over time. Closed periods come from the event log, open periods from the membership, so both agree with it
-- exactly. When the event log was pruned, entered_at of the oldest periods is unknown.
create or replace view segmentd.membership_period as
select s.key as segment_key, p.contact_id, p.entered_at, p.left_at
from (
  select e.segment_id, e.contact_id, e.previous as entered_at, e.at as left_at
  from (
    select v.segment_id, v.contact_id, v.kind, v.at,
      lag(v.at) over (partition by v.segment_id, v.contact_id order by v.at, v.id) as previous
    from segmentd.membership_event v
  ) e
  where e.kind = 'left'
  union all
  select m.segment_id, m.contact_id, m.entered_at, null
  from segmentd.membership m
) p
join segmentd.segment s on s.id = p.segment_id;

comment on view segmentd.membership_period is 'When each contact was a member of each segment.';
comment on column segmentd.membership_period.segment_key is 'Key of the segment.';
comment on column segmentd.membership_period.contact_id is 'Key of the contact.';
comment on column segmentd.membership_period.entered_at is 'Start of the period; null when the log no longer reaches back to it.';
comment on column segmentd.membership_period.left_at is 'End of the period; null while the contact is a member.';

-- The former view had a column `left`, a reserved word that analysts had to quote. A view cannot rename columns, so it
-- is dropped.
do $$
begin
  if exists (
    select from pg_catalog.pg_attribute a
    where a.attrelid = to_regclass('segmentd.segment_size') and a.attname = 'left' and not a.attisdropped
  ) then
    drop view segmentd.segment_size;
  end if;
end
$$;

create or replace view segmentd.segment_size as
with daily as (
  select e.segment_id, (e.at at time zone 'UTC')::date as day,
    count(*) filter (where e.kind = 'entered') as entries,
    count(*) filter (where e.kind = 'left') as exits
  from segmentd.membership_event e
  group by 1, 2
), size as (
  select c.segment_id, sum(c.members) as members from segmentd.member_count c group by c.segment_id
)
select
  s.key as segment_key,
  d.day,
  (coalesce(n.members, 0) - coalesce(sum(d.entries - d.exits) over later, 0))::bigint as members,
  d.entries,
  d.exits
from daily d
join segmentd.segment s on s.id = d.segment_id
left join size n on n.segment_id = d.segment_id
window later as (partition by d.segment_id order by d.day desc rows between unbounded preceding and 1 preceding);

comment on view segmentd.segment_size is 'Size of each segment at the end of every day (UTC) on which it changed.';
comment on column segmentd.segment_size.segment_key is 'Key of the segment.';
comment on column segmentd.segment_size.day is 'Day in UTC.';
comment on column segmentd.segment_size.members is 'Members at the end of the day; for today, now.';
comment on column segmentd.segment_size.entries is 'How often contacts entered on that day.';
comment on column segmentd.segment_size.exits is 'How often contacts left on that day.';

create or replace function segmentd.segment_exists(key text) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  if key is not null and not exists (select from segmentd.segment s where s.key = segment_exists.key) then
    raise exception 'there is no segment %', to_json(key)
      using errcode = 'no_data_found', hint = 'The keys are in segmentd.segment; upper and lower case differ.';
  end if;
  return true;
end
$$;
comment on function segmentd.segment_exists(text) is 'True when a segment has that key, also a deleted one; raises otherwise.';

-- Members at an instant: those of now that entered at or before it, and contacts that have moved an odd number of times
-- since, where being a member now counts as one more move. That is exact, because the events of one contact alternate.
-- The query reads only an index of the log.
do $$
begin
  if exists (
    select from pg_catalog.pg_proc p
    where p.oid = to_regprocedure('segmentd.members_as_of(text, timestamptz)') and p.proargnames is distinct from '{key,at,contact_id}'::text[]
  ) then
    drop function segmentd.members_as_of(text, timestamptz);
  end if;
end
$$;

create or replace function segmentd.members_as_of(key text, at timestamptz) returns table (contact_id segmentd.contact_key)
language sql stable
begin atomic
  select m.contact_id
  from segmentd.membership m
  join segmentd.segment s on s.id = m.segment_id
  where s.key = members_as_of.key and m.entered_at <= members_as_of.at and (select segmentd.events_reach(members_as_of.at))
    -- A mistyped key must not look like an empty segment.
    and (select segmentd.segment_exists(members_as_of.key))
  union all
  select side.contact_id
  from (
    select e.contact_id
    from segmentd.membership_event e
    join segmentd.segment s on s.id = e.segment_id
    where s.key = members_as_of.key and e.at > members_as_of.at and (select segmentd.events_reach(members_as_of.at))
    union all
    select m.contact_id
    from segmentd.membership m
    join segmentd.segment s on s.id = m.segment_id
    where s.key = members_as_of.key and m.entered_at > members_as_of.at
  ) side
  group by side.contact_id
  having count(*) % 2 = 1;
end;
comment on function segmentd.members_as_of(text, timestamptz) is 'Keys of the contacts that were members of the segment at that instant. It raises an error when no segment has the key, or when the history does not reach back so far. A future instant gives the members of now; null gives no rows.';
