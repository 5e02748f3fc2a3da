-- after: segment-trigger
-- Hints for open pages: which segment changed, and what of it. A statement appends one row for each segment and kind. The poll of
-- `segmentd serve` reads the rows that its last snapshot did not see (src/feed/page-watch.ts). Moves of members need no hint: the poll
-- reads the event log.
create or replace function segmentd_internal.segment_hint() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'INSERT' then
    insert into segmentd_internal.page_hint (kind, segment_id) select 'definition', n.id from now_row n;
  elsif tg_op = 'DELETE' then
    insert into segmentd_internal.page_hint (kind, segment_id) select 'definition', o.id from old_row o;
  else
    insert into segmentd_internal.page_hint (kind, segment_id)
    select k.kind, n.id
    from now_row n
    join old_row o on o.id = n.id
    cross join lateral (
      select 'definition' as kind
      where (n.key, n.name, n.description, n.kind, n.condition, n.timezone, n.tags, n.version)
        is distinct from (o.key, o.name, o.description, o.kind, o.condition, o.timezone, o.tags, o.version)
      union all
      select 'state'
      where (n.state, n.wanted_state, n.live_version, n.error, n.frozen_at, n.confirmed_version)
        is distinct from (o.state, o.wanted_state, o.live_version, o.error, o.frozen_at, o.confirmed_version)
    ) k;
  end if;
  return null;
end
$$;
comment on function segmentd_internal.segment_hint() is 'Notes for open pages that a segment changed.';

-- The argument is the kind. Of a run only what a page shows counts: a renewed lease is no change.
create or replace function segmentd_internal.row_hint() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'DELETE' then
    insert into segmentd_internal.page_hint (kind, segment_id) select distinct tg_argv[0], o.segment_id from old_row o;
  elsif tg_op = 'UPDATE' and tg_argv[0] = 'export' then
    insert into segmentd_internal.page_hint (kind, segment_id)
    select distinct 'export', n.segment_id from (
      select r.id, r.segment_id, r.state, r.attempt, r.file, r.written, r.error from now_row r
      except
      select r.id, r.segment_id, r.state, r.attempt, r.file, r.written, r.error from old_row r
    ) n;
  else
    insert into segmentd_internal.page_hint (kind, segment_id) select distinct tg_argv[0], n.segment_id from now_row n;
  end if;
  return null;
end
$$;
comment on function segmentd_internal.row_hint() is 'Notes for open pages that something of a segment changed; its argument says what.';

create or replace trigger hint_insert after insert on segmentd.segment
  referencing new table as now_row for each statement execute function segmentd_internal.segment_hint();
create or replace trigger hint_update after update on segmentd.segment
  referencing old table as old_row new table as now_row for each statement execute function segmentd_internal.segment_hint();
create or replace trigger hint_delete after delete on segmentd.segment
  referencing old table as old_row for each statement execute function segmentd_internal.segment_hint();

create or replace trigger hint_insert after insert on segmentd.override
  referencing new table as now_row for each statement execute function segmentd_internal.row_hint('override');
create or replace trigger hint_update after update on segmentd.override
  referencing old table as old_row new table as now_row for each statement execute function segmentd_internal.row_hint('override');
create or replace trigger hint_delete after delete on segmentd.override
  referencing old table as old_row for each statement execute function segmentd_internal.row_hint('override');

create or replace trigger hint_insert after insert on segmentd_internal.export_run
  referencing new table as now_row for each statement execute function segmentd_internal.row_hint('export');
create or replace trigger hint_update after update on segmentd_internal.export_run
  referencing old table as old_row new table as now_row for each statement execute function segmentd_internal.row_hint('export');

create or replace trigger hint_insert after insert on segmentd_internal.schedule
  referencing new table as now_row for each statement execute function segmentd_internal.row_hint('schedule');
create or replace trigger hint_update after update on segmentd_internal.schedule
  referencing old table as old_row new table as now_row for each statement execute function segmentd_internal.row_hint('schedule');
create or replace trigger hint_delete after delete on segmentd_internal.schedule
  referencing old table as old_row for each statement execute function segmentd_internal.row_hint('schedule');
