-- after: clock, event-month, history-view, size-day
-- Sizes of segments over time. They count back from the members of now with the numbers of each day, so they read a few
-- hundred rows whatever the length of the event log. The functions run with the rights of their owner, because readers
-- may not read those numbers.

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

-- The sums stand behind the segment's row, so a condition on the key reads one segment.
create or replace view segmentd.segment_size as
select s.key as segment_key, d.day, d.members, d.entries, d.exits
from segmentd.segment s
cross join lateral (
  select c.day, c.entries, c.exits,
    (n.members - coalesce(sum(c.entries - c.exits) over (order by c.day desc rows between unbounded preceding and 1 preceding), 0))::bigint as members
  from segmentd_internal.day_change c
  cross join (select coalesce(sum(m.members), 0) as members from segmentd_internal.member_count m where m.segment_id = s.id) n
  where c.segment_id = s.id
) d;

comment on view segmentd.segment_size is 'Size of each segment at the end of every day (UTC) on which it changed. segmentd.size_series has the other days too.';
comment on column segmentd.segment_size.segment_key is 'Key of the segment.';
comment on column segmentd.segment_size.day is 'Day in UTC.';
comment on column segmentd.segment_size.members is 'Members at the end of the day; for today, now.';
comment on column segmentd.segment_size.entries is 'How often contacts entered on that day.';
comment on column segmentd.segment_size.exits is 'How often contacts left on that day.';

-- One row for each day, for charts. The numbers reach back further than the event log, which is pruned.
create or replace function segmentd.size_series(key text, first_day date default null, last_day date default null)
returns table (day date, members bigint, entries bigint, exits bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with span as (
    select s.id,
      greatest((s.created_at at time zone 'UTC')::date, i.sizes_since, size_series.first_day) as first,
      greatest(
        (segmentd_internal.clock() at time zone 'UTC')::date,
        (select max(c.day) from segmentd_internal.day_change c where c.segment_id = s.id)
      ) as today
    from segmentd.segment s
    cross join segmentd_internal.installation i
    where s.key = size_series.key and (select segmentd.segment_exists(size_series.key))
  )
  select d.day, d.members, d.entries, d.exits
  from span
  cross join lateral (
    select g.day::date as day, coalesce(c.entries, 0) as entries, coalesce(c.exits, 0) as exits,
      (n.members - coalesce(sum(c.entries - c.exits) over (order by g.day desc rows between unbounded preceding and 1 preceding), 0))::bigint as members
    from generate_series(span.first::timestamp, span.today::timestamp, interval '1 day') g (day)
    cross join (select coalesce(sum(m.members), 0) as members from segmentd_internal.member_count m where m.segment_id = span.id) n
    left join segmentd_internal.day_change c on c.segment_id = span.id and c.day = g.day::date
  ) d
  where d.day <= coalesce(size_series.last_day, span.today)
  order by d.day
$$;
comment on function segmentd.size_series(text, date, date) is 'Size, entries and exits of a segment on each day (UTC) from the first to the last, also on days without a change. Without days: from the first that is known up to today. It raises an error when no segment has the key.';

-- From the end of the day it counts back, or from its beginning forward, whichever comes to its end sooner: a first build
-- moves millions of contacts at one instant.
create or replace function segmentd.size_at(key text, at timestamptz) returns bigint
language plpgsql stable strict security definer set search_path = pg_catalog, pg_temp
as $$
declare
  of_segment constant integer := (select s.id from segmentd.segment s where s.key = size_at.key);
  that_day constant date := (at at time zone 'UTC')::date;
  begins constant timestamptz := that_day::timestamp at time zone 'UTC';
  ends constant timestamptz := (that_day + 1)::timestamp at time zone 'UTC';
  -- At the end of the day, and how many entered more than left on it.
  last_size bigint;
  gain bigint;
  moves bigint;
  counted bigint;
  part bigint;
  most integer := 5000;
begin
  -- A mistyped key must not look like an empty segment.
  perform segmentd.segment_exists(key), segmentd_internal.events_reach(at);
  select
    (select coalesce(sum(m.members), 0) from segmentd_internal.member_count m where m.segment_id = of_segment)
      - coalesce(sum(c.entries - c.exits) filter (where c.day > that_day), 0),
    coalesce(sum(c.entries - c.exits) filter (where c.day = that_day), 0),
    coalesce(sum(c.entries + c.exits) filter (where c.day = that_day), 0)
  into last_size, gain, moves
  from segmentd_internal.day_change c
  where c.segment_id = of_segment and c.day >= that_day;
  while moves > 0 loop
    select count(*), coalesce(sum(case e.kind when 'entered' then 1 else -1 end), 0) into counted, part
    from (
      select v.kind from segmentd.membership_event v
      where v.segment_id = of_segment and v.at > size_at.at and v.at < ends
      order by v.at limit most
    ) e;
    if counted < most then
      return last_size - part;
    end if;
    select count(*), coalesce(sum(case e.kind when 'entered' then 1 else -1 end), 0) into counted, part
    from (
      select v.kind from segmentd.membership_event v
      where v.segment_id = of_segment and v.at >= begins and v.at <= size_at.at
      order by v.at limit most
    ) e;
    if counted < most then
      return last_size - gain + part;
    end if;
    most := most * 16;
  end loop;
  return last_size;
end
$$;
comment on function segmentd.size_at(text, timestamptz) is 'Number of members of the segment at that instant; it equals the number of rows of members_as_of. It raises an error when no segment has the key, or when the history does not reach back so far. A future instant gives the members of now.';
