-- after: clock, table-comment
-- always
-- Months of segmentd.membership_event. A month that has no partition yet goes to membership_event_rest, so no insert
-- depends on these functions; they run at `migrate` and hourly in the worker. What is too old is dropped month by month.

-- Makes the partitions of the month of `at` (UTC) and of the next. Attached rather than created in place: that does not
-- keep writers of the other months out. A month whose rows lie in the rest already stays there.
create or replace function segmentd.open_event_months(at timestamptz default segmentd.instant()) returns setof text
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  first date;
  name text;
begin
  for first in select (date_trunc('month', at at time zone 'UTC') + make_interval(months => m))::date from generate_series(0, 1) m loop
    name := 'membership_event_' || to_char(first, 'YYYYMM');
    continue when to_regclass('segmentd.' || name) is not null;
    begin
      execute format('create table segmentd.%I (like segmentd.membership_event including defaults including comments)', name);
      execute format('comment on table segmentd.%I is %L', name, 'Events of one month (UTC) of segmentd.membership_event.');
      execute format('alter table segmentd.membership_event attach partition segmentd.%I for values from (%L) to (%L)', name,
        first::timestamp at time zone 'UTC', (first + interval '1 month') at time zone 'UTC');
      return next name;
    exception
      -- rows of that month are in the rest; somebody reads it for long; another worker was faster
      when check_violation or lock_not_available or duplicate_table then null;
    end;
  end loop;
end
$$;
comment on function segmentd.open_event_months(timestamptz) is 'Makes the partitions for the events of this month and the next.';

-- Removes events that are older than so many whole months, in two steps: a call says from when on the log is whole, the
-- next one drops what the one before said, so that no reader misses what it believed to be there. Returns how many tables
-- were dropped and rows deleted; at most 10,000 rows a call.
create or replace function segmentd.prune_events(keep_months integer, out dropped integer, out deleted integer) returns record
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  since constant timestamptz := (select i.events_since from segmentd.installation i);
  cutoff constant timestamptz := (date_trunc('month', segmentd.instant() at time zone 'UTC') - make_interval(months => keep_months)) at time zone 'UTC';
  month text;
begin
  dropped := 0;
  deleted := 0;
  if since is not null then
    for month in
      select c.relname from pg_inherits h join pg_class c on c.oid = h.inhrelid
      where h.inhparent = 'segmentd.membership_event'::regclass and c.relname ~ '^membership_event_[0-9]{6}$'
        and (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') at time zone 'UTC' <= since
      order by 1
    loop
      execute format('drop table segmentd.%I', month);
      dropped := dropped + 1;
    end loop;
    delete from segmentd.membership_event_rest r
    where r.ctid = any (array(select o.ctid from segmentd.membership_event_rest o where o.at < since limit 10000));
    get diagnostics deleted = row_count;
  end if;
  if since is null and exists (select from segmentd.membership_event e where e.at < cutoff) or since < cutoff then
    update segmentd.installation set events_since = cutoff;
  end if;
end
$$;
comment on function segmentd.prune_events(integer) is 'Drops events older than so many whole months, a call after it was announced in installation.events_since.';

-- True, or an error in words when the log does not reach back to the instant.
create or replace function segmentd.events_reach(at timestamptz) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if at < (select i.events_since from segmentd.installation i) then
    raise exception 'the history is kept since %', (select to_char(i.events_since at time zone 'UTC', 'YYYY-MM-DD') from segmentd.installation i)
      using errcode = 'object_not_in_prerequisite_state';
  end if;
  return true;
end
$$;
comment on function segmentd.events_reach(timestamptz) is 'True when the event log reaches back to the instant; raises otherwise.';

select segmentd.open_event_months();
