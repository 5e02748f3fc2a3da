-- after: clock, table-comment, condition-limit
-- always
-- Monthly partitions of segmentd.membership_event; they are in segmentd_internal. Events of a month without a partition go to membership_event_rest,
-- so no insert depends on these functions. They run at `migrate` and every hour in the worker. Old events are dropped
-- month by month.

-- Creates the partitions of the month of `at` (UTC) and of the next month. Attaching a table, unlike creating a
-- partition in place, does not lock out writers of the other months. A month whose rows lie in the rest already stays
-- there.
create or replace function segmentd_internal.open_event_months(at timestamptz default segmentd.instant()) returns setof text
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  first date;
  name text;
begin
  for first in select (date_trunc('month', at at time zone 'UTC') + make_interval(months => m))::date from generate_series(0, 1) m loop
    name := 'membership_event_' || to_char(first, 'YYYYMM');
    continue when to_regclass('segmentd_internal.' || name) is not null;
    begin
      execute format('create table segmentd_internal.%I (like segmentd.membership_event including defaults including comments)', name);
      execute format('comment on table segmentd_internal.%I is %L', name, 'Events of one month (UTC) of segmentd.membership_event.');
      execute format('alter table segmentd.membership_event attach partition segmentd_internal.%I for values from (%L) to (%L)', name,
        first::timestamp at time zone 'UTC', (first + interval '1 month') at time zone 'UTC');
      return next name;
    exception
      -- Rows of that month are in the rest, or a reader holds the table for long, or another worker was faster.
      when check_violation or lock_not_available or duplicate_table then null;
    end;
  end loop;
end
$$;
comment on function segmentd_internal.open_event_months(timestamptz) is 'Creates the partitions for the events of this month and the next.';

-- Seconds of the log that the windows over events of a condition need; null when it has none. For accepted conditions.
create or replace function segmentd_internal.events_needed(condition jsonb) returns numeric
language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp
as $$
  -- A filter in the path would look at the elements of the list.
  select max(case when jsonb_typeof(o.list) = 'array' then (o.list ->> 1)::numeric * u.seconds end)
  from (
    select jsonb_path_query(condition, '$.**.entered_in_last') union all select jsonb_path_query(condition, '$.**.left_in_last')
  ) as o (list)
  join (values ('minute', 60), ('hour', 3600), ('day', 86400), ('week', 604800)) as u (unit, seconds) on u.unit = o.list ->> 2
  where strpos(condition::text, '_in_last"') > 0
$$;
comment on function segmentd_internal.events_needed(jsonb) is 'Seconds of the event log that an accepted condition needs, or null.';

-- Since when events are needed by some segment: for each window from now, and from as far as its sweep has come. A
-- segment that is paused or deleted may come back. Null: none needs any.
create or replace function segmentd_internal.events_needed_since() returns timestamptz
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select least(
    (select segmentd.instant() - make_interval(secs => max(segmentd_internal.events_needed(v.condition))::float8)
     from segmentd.segment s
     join segmentd.segment_version v on v.segment_id = s.id and (v.version = s.live_version or v.version = s.version and v.state in ('accepted', 'held'))),
    (select min(e.watermark + make_interval(secs => (e.definition #>> '{boundary,seconds}')::float8))
     from segmentd_internal.edge e where e.definition #>> '{past,of}' in ('entered', 'left')))
$$;
comment on function segmentd_internal.events_needed_since() is 'Since when conditions need the event log; null when none does.';

-- Prunes events that are older than `keep_months` whole months and that no condition needs, in two steps: one call announces since when the log is
-- complete, and the next call drops what the former announced. So no reader misses events that the log promised.
-- Returns the numbers of dropped tables and deleted rows; a call deletes at most 10,000 rows.
create or replace function segmentd_internal.prune_events(keep_months integer, out dropped integer, out deleted integer) returns record
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  since constant timestamptz := (select i.events_since from segmentd_internal.installation i);
  cutoff timestamptz;
  month text;
begin
  -- No version is accepted meanwhile: its windows are compared with what is announced here.
  perform pg_advisory_xact_lock(7361, 3);
  dropped := 0;
  deleted := 0;
  if since is not null then
    for month in
      select c.relname from pg_inherits h join pg_class c on c.oid = h.inhrelid
      where h.inhparent = 'segmentd.membership_event'::regclass and c.relname ~ '^membership_event_[0-9]{6}$'
        and (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') at time zone 'UTC' <= since
      order by 1
    loop
      execute format('drop table segmentd_internal.%I', month);
      dropped := dropped + 1;
    end loop;
    delete from segmentd_internal.membership_event_rest r
    where r.ctid = any (array(select o.ctid from segmentd_internal.membership_event_rest o where o.at < since limit 10000));
    get diagnostics deleted = row_count;
  end if;
  cutoff := (least(date_trunc('month', segmentd.instant() at time zone 'UTC') - make_interval(months => keep_months),
    date_trunc('month', segmentd_internal.events_needed_since() at time zone 'UTC'))) at time zone 'UTC';
  if since is null and exists (select from segmentd.membership_event e where e.at < cutoff) or since < cutoff then
    update segmentd_internal.installation set events_since = cutoff;
  end if;
end
$$;
comment on function segmentd_internal.prune_events(integer) is 'Prunes events that are older than the given number of whole months and that no condition needs. Each call prunes what the previous call announced in installation.events_since.';

-- True, or an error when the log does not reach back to the instant.
create or replace function segmentd_internal.events_reach(at timestamptz) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if at < (select i.events_since from segmentd_internal.installation i) then
    raise exception 'the history is kept since %', (select to_char(i.events_since at time zone 'UTC', 'YYYY-MM-DD') from segmentd_internal.installation i)
      using errcode = 'object_not_in_prerequisite_state';
  end if;
  return true;
end
$$;
comment on function segmentd_internal.events_reach(timestamptz) is 'True when the event log reaches back to the instant; raises otherwise.';

select segmentd_internal.open_event_months();
