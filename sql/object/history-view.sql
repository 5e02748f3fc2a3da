-- after: event-month
-- Membership over time. Closed periods come from the event log, open periods from the membership, so both agree with it
-- exactly. When the event log was pruned, entered_at of the oldest periods is unknown. The key and the contact are
-- columns of the partition, so conditions on them are pushed below the window and use an index of the log.
create or replace view segmentd.membership_period as
select p.key as segment_key, p.contact_id, p.previous as entered_at, p.at as left_at
from (
  select s.key, e.contact_id, e.kind, e.at,
    lag(e.at) over (partition by s.id, s.key, e.contact_id order by e.at, e.id) as previous
  from segmentd.membership_event e
  join segmentd.segment s on s.id = e.segment_id
) p
where p.kind = 'left'
union all
select s.key, m.contact_id, m.entered_at, null
from segmentd.membership m
join segmentd.segment s on s.id = m.segment_id;

comment on view segmentd.membership_period is 'When each contact was a member of each segment.';
comment on column segmentd.membership_period.segment_key is 'Key of the segment.';
comment on column segmentd.membership_period.contact_id is 'Key of the contact.';
comment on column segmentd.membership_period.entered_at is 'Start of the period; null when the log no longer reaches back to it.';
comment on column segmentd.membership_period.left_at is 'End of the period; null while the contact is a member.';

create or replace view segmentd.member_event as
select s.key as segment_key, s.name as segment_name, e.contact_id, e.kind, e.reason, e.version, e.at, e.id
from segmentd.membership_event e
join segmentd.segment s on s.id = e.segment_id;

comment on view segmentd.member_event is 'Who entered and left which segment, when and why: segmentd.membership_event with the key of the segment.';
comment on column segmentd.member_event.segment_key is 'Key of the segment.';
comment on column segmentd.member_event.segment_name is 'Name of the segment.';
comment on column segmentd.member_event.contact_id is 'Key of the contact.';
comment on column segmentd.member_event.kind is 'entered or left.';
comment on column segmentd.member_event.reason is 'contact, related, time, edit, segment, manual, delete or repair.';
comment on column segmentd.member_event.version is 'Version of the segment that the contact entered or left under.';
comment on column segmentd.member_event.at is 'Instant of the evaluation.';
comment on column segmentd.member_event.id is 'Number of the event; for one contact and segment it rises.';

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
  where s.key = members_as_of.key and m.entered_at <= members_as_of.at and (select segmentd_internal.events_reach(members_as_of.at))
    -- A mistyped key must not look like an empty segment.
    and (select segmentd.segment_exists(members_as_of.key))
  union all
  select side.contact_id
  from (
    select e.contact_id
    from segmentd.membership_event e
    join segmentd.segment s on s.id = e.segment_id
    where s.key = members_as_of.key and e.at > members_as_of.at and (select segmentd_internal.events_reach(members_as_of.at))
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
