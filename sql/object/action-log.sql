-- after: override-trigger, segment-trigger
-- The action log: what persons did. Triggers write it in the transaction of the change itself; what changes no table is noted by
-- note_action. The person is the setting segmentd.actor of the session, the database role is session_user. No role but the owner can
-- write, change or read the table, so an entry is appended here and nowhere else. Entries hold keys, and no values of rows.
create or replace function segmentd_internal.note_action(action text, segment text, contact segmentd.contact_key, detail jsonb) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  insert into segmentd_internal.action_log (actor, database_role, way, action, segment, contact, detail)
  values (
    nullif(current_setting('segmentd.actor', true), ''), session_user,
    coalesce(nullif(current_setting('segmentd.way', true), ''), nullif(current_setting('application_name', true), '')),
    $1, $2, $3, $4)
$$;
comment on function segmentd_internal.note_action(text, text, segmentd.contact_key, jsonb) is 'Appends an entry to the action log, for the person and the role of the session.';

create or replace function segmentd_internal.segment_noted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  changed text[];
begin
  if segmentd_internal.is_worker() then
    return null;
  end if;
  if tg_op = 'INSERT' then
    perform segmentd_internal.note_action('segment-create', new.key, null, jsonb_build_object('kind', new.kind));
    return null;
  end if;
  changed := array_remove(array[
    case when new.name is distinct from old.name then 'name' end,
    case when new.description is distinct from old.description then 'description' end,
    case when new.kind <> old.kind then 'kind' end,
    case when new.condition is distinct from old.condition then 'condition' end,
    case when new.timezone is distinct from old.timezone then 'timezone' end,
    case when new.tags <> old.tags then 'tags' end], null);
  if cardinality(changed) > 0 then
    perform segmentd_internal.note_action('segment-edit', new.key, null, jsonb_build_object('version', new.version, 'changed', changed));
  end if;
  if new.wanted_state <> old.wanted_state then
    perform segmentd_internal.note_action(
      case
        when new.wanted_state = 'deleted' then 'segment-delete'
        when old.wanted_state = 'deleted' then 'segment-restore'
        when new.wanted_state = 'paused' then 'segment-pause'
        when new.wanted_state = 'archived' then 'segment-archive'
        else 'segment-resume'
      end, new.key, null, null);
  end if;
  if new.confirmed_version > coalesce(old.confirmed_version, 0) then
    perform segmentd_internal.note_action('segment-confirm', new.key, null, jsonb_build_object('version', new.confirmed_version));
  end if;
  return null;
end
$$;
comment on function segmentd_internal.segment_noted() is 'Notes in the action log what a person did to a segment.';

create or replace trigger segment_noted after insert or update on segmentd.segment
  for each row execute function segmentd_internal.segment_noted();

create or replace function segmentd_internal.override_noted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- Of more contacts of one segment in one statement only the number is noted.
  most constant integer := 100;
  what constant text := case tg_op when 'DELETE' then 'override-remove' else 'override' end;
  one record;
begin
  if segmentd_internal.is_worker() then
    return null;
  end if;
  for one in
    select w.segment_id, w.kind, w.contacts, s.key
    from (select t.segment_id, t.kind, count(*) as contacts from written t group by t.segment_id, t.kind) w
    join segmentd.segment s on s.id = w.segment_id
    order by s.key, w.kind
  loop
    if one.contacts > most then
      perform segmentd_internal.note_action(what, one.key, null, jsonb_build_object('kind', one.kind, 'contacts', one.contacts));
    else
      perform segmentd_internal.note_action(what, one.key, t.contact_id, jsonb_build_object('kind', one.kind))
      from written t where t.segment_id = one.segment_id and t.kind = one.kind order by t.contact_id;
    end if;
  end loop;
  return null;
end
$$;
comment on function segmentd_internal.override_noted() is 'Notes in the action log which overrides a person wrote or removed.';

create or replace trigger override_noted_insert after insert on segmentd.override
  referencing new table as written for each statement execute function segmentd_internal.override_noted();
create or replace trigger override_noted_update after update on segmentd.override
  referencing new table as written for each statement execute function segmentd_internal.override_noted();
create or replace trigger override_noted_delete after delete on segmentd.override
  referencing old table as written for each statement execute function segmentd_internal.override_noted();

create or replace function segmentd_internal.schedule_noted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  one segmentd_internal.schedule;
begin
  if tg_op = 'DELETE' then one := old; else one := new; end if;
  if not segmentd_internal.is_worker() then
    perform segmentd_internal.note_action(
      case tg_op when 'DELETE' then 'schedule-remove' when 'UPDATE' then 'schedule-edit' else 'schedule-add' end,
      (select s.key from segmentd.segment s where s.id = one.segment_id), null,
      jsonb_strip_nulls(jsonb_build_object('schedule', one.id, 'cron', one.cron, 'format', one.format, 'columns', one.columns, 'delta', one.delta,
        'paused', nullif(one.next_at = 'infinity', false))));
  end if;
  return null;
end
$$;
comment on function segmentd_internal.schedule_noted() is 'Notes in the action log which schedules a person added, changed or removed.';

-- A worker moves a schedule on by other columns.
create or replace trigger schedule_noted after insert or delete or update of cron, columns, delta on segmentd_internal.schedule
  for each row execute function segmentd_internal.schedule_noted();

create or replace function segmentd_internal.export_noted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform segmentd_internal.note_action(
    'export', (select s.key from segmentd.segment s where s.id = new.segment_id), null,
    jsonb_strip_nulls(jsonb_build_object('run', new.id, 'schedule', new.schedule_id)));
  return null;
end
$$;
comment on function segmentd_internal.export_noted() is 'Notes in the action log which exports a person asked for.';

-- A run with an instant of its schedule is the worker's.
create or replace trigger export_noted after insert on segmentd_internal.export_run
  for each row when (new.due_at is null) execute function segmentd_internal.export_noted();

create or replace function segmentd_internal.token_noted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  one segmentd_internal.api_token;
begin
  if tg_op = 'DELETE' then one := old; else one := new; end if;
  perform segmentd_internal.note_action(
    case tg_op when 'DELETE' then 'token-remove' else 'token-add' end, null, null, jsonb_build_object('token', one.name, 'role', one.role));
  return null;
end
$$;
comment on function segmentd_internal.token_noted() is 'Notes in the action log which tokens were added or removed.';

create or replace trigger token_noted after insert or delete on segmentd_internal.api_token
  for each row execute function segmentd_internal.token_noted();

-- Deletes at most 10,000 entries that are older than so many days, and returns how many.
create or replace function segmentd_internal.prune_actions(keep_days integer) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  pruned integer;
begin
  delete from segmentd_internal.action_log l
  where l.id = any (array(
    select o.id from segmentd_internal.action_log o
    where o.at < segmentd.instant() - make_interval(days => keep_days) order by o.at limit 10000));
  get diagnostics pruned = row_count;
  return pruned;
end
$$;
comment on function segmentd_internal.prune_actions(integer) is 'Prunes entries of the action log that are older than the given number of days.';
